/* SPDX-License-Identifier: MIT */
/* tests/unit/parley/pane_test.c - are rows broken where they should be, and
 * does what is in sight stay there?
 */
#include "tools/parley/pane.h"

#include "tests/unit/check.h"

#include <locale.h>
#include <stdlib.h>

#define HEIGHT_MAX 50

static void
rows_are_broken_at_blanks(void)
{
	static const struct {
		const char *text;
		size_t width;
		const char *rows;
	} cases[] = {
		{ "", 10, "[]" },
		{ "short", 10, "[short]" },
		{ "exactly 10", 10, "[exactly 10]" },
		{ "one two three", 8, "[one two ][three]" },
		{ "one two three", 7, "[one two][three]" },
		{ "one two three", 6, "[one ][two ][three]" },
		{ "abcdefghij", 4, "[abcd][efgh][ij]" },
		{ "a\nb\n\nc", 10, "[a][b][][c]" },
		{ "a\n", 10, "[a]" },
		/* Two columns each. */
		{ "\344\270\255\346\226\207\345\255\227", 5,
		  "[\344\270\255\346\226\207][\345\255\227]" },
		/* An accent goes with its letter. */
		{ "abcde\314\201f", 5, "[abcde\314\201][f]" },
		{ "\344\270\255", 1, "[\344\270\255]" },
	};
	char rows[256];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct slice text = slice_of(cases[i].text);
		size_t used, n = 0;

		do {
			size_t shown = pane_break(text, cases[i].width, &used);

			n += (size_t)snprintf(rows + n, sizeof rows - n,
					      "[%.*s]", (int)shown, text.at);
			text.at += used;
			text.n -= used;
		} while (text.n > 0);
		CHECK_STR(rows, cases[i].rows);
	}
}

static json_t *
make(uint64_t seq, const char *text)
{
	char id[40];

	snprintf(id, sizeof id, "id-%" PRIu64, seq);
	return json_pack(
	    "{s:s, s:I, s:s, s:s, s:s, s:s}", "id", id, "seq", (json_int_t)seq,
	    "creator_id", seq % 2 ? "odd" : "even", "creator_name", "ann",
	    "content", text, "created_at", "2026-01-02T03:04:05.000Z");
}

static void
add(struct pane *pane, uint64_t seq, const char *text)
{
	json_t *message = make(seq, text);

	CHECK_INT(pane_add(pane, message), 0);
	json_decref(message);
}

static void
fill(struct pane *pane, uint64_t from, uint64_t to)
{
	char text[40];

	for (uint64_t seq = from; seq <= to; seq++) {
		snprintf(text, sizeof text, "m%" PRIu64, seq);
		add(pane, seq, text);
	}
}

/* The texts of the rows in sight, the day as `-`. */
static const char *
sight(const struct pane *pane, size_t width, size_t height)
{
	static char text[1024];
	struct pane_row rows[HEIGHT_MAX];
	size_t n = pane_rows(pane, width, height, rows), at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(
		    text + at, sizeof text - at, "%s%.*s", i > 0 ? " " : "",
		    rows[i].kind == PANE_DAY ? 1 : (int)rows[i].text.n,
		    rows[i].kind == PANE_DAY ? "-" : rows[i].text.at);
	return text;
}

static void
newest_are_in_sight(void)
{
	struct pane pane = { 0 };

	CHECK_STR(sight(&pane, 80, 3), "");
	fill(&pane, 1, 2);
	CHECK_STR(sight(&pane, 80, 5), "- m1 m2");
	fill(&pane, 3, 9);
	CHECK_STR(sight(&pane, 80, 3), "m7 m8 m9");
	pane_clear(&pane);
}

static void
order_is_that_of_the_room(void)
{
	struct pane pane = { 0 };

	fill(&pane, 5, 6);
	fill(&pane, 2, 3);
	add(&pane, 4, "m4");
	add(&pane, 3, "m3");
	CHECK_STR(sight(&pane, 80, 9), "- m2 m3 m4 m5 m6");
	CHECK(!pane.messages[1]->is_edited);
	add(&pane, 3, "other");
	CHECK_STR(sight(&pane, 80, 9), "- m2 other m4 m5 m6");
	CHECK(pane.messages[1]->is_edited);
	pane_take_back(&pane, "id-4");
	CHECK_STR(sight(&pane, 80, 9), "- m2 other  m5 m6");
	CHECK(pane.messages[2]->is_gone);
	CHECK_STR(pane_last_of(&pane, "even")->id, "id-6");
	CHECK(pane_last_of(&pane, "nobody") == NULL);
	pane_clear(&pane);
}

