/* SPDX-License-Identifier: MIT */
/* tests/fuzz/parley-tap/recording_fuzz.c - any bytes as a recording: what is
 * read is written the same way again, and can be filtered, followed and shown.
 */
#include "tools/parley-tap/filter.h"
#include "tools/parley-tap/hops.h"
#include "tools/parley-tap/lines.h"
#include "tools/parley-tap/recording.h"
#include "tools/parley-tap/way_table.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const struct style styles[] = { { .json = true },
				       { .colour = true, .columns = 80 },
				       { 0 } };

/* Numbers may have been written longer than they must. */
static void
check_again(const struct heard *heard)
{
	struct buffer bytes = { 0 };
	struct heard again;
	size_t used;

	if (recording_append(&bytes, heard) != 0)
		return;
	if (recording_next(bytes.bytes, bytes.n, &used, &again) !=
		RECORDING_FINE ||
	    used != bytes.n || again.clock_us != heard->clock_us ||
	    !slice_equal(again.packed, heard->packed))
		abort();
	buffer_fini(&bytes);
}

static void
show(struct hops *hops, struct heard *heard, struct arena *arena)
{
	static struct filter filter;
	struct buffer text = { 0 };
	struct way *way;

	if (!heard_read(heard, arena))
		return;
	memset(filter.room.bytes, 0x11, sizeof filter.room.bytes);
	(void)filter_takes(&filter, heard);
	for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
		(void)line_append(&text, &styles[i], heard);
	if ((way = hops_take(hops, heard)) != NULL) {
		way_settle(way);
		for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
			(void)way_table_append(&text, &styles[i], way, NULL, 0);
	}
	buffer_fini(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena arena = { 0 };
	struct hops hops = { 0 };
	struct heard heard;
	size_t used = 0;

	if (recording_head(bytes, n, &used) != RECORDING_FINE)
		return 0;
	bytes += used;
	n -= used;
	while (recording_next(bytes, n, &used, &heard) == RECORDING_FINE) {
		if (used > n)
			abort();
		check_again(&heard);
		show(&hops, &heard, &arena);
		arena_reset(&arena);
		bytes += used;
		n -= used;
	}
	hops_fini(&hops);
	arena_fini(&arena);
	return 0;
}
