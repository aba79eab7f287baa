/* SPDX-License-Identifier: MIT */
/* tests/unit/parley-bench/processes_test.c - which processes are watched, and
 * what they cost with their children.
 */
#include "tests/unit/check.h"
#include "tools/parley-bench/processes.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void
lists_are_read_word_by_word(void)
{
	struct processes processes = { 0 };

	CHECK(processes_parse(&processes, " nginx=12  worker-1=345") == NULL);
	CHECK_INT(processes.n, 2);
	CHECK_STR(processes.watched[0].name, "nginx");
	CHECK_INT(processes.watched[1].pid, 345);
}

static void
what_is_no_list_is_refused(void)
{
	static const char *const wrong[] = { "nginx",
					     "nginx=",
					     "=12",
					     "a=b",
					     "a=0",
					     "a=-1",
					     "a=1 b",
					     "a=99999999999",
					     "a-name-of-more-than-31-bytes-is-"
					     "no-name=1" };

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct processes processes = { 0 };

		CHECK(processes_parse(&processes, wrong[i]) != NULL);
	}
}

/* Uses some CPU and memory, says so, and waits for its end. */
static void
be_a_child(int ready)
{
	volatile uint64_t work = 0;
	volatile char *memory = malloc(8 << 20);

	for (size_t i = 0; i < (size_t)8 << 20; i += 4096)
		memory[i] = 1;
	for (uint64_t i = 0; i < 300000000; i++)
		work += i;
	if (write(ready, "!", 1) == 1)
		pause();
	_exit(0);
}

static void
children_count_as_well(void)
{
	struct processes processes = { 0 };
	struct costs before, after;
	char name[40], byte;
	int ready[2];
	pid_t child;

	snprintf(name, sizeof name, "us=%d", (int)getpid());
	CHECK(processes_parse(&processes, name) == NULL);
	processes_measure(&processes, &before);
	CHECK_INT(pipe(ready), 0);
	fflush(stdout);
	if ((child = fork()) == 0)
		be_a_child(ready[1]);
	CHECK_INT(read(ready[0], &byte, 1), 1);
	processes_measure(&processes, &after);
	CHECK(after.of[0].cpu_us > before.of[0].cpu_us);
	CHECK(after.pss_bytes >= before.pss_bytes + (8 << 20));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	processes_measure(&processes, &after);
	CHECK(after.pss_bytes < before.pss_bytes + (8 << 20));
}

int
main(void)
{
	RUN(lists_are_read_word_by_word);
	RUN(what_is_no_list_is_refused);
	RUN(children_count_as_well);
	return check_done();
}
