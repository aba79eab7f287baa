/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/disk_test.c - which disks have room: that of the tests has,
 * and /proc, ever, has none. */
#include "proto/disk.h"

#include "tests/unit/check.h"

static const struct {
	const char *path;
	int verdict;
} cases[] = {
	{ "./chat.db", -1 },
	{ "/proc/chat.db", DISK_FULL },
	{ "/no/such/folder/chat.db", -1 },
};

static void
full_disk_is_told_from_a_broken_one(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK_INT(disk_judge(cases[i].path), cases[i].verdict);
}

int
main(void)
{
	RUN(full_disk_is_told_from_a_broken_one);
	return check_done();
}
