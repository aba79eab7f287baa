/* SPDX-License-Identifier: MIT */
/* tests/unit/client/text_test.c - does nothing that a terminal obeys get
 * through?
 */
#include "tools/client/text.h"

#include "tests/unit/check.h"

#include <jansson.h>
#include <locale.h>
#include <stdlib.h>

static void
check_safe(const char *text, const char *kept, const char *want)
{
	struct buffer out = { 0 };

	CHECK_INT(text_append_safe(&out, slice_of(text), kept), 0);
	CHECK_INT(buffer_append(&out, "", 1), 0);
	CHECK_STR((char *)out.bytes, want);
	buffer_fini(&out);
}

static void
escape_sequences_lose_their_teeth(void)
{
	check_safe("\033[2J\033]0;title\007hi", "", "[2J]0;titlehi");
	check_safe("a\177b\bc\rd", "", "abcd");
	check_safe("\302\2332Jx", "", "2Jx");                 /* C1: CSI */
	check_safe("\342\200\256abc\342\201\246", "", "abc"); /* overrides */
	check_safe("a\342\200\250b", "\n", "ab");
	check_safe("a\tb\nc", "\t", "a\tbc");
	check_safe("a\tb\nc", "\t\n", "a\tb\nc");
}

static void
what_is_no_utf8_is_shown_as_such(void)
{
	check_safe("a\377b", "", "a\357\277\275b");
	check_safe("\303", "", "\357\277\275");
	check_safe("gr\303\274n \360\237\214\262", "",
		   "gr\303\274n \360\237\214\262");
}

static void
json_says_the_same_without_controls(void)
{
	const char *said =
	    "\177\302\233\342\200\256\n\"\303\274\360\237\214\262";
	json_t *object = json_pack("{s:s}", "a", said), *again;
	char *text = json_dumps(object, JSON_COMPACT);
	struct buffer out = { 0 };

	CHECK_INT(text_append_json(&out, slice_of(text)), 0);
	for (size_t i = 0; i < out.n; i++)
		CHECK(out.bytes[i] >= 0x20 && out.bytes[i] != 0x7f);
	CHECK(memmem(out.bytes, out.n, "\\u009b", 6) != NULL);
	again = json_loadb((char *)out.bytes, out.n, 0, NULL);
	CHECK_STR(json_string_value(json_object_get(again, "a")), said);
	json_decref(again);
	json_decref(object);
	free(text);
	buffer_fini(&out);
}

static void
what_is_sent_is_utf8_without_nul(void)
{
	struct buffer out = { 0 };

	CHECK_INT(text_append_sendable(&out, (struct slice){ "a\0b\377", 4 }),
		  0);
	CHECK_INT(buffer_append(&out, "", 1), 0);
	CHECK_STR((char *)out.bytes, "a\357\277\275b\357\277\275");
	buffer_fini(&out);
}

static void
columns_are_those_of_terminals(void)
{
	CHECK_INT(text_columns('a'), 1);
	CHECK_INT(text_columns(0xfc), 1);
	CHECK_INT(text_columns(0x4e2d), 2);  /* 中 */
	CHECK_INT(text_columns(0x1f332), 2); /* evergreen tree */
	CHECK_INT(text_columns(0x301), 0);   /* combining acute */
}

int
main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	RUN(escape_sequences_lose_their_teeth);
	RUN(what_is_no_utf8_is_shown_as_such);
	RUN(json_says_the_same_without_controls);
	RUN(what_is_sent_is_utf8_without_nul);
	RUN(columns_are_those_of_terminals);
	return check_done();
}
