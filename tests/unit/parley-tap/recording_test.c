/* SPDX-License-Identifier: MIT */
/* tests/unit/parley-tap/recording_test.c - a recording is read as it was
 * written, up to where it was cut off or damaged.
 */
#include "tools/parley-tap/recording.h"

#include "tests/unit/check.h"

static const struct heard said = {
	.at_us = 1700000000123456,
	.clock_us = 987654321,
	.number = 42,
	.daemon = { "gateway.2", 9 },
	.subject = { "in.router.posted", 16 },
	.packed = { "\x81\xa5"
		    "frame",
		    7 },
};

/* What recording_append() makes of `said`; for buffer_fini(). */
static struct buffer
written(void)
{
	struct buffer bytes = { 0 };

	CHECK_INT(recording_append(&bytes, &said), 0);
	return bytes;
}

static void
a_frame_is_read_as_it_was_written(void)
{
	struct buffer bytes = written();
	struct heard heard;
	size_t used = 0;

	CHECK_INT(recording_append(&bytes, &said), 0);
	CHECK_INT(recording_next(bytes.bytes, bytes.n, &used, &heard),
		  RECORDING_FINE);
	CHECK_INT(used, bytes.n / 2);
	CHECK_INT(heard.at_us, said.at_us);
	CHECK_INT(heard.clock_us, said.clock_us);
	CHECK_INT(heard.number, said.number);
	CHECK(slice_equal(heard.daemon, said.daemon));
	CHECK(slice_equal(heard.subject, said.subject));
	CHECK(slice_equal(heard.packed, said.packed));
	CHECK(!heard_is_loss(&heard));
	buffer_fini(&bytes);
}

static void
wherever_it_is_cut_off_there_is_more_to_come(void)
{
	struct buffer bytes = written();
	struct heard heard;
	size_t used;

	for (size_t n = 0; n < bytes.n; n++)
		CHECK_INT(recording_next(bytes.bytes, n, &used, &heard),
			  RECORDING_MORE);
	buffer_fini(&bytes);
}

static void
no_byte_can_be_another_one_unnoticed(void)
{
	struct buffer bytes = written();
	struct heard heard;
	size_t used;

	for (size_t i = 0; i < bytes.n; i++)
		for (unsigned bit = 1; bit < 256; bit <<= 1) {
			bytes.bytes[i] ^= (uint8_t)bit;
			CHECK(recording_next(bytes.bytes, bytes.n, &used,
					     &heard) != RECORDING_FINE);
			bytes.bytes[i] ^= (uint8_t)bit;
		}
	buffer_fini(&bytes);
}

static void
what_claims_more_than_there_can_be_is_damaged(void)
{
	/* Of a frame that says it has 2 MiB, 1 MiB and some are there. */
	static uint8_t bytes[RECORDING_FRAME_MAX] = { 0x97, 1,   1, 0xa1, 's',
						      0xa1, 'x', 1, 0xc6, 0,
						      0x20, 0,   0 };
	struct heard heard;
	size_t used;

	CHECK_INT(recording_next(bytes, 1000, &used, &heard), RECORDING_MORE);
	CHECK_INT(recording_next(bytes, sizeof bytes, &used, &heard),
		  RECORDING_DAMAGED);
}

static void
the_head_tells_what_it_is(void)
{
	static const struct {
		const char *bytes;
		enum recording_verdict verdict;
	} cases[] = {
		{ RECORDING_HEAD, RECORDING_FINE },
		{ RECORDING_HEAD "more", RECORDING_FINE },
		{ "", RECORDING_MORE },
		{ "parley rec", RECORDING_MORE },
		{ "parley recording 1", RECORDING_MORE },
		{ "parley recording 2\n", RECORDING_LATER },
		{ "parley recording 12\n", RECORDING_LATER },
		{ "{\"ts\":\"2026\"}\n", RECORDING_DAMAGED },
		{ "Parley recording 1\n", RECORDING_DAMAGED },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t used = 0;
		enum recording_verdict got =
		    recording_head((const uint8_t *)cases[i].bytes,
				   strlen(cases[i].bytes), &used);

		CHECK_INT(got, cases[i].verdict);
		if (got == RECORDING_FINE)
			CHECK_INT(used, strlen(RECORDING_HEAD));
	}
}

static void
a_loss_is_told_as_one(void)
{
	struct heard loss = said, heard;
	struct buffer bytes = { 0 };
	size_t used;

	loss.subject = slice_of(LOST_SUBJECT);
	loss.packed = (struct slice){ "", 0 };
	CHECK_INT(recording_append(&bytes, &loss), 0);
	CHECK_INT(recording_next(bytes.bytes, bytes.n, &used, &heard),
		  RECORDING_FINE);
	CHECK(heard_is_loss(&heard));
	CHECK_INT(heard.number, 42);
	buffer_fini(&bytes);
}

int
main(void)
{
	RUN(a_frame_is_read_as_it_was_written);
	RUN(wherever_it_is_cut_off_there_is_more_to_come);
	RUN(no_byte_can_be_another_one_unnoticed);
	RUN(what_claims_more_than_there_can_be_is_damaged);
	RUN(the_head_tells_what_it_is);
	RUN(a_loss_is_told_as_one);
	return check_done();
}