static void
what_is_in_sight_stays(void)
{
	struct pane pane = { 0 };

	fill(&pane, 10, 20);
	CHECK(!pane_scroll(&pane, 80, 3, 4));
	CHECK_STR(sight(&pane, 80, 3), "m14 m15 m16");
	CHECK_INT(pane_count_below(&pane), 4);
	fill(&pane, 21, 30);
	CHECK_STR(sight(&pane, 80, 3), "m14 m15 m16");
	CHECK_INT(pane_count_below(&pane), 14);
	CHECK(pane_scroll(&pane, 80, 3, 100));
	CHECK_STR(sight(&pane, 80, 3), "- m10 m11");
	fill(&pane, 1, 9);
	CHECK_STR(sight(&pane, 80, 3), "m9 m10 m11");
	CHECK(!pane_scroll(&pane, 80, 3, 1));
	CHECK_STR(sight(&pane, 80, 3), "m8 m9 m10");
	pane_to_start(&pane, 80, 3);
	CHECK_STR(sight(&pane, 80, 3), "- m1 m2");
	(void)pane_scroll(&pane, 80, 3, -1);
	CHECK_STR(sight(&pane, 80, 3), "m1 m2 m3");
	(void)pane_scroll(&pane, 80, 3, -100);
	CHECK_STR(sight(&pane, 80, 3), "m28 m29 m30");
	CHECK_INT(pane.bottom, 0);
	pane_clear(&pane);
}

static void
long_messages_scroll_row_by_row(void)
{
	struct pane pane = { 0 };

	fill(&pane, 1, 3);
	add(&pane, 4, "aaaa bbbb cccc dddd");
	CHECK_STR(sight(&pane, 12, 3), "bbbb  cccc  dddd");
	(void)pane_scroll(&pane, 12, 3, 1);
	CHECK_STR(sight(&pane, 12, 3), "aaaa  bbbb  cccc ");
	(void)pane_scroll(&pane, 12, 3, 2);
	CHECK_STR(sight(&pane, 12, 3), "m2 m3 aaaa ");
	/* The same place on another screen. */
	CHECK_STR(sight(&pane, 80, 4), "- m1 m2 m3");
	pane_clear(&pane);
}

static void
history_tells_what_is_gone(void)
{
	struct pane pane = { 0 };
	json_t *page = json_array();

	fill(&pane, 1, 6);
	json_array_append_new(page, make(2, "m2"));
	json_array_append_new(page, make(4, "changed"));
	json_array_append_new(page, make(5, "m5"));
	CHECK_INT(pane_merge(&pane, page), 0);
	CHECK_STR(sight(&pane, 80, 9), "- m1 m2  changed m5 m6");
	CHECK(pane.messages[2]->is_gone);
	CHECK(pane.messages[3]->is_edited && !pane.messages[3]->is_gone);
	CHECK(!pane.messages[1]->is_edited && !pane.messages[1]->is_gone);
	json_decref(page);
	pane_clear(&pane);
}

static void
memory_is_bounded(void)
{
	struct pane pane = { 0 };

	fill(&pane, 1, PANE_MAX + 1);
	CHECK(pane.count <= PANE_MAX);
	CHECK(pane.has_older);
	CHECK_INT(pane_last_seq(&pane), PANE_MAX + 1);
	pane_clear(&pane);
}

static void
nothing_that_a_terminal_obeys_is_kept(void)
{
	struct pane pane = { 0 };

	add(&pane, 1, "a\033[2J\302\233b\tc\342\200\256d");
	CHECK_STR(pane.messages[0]->text, "a[2Jb cd");
	add(&pane, 2, "\342\235\244\357\270\217"); /* a heart, in colour */
	CHECK_STR(pane.messages[1]->text, "\342\235\244");
	pane_clear(&pane);
}

static void
an_empty_pane_is_cleared_like_any_other(void)
{
	struct pane pane = { 0 };

	pane_clear(&pane);
	CHECK_INT(pane.count, 0);
	add(&pane, 1, "first");
	CHECK_INT(pane_last_seq(&pane), 1);
	pane_clear(&pane);
	pane_clear(&pane);
	CHECK_INT(pane.count, 0);
}

int
main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	RUN(rows_are_broken_at_blanks);
	RUN(newest_are_in_sight);
	RUN(order_is_that_of_the_room);
	RUN(what_is_in_sight_stays);
	RUN(long_messages_scroll_row_by_row);
	RUN(history_tells_what_is_gone);
	RUN(memory_is_bounded);
	RUN(nothing_that_a_terminal_obeys_is_kept);
	RUN(an_empty_pane_is_cleared_like_any_other);
	return check_done();
}
