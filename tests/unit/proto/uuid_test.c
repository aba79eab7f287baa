/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/uuid_test.c - reading, printing and making ids. */
#include "proto/uuid.h"

#include "tests/unit/check.h"

static const struct {
	const char *text;
	bool valid;
} cases[] = {
	{ "01890a5d-ac96-774b-bcce-b302099a8057", true },
	{ "01890A5D-AC96-774B-BCCE-B302099A8057", true },
	{ "00000000-0000-0000-0000-000000000000", true },
	{ "ffffffff-ffff-ffff-ffff-ffffffffffff", true },
	{ "", false },
	{ "01890a5dac96774bbcceb302099a8057", false },
	{ "01890a5d-ac96-774b-bcce-b302099a805", false },
	{ "01890a5d-ac96-774b-bcce-b302099a80577", false },
	{ "01890a5d-ac96-774b-bcce-b302099a805g", false },
	{ "01890a5d-ac96-774b-bcceb-302099a8057", false },
	{ "01890a5d+ac96-774b-bcce-b302099a8057", false },
	{ "{1890a5d-ac96-774b-bcce-b302099a805}", false },
	{ "0x890a5d-ac96-774b-bcce-b302099a8057", false },
	{ " 1890a5d-ac96-774b-bcce-b302099a8057", false },
};

static void
only_the_canonical_form_is_read(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct uuid id = { { 42 } };
		char text[UUID_TEXT_BYTES];
		bool valid = uuid_parse(&id, slice_of(cases[i].text));

		CHECK_INT(valid, cases[i].valid);
		if (valid)
			CHECK(slice_is_nocase(slice_of(cases[i].text),
					      uuid_format(&id, text)));
		else
			CHECK_INT(id.bytes[0], 42);
	}
}

static void
printed_in_lower_case(void)
{
	struct uuid id;
	char text[UUID_TEXT_BYTES];

	CHECK(
	    uuid_parse(&id, slice_of("01890A5D-AC96-774B-BCCE-B302099A8057")));
	CHECK_STR(uuid_format(&id, text),
		  "01890a5d-ac96-774b-bcce-b302099a8057");
}

static void
version_4_has_its_marks(void)
{
	struct uuid id, before = { { 0 } };

	for (int i = 0; i < 1000; i++) {
		uuid_make_v4(&id);
		CHECK_INT(id.bytes[6] >> 4, 4);
		CHECK_INT(id.bytes[8] >> 6, 2);
		CHECK(!uuid_equal(&id, &before));
		CHECK(!uuid_is_nil(&id));
		before = id;
	}
}

static void
version_7_sorts_by_time(void)
{
	struct uuid before, id;

	uuid_make_v7(&before, 0x017f22e279b0);
	CHECK(memcmp(before.bytes, "\x01\x7f\x22\xe2\x79\xb0", 6) == 0);
	CHECK_INT(before.bytes[6] >> 4, 7);
	CHECK_INT(before.bytes[8] >> 6, 2);
	for (uint64_t ms = 0x017f22e279b1; ms < 0x017f22e279b1 + 1000; ms++) {
		uuid_make_v7(&id, ms);
		CHECK(uuid_compare(&before, &id) < 0);
		CHECK(uuid_compare(&id, &before) > 0);
		before = id;
	}
	CHECK_INT(uuid_compare(&id, &before), 0);
}

static void
nil_is_nil(void)
{
	struct uuid id = { { 0 } };

	CHECK(uuid_is_nil(&id));
	id.bytes[15] = 1;
	CHECK(!uuid_is_nil(&id));
}

static void
random_bytes_reach_every_place(void)
{
	uint8_t bytes[300], seen[300] = { 0 };

	/* A place that stays 0 in 20 draws is no chance (256^-20). */
	for (int round = 0; round < 20; round++) {
		random_bytes(bytes, sizeof bytes);
		for (size_t i = 0; i < sizeof bytes; i++)
			seen[i] |= bytes[i];
	}
	for (size_t i = 0; i < sizeof seen; i++)
		CHECK(seen[i] != 0);
}

int
main(void)
{
	RUN(only_the_canonical_form_is_read);
	RUN(printed_in_lower_case);
	RUN(version_4_has_its_marks);
	RUN(version_7_sorts_by_time);
	RUN(nil_is_nil);
	RUN(random_bytes_reach_every_place);
	return check_done();
}
