/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/json_write_test.c - is what comes out the JSON that was
 * meant, byte by byte?
 */
#include "gateway/json_write.h"

#include "tests/unit/check.h"

static void
check_written(struct json_writer *w, const char *wanted)
{
	CHECK(!w->failed);
	CHECK(buffer_append(&w->buffer, "", 1) == 0);
	CHECK_STR((const char *)w->buffer.bytes, wanted);
	json_fini(w);
}

static void
commas_stand_between_members_and_elements(void)
{
	struct json_writer w = { 0 };

	json_open(&w, NULL, '{');
	json_number(&w, "a", 1);
	json_open(&w, "list", '[');
	json_number(&w, NULL, 2);
	json_nil(&w, NULL);
	json_open(&w, NULL, '{');
	json_close(&w, '}');
	json_open(&w, NULL, '[');
	json_close(&w, ']');
	json_close(&w, ']');
	json_bool(&w, "b", true);
	json_bool(&w, "c", false);
	json_raw(&w, "d", slice_of("{\"x\":[]}"));
	json_close(&w, '}');
	check_written(&w, "{\"a\":1,\"list\":[2,null,{},[]],\"b\":true,"
			  "\"c\":false,\"d\":{\"x\":[]}}");
}

static void
a_value_may_stand_alone(void)
{
	struct json_writer w = { 0 };

	json_text(&w, NULL, slice_of("x"));
	check_written(&w, "\"x\"");
}

struct text_case {
	struct slice text;
	const char *wanted;
};

static void
text_is_escaped_where_it_must_be(void)
{
	/* clang-format off */
	static const struct text_case cases[] = {
		{ { "", 0 },                "\"\"" },
		{ { "a/b'c", 5 },           "\"a/b'c\"" },
		{ { "\"", 1 },              "\"\\\"\"" },
		{ { "a\"b\\c", 5 },         "\"a\\\"b\\\\c\"" },
		{ { "\b\t\n\f\r", 5 },      "\"\\b\\t\\n\\f\\r\"" },
		{ { "\v", 1 },              "\"\\u000b\"" },
		{ { "\0x", 2 },             "\"\\u0000x\"" },
		{ { "\x1f\x7f", 2 },        "\"\\u001f\x7f\"" },
		{ { "\xc3\xa9\xf0\x9f\x98\x80", 6 },
			"\"\xc3\xa9\xf0\x9f\x98\x80\"" },
		{ { "ends in [", 9 },       "\"ends in [\"" },
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct json_writer w = { 0 };

		json_text(&w, NULL, cases[i].text);
		check_written(&w, cases[i].wanted);
	}
}

/* A bracket inside a text opens nothing. */
static void
a_bracket_in_a_text_saves_no_comma(void)
{
	struct json_writer w = { 0 };

	json_open(&w, NULL, '[');
	json_text(&w, NULL, slice_of("{"));
	json_text(&w, NULL, slice_of("["));
	json_close(&w, ']');
	check_written(&w, "[\"{\",\"[\"]");
}

static void
numbers_keep_all_their_digits(void)
{
	struct json_writer w = { 0 };

	json_open(&w, NULL, '[');
	json_number(&w, NULL, 0);
	json_number(&w, NULL, UINT64_MAX);
	json_close(&w, ']');
	check_written(&w, "[0,18446744073709551615]");
}

static void
ids_are_lower_case(void)
{
	struct json_writer w = { 0 };
	struct uuid id;

	CHECK(
	    uuid_parse(&id, slice_of("0189ABCD-EF01-7234-8567-89ABCDEF0123")));
	json_uuid(&w, NULL, &id);
	check_written(&w, "\"0189abcd-ef01-7234-8567-89abcdef0123\"");
}

static void
times_are_utc_with_milliseconds(void)
{
	struct json_writer w = { 0 };

	json_open(&w, NULL, '[');
	json_time(&w, NULL, 0);
	json_time(&w, NULL, UINT64_C(1709164799007)); /* of a leap year */
	json_time(&w, NULL, UINT64_MAX);
	json_close(&w, ']');
	check_written(&w, "[\"1970-01-01T00:00:00.000Z\","
			  "\"2024-02-28T23:59:59.007Z\","
			  "\"9999-12-31T23:59:59.999Z\"]");
}

int
main(void)
{
	RUN(commas_stand_between_members_and_elements);
	RUN(a_value_may_stand_alone);
	RUN(text_is_escaped_where_it_must_be);
	RUN(a_bracket_in_a_text_saves_no_comma);
	RUN(numbers_keep_all_their_digits);
	RUN(ids_are_lower_case);
	RUN(times_are_utc_with_milliseconds);
	return check_done();
}
