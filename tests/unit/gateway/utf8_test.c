/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/utf8_test.c - is a text judged rightly, wherever cut?
 *
 * Each case is fed at once, byte by byte and in every two pieces.
 */
#include "proto/utf8.h"

#include "tests/unit/check.h"

enum verdict { VALID, UNFINISHED, WRONG };

struct text_case {
	const char *name;
	const char *bytes;
	enum verdict verdict;
};

/* clang-format off */
static const struct text_case cases[] = {
	{ "empty", "", VALID },
	{ "ASCII", "Hello-World", VALID },
	{ "ASCII of several words", "0123456789abcdef0123456789abcdef0", VALID },
	{ "accents behind ASCII", "01234567\xc3\xa9", VALID },
	{ "Greek", "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5", VALID },
	{ "first of two bytes", "\xc2\x80", VALID },
	{ "last of two bytes", "\xdf\xbf", VALID },
	{ "first of three bytes", "\xe0\xa0\x80", VALID },
	{ "before the surrogates", "\xed\x9f\xbf", VALID },
	{ "behind the surrogates", "\xee\x80\x80", VALID },
	{ "U+FFFE is a character", "\xef\xbf\xbe", VALID },
	{ "last of three bytes", "\xef\xbf\xbf", VALID },
	{ "first of four bytes", "\xf0\x90\x80\x80", VALID },
	{ "U+10FFFF", "\xf4\x8f\xbf\xbf", VALID },
	{ "two bytes, one missing", "abcdefgh\xc3", UNFINISHED },
	{ "three bytes, two missing", "\xe1", UNFINISHED },
	{ "three bytes, one missing", "\xe1\xbd", UNFINISHED },
	{ "four bytes, one missing", "\xf0\x9f\x98", UNFINISHED },
	{ "U+110000", "\xf4\x90\x80\x80", WRONG },
	{ "F5", "\xf5", WRONG },
	{ "FE", "\xfe", WRONG },
	{ "FF", "\xff", WRONG },
	{ "lone continuation", "\x80", WRONG },
	{ "lone continuation behind ASCII", "abcdefghi\xbf", WRONG },
	{ "one continuation too many", "\xc3\xa9\xa9", WRONG },
	{ "character cut by ASCII", "\xe1\xbd" "a", WRONG },
	{ "character cut by another", "\xc3\xc3\xa9", WRONG },
	{ "overlong slash, two bytes", "\xc0\xaf", WRONG },
	{ "overlong slash, three bytes", "\xe0\x80\xaf", WRONG },
	{ "overlong slash, four bytes", "\xf0\x80\x80\xaf", WRONG },
	{ "highest overlong, two bytes", "\xc1\xbf", WRONG },
	{ "highest overlong, three bytes", "\xe0\x9f\xbf", WRONG },
	{ "highest overlong, four bytes", "\xf0\x8f\xbf\xbf", WRONG },
	{ "five bytes", "\xf8\x88\x80\x80\x80", WRONG },
	{ "first surrogate", "\xed\xa0\x80", WRONG },
	{ "last surrogate", "\xed\xbf\xbf", WRONG },
	{ "pair of surrogates", "\xed\xa0\x80\xed\xb0\x80", WRONG },
};
/* clang-format on */

static enum verdict
judge(const struct utf8 *state, bool is_good)
{
	if (!is_good)
		return WRONG;
	return utf8_is_complete(state) ? VALID : UNFINISHED;
}

static enum verdict
judge_pieces(const char *bytes, size_t n, size_t cut)
{
	struct utf8 state = { 0 };
	bool is_good = utf8_feed(&state, bytes, cut) &&
		       utf8_feed(&state, bytes + cut, n - cut);

	return judge(&state, is_good);
}

static enum verdict
judge_bytes(const char *bytes, size_t n)
{
	struct utf8 state = { 0 };
	bool is_good = true;

	for (size_t i = 0; i < n && is_good; i++)
		is_good = utf8_feed(&state, bytes + i, 1);
	return judge(&state, is_good);
}

static void
texts_are_judged_alike_however_cut(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct text_case *c = &cases[i];
		size_t n = strlen(c->bytes);
		int failed = check_failed_here;

		CHECK_INT(utf8_is_valid(c->bytes, n), c->verdict == VALID);
		CHECK_INT(judge_bytes(c->bytes, n), c->verdict);
		for (size_t cut = 0; cut <= n; cut++)
			CHECK_INT(judge_pieces(c->bytes, n, cut), c->verdict);
		if (check_failed_here != failed)
			printf("# in case: %s\n", c->name);
	}
}

static void
wrong_byte_is_seen_at_once(void)
{
	struct utf8 state = { 0 };

	CHECK(utf8_feed(&state, "\xf4", 1));
	CHECK(!utf8_feed(&state, "\x90", 1));
}

/* Every code point, so that no range is off by one. */
static void
every_code_point_is_judged(void)
{
	for (uint32_t c = 0x10000; c < 0x120000; c++) {
		char s[4] = { (char)(0xf0 | c >> 18),
			      (char)(0x80 | (c >> 12 & 63)),
			      (char)(0x80 | (c >> 6 & 63)),
			      (char)(0x80 | (c & 63)) };

		if (utf8_is_valid(s, 4) != (c <= 0x10ffff))
			CHECK_INT(c, -1);
	}
	for (uint32_t c = 0; c < 0x10000; c++) {
		char s[3] = { (char)(0xe0 | c >> 12),
			      (char)(0x80 | (c >> 6 & 63)),
			      (char)(0x80 | (c & 63)) };
		bool is_surrogate = c >= 0xd800 && c <= 0xdfff;

		if (utf8_is_valid(s, 3) != (c >= 0x800 && !is_surrogate))
			CHECK_INT(c, -1);
	}
}

static void
cut_spares_characters(void)
{
	CHECK_INT(utf8_cut("abc", 3, 5), 3);
	CHECK_INT(utf8_cut("abc", 3, 3), 3);
	CHECK_INT(utf8_cut("abc", 3, 2), 2);
	CHECK_INT(utf8_cut("a\xc3\xa9z", 4, 2), 1);
	CHECK_INT(utf8_cut("a\xc3\xa9z", 4, 3), 3);
	CHECK_INT(utf8_cut("\xf0\x9f\x98\x80", 4, 3), 0);
}

int
main(void)
{
	RUN(texts_are_judged_alike_however_cut);
	RUN(wrong_byte_is_seen_at_once);
	RUN(every_code_point_is_judged);
	RUN(cut_spares_characters);
	return check_done();
}
