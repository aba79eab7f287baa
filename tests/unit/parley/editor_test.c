/* SPDX-License-Identifier: MIT */
/* tests/unit/parley/editor_test.c - is the line what was typed?
 *
 * A case is what is done, word by word, and the line that it leaves with the
 * cursor in it as `|`.
 */
#include "tools/client/text.h"
#include "tools/parley/editor.h"

#include "tests/unit/check.h"

#include <stdlib.h>

static const struct {
	const char *name;
	enum editor_act act;
} acts[] = {
	{ "left", EDITOR_LEFT },
	{ "right", EDITOR_RIGHT },
	{ "word-left", EDITOR_WORD_LEFT },
	{ "word-right", EDITOR_WORD_RIGHT },
	{ "home", EDITOR_HOME },
	{ "end", EDITOR_END },
	{ "erase", EDITOR_ERASE },
	{ "delete", EDITOR_DELETE },
	{ "erase-word", EDITOR_ERASE_WORD },
	{ "cut-before", EDITOR_CUT_BEFORE },
	{ "cut-behind", EDITOR_CUT_BEHIND },
	{ "put-back", EDITOR_PUT_BACK },
	{ "older", EDITOR_OLDER },
	{ "newer", EDITOR_NEWER },
};

#define FAMILY "\360\237\221\251\342\200\215\360\237\221\247" /* joined */
#define ACUTE  "e\314\201"                                    /* e, accent */

/* `=TEXT` types it, `enter` takes the line; `_` stands for a blank. */
static const struct {
	const char *done, *line;
} cases[] = {
	{ "=hello", "hello|" },
	{ "=hello left left =X", "helX|lo" },
	{ "=ab left left left =X", "X|ab" },
	{ "=ab home =X end =Y", "XabY|" },
	{ "=ab erase erase erase", "|" },
	{ "=ab home delete", "|b" },
	{ "=ab delete", "ab|" },
	{ "=gr\303\274n left left erase", "g|\303\274n" },
	{ "=a" FAMILY "b left left", "a|" FAMILY "b" },
	{ "=a" FAMILY " erase", "a|" },
	{ "=" ACUTE " erase", "|" },
	{ "=" ACUTE "x home delete", "|x" },
	{ "=one_two__ erase-word", "one |" },
	{ "=one_two word-left word-left word-left", "|one two" },
	{ "=one_two home word-right =X", "oneX| two" },
	{ "=one_two erase-word home put-back", "two|one " },
	{ "=one_two word-left cut-before end put-back", "twoone |" },
	{ "=one_two home cut-behind put-back put-back", "one twoone two|" },
	{ "put-back", "|" },
	{ "=a enter =b enter older", "b|" },
	{ "=a enter =b enter older older older", "a|" },
	{ "=a enter =b enter =draft older older newer newer", "draft|" },
	{ "=a enter =b enter older older newer", "b|" },
	{ "=a enter =a enter =b enter older older", "a|" },
	{ "newer older", "|" },
	{ "=a enter older =X enter older older", "a|" },
	{ "=a\033\177b", "ab|" },
	{ "=a\tb", "a b|" },
};

static void
type(struct editor *e, const char *text, size_t n)
{
	struct slice rest = { text, n };

	while (rest.n > 0) {
		uint32_t c = text_next(&rest);

		CHECK(editor_insert(e, c == '_' ? ' ' : c));
	}
}

static void
carry_out(struct editor *e, const char *word, size_t n)
{
	if (*word == '=') {
		type(e, word + 1, n - 1);
		return;
	}
	if (n == 5 && memcmp(word, "enter", 5) == 0) {
		free(editor_take(e));
		return;
	}
	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
		if (strlen(acts[i].name) == n &&
		    memcmp(acts[i].name, word, n) == 0)
			(void)editor_do(e, acts[i].act);
}

static void
show(const struct editor *e, char *into, size_t room)
{
	struct slice text = editor_text(e);

	snprintf(into, room, "%.*s|%.*s", (int)e->at, text.n > 0 ? text.at : "",
		 (int)(text.n - e->at), text.n > 0 ? text.at + e->at : "");
}

static void
lines_are_what_was_typed(void)
{
	char line[256];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct editor e = { 0 };

		printf("# %zu\n", i);
		for (const char *at = cases[i].done; *at != '\0';) {
			size_t n = strcspn(at, " ");

			carry_out(&e, at, n);
			at += n + (at[n] == ' ');
		}
		show(&e, line, sizeof line);
		CHECK_STR(line, cases[i].line);
		editor_fini(&e);
	}
}

static void
full_line_takes_no_more(void)
{
	struct editor e = { 0 };
	size_t taken = 0;

	while (taken <= EDITOR_MAX && editor_insert(&e, 'x'))
		taken++;
	CHECK_INT(taken, EDITOR_MAX);
	CHECK(!editor_insert(&e, 0xfc));
	CHECK(editor_do(&e, EDITOR_ERASE));
	CHECK(!editor_insert(&e, 0xfc));
	CHECK(editor_insert(&e, 'y'));
	editor_fini(&e);
}

static void
history_forgets_its_oldest(void)
{
	struct editor e = { 0 };
	char *line;

	for (int i = 0; i < EDITOR_HISTORY_MAX + 10; i++) {
		CHECK(editor_insert(&e, (uint32_t)('a' + i % 26)));
		line = editor_take(&e);
		CHECK(line != NULL);
		free(line);
	}
	CHECK_INT(e.history_count, EDITOR_HISTORY_MAX);
	while (editor_do(&e, EDITOR_OLDER))
		;
	CHECK_INT(e.text.bytes[0], 'a' + 10);
	editor_fini(&e);
}

int
main(void)
{
	RUN(lines_are_what_was_typed);
	RUN(full_line_takes_no_more);
	RUN(history_forgets_its_oldest);
	return check_done();
}
