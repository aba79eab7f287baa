/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/json_fault_test.c - is what is said of bad JSON fit for a
 * text frame, whatever the JSON was?
 */
#include "gateway/json_fault.h"

#include "proto/utf8.h"
#include "tests/unit/check.h"

struct fault_case {
	const char *text;
	const char *wanted;
};

static void
the_fault_is_named_by_its_place(void)
{
	/* clang-format off */
	static const struct fault_case cases[] = {
		{ "{", "that is not JSON, at line 1, column 1" },
		{ "{\"a\": 1,\n \"a\": 2}",
		  "a member is there twice, at line 2, column 4" },
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char words[JSON_FAULT_BYTES];
		json_error_t error;

		CHECK(json_loads(cases[i].text, JSON_REJECT_DUPLICATES,
				 &error) == NULL);
		CHECK_STR(json_fault_words(&error, words), cases[i].wanted);
	}
}

/* Jansson's own words end where it stopped to read: behind the first byte. */
static void
half_a_character_is_not_quoted(void)
{
	static const char text[] = "{\"\\\xf0\x9f\x98\x86\": 1}";
	char words[JSON_FAULT_BYTES];
	json_error_t error;

	CHECK(json_loads(text, 0, &error) == NULL);
	CHECK(!utf8_is_valid(error.text, strlen(error.text)));
	json_fault_words(&error, words);
	CHECK(utf8_is_valid(words, strlen(words)));
}

int
main(void)
{
	RUN(the_fault_is_named_by_its_place);
	RUN(half_a_character_is_not_quoted);
	return check_done();
}
