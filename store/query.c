/* SPDX-License-Identifier: MIT */
/* store/query.c - see query.h. */
#include "store/query.h"

#include <ctype.h>
#include <stdbool.h>

struct part {
	struct slice text;
	bool quoted;
};

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Takes the next word or phrase off the front of *rest. A quote that nobody
 * closes reaches to the end. */
static bool
next_part(struct slice *rest, struct part *part)
{
	size_t i = 0, start;

	while (i < rest->n && is_blank(rest->at[i]))
		i++;
	if (i == rest->n)
		return false;
	part->quoted = rest->at[i] == '"';
	start = part->quoted ? ++i : i;
	while (i < rest->n && rest->at[i] != '"' &&
	       (part->quoted || !is_blank(rest->at[i])))
		i++;
	part->text = (struct slice){ rest->at + start, i - start };
	if (part->quoted && i < rest->n)
		i++;
	rest->at += i;
	rest->n -= i;
	return true;
}

/* A part without a letter or digit would match nothing, and all with it. */
static bool
has_word(struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (isalnum(c) || c >= 0x80)
			return true;
	}
	return false;
}

int
query_write(struct slice typed, struct buffer *into)
{
	bool beginning = false;
	struct part part;
	int words = 0;

	while (next_part(&typed, &part)) {
		if (!has_word(part.text))
			continue;
		if (buffer_append_text(into, words++ == 0 ? "\"" : " \"") ||
		    buffer_append(into, part.text.at, part.text.n) ||
		    buffer_append_text(into, "\""))
			return -1;
		beginning = !part.quoted;
	}
	if (beginning && buffer_append_text(into, "*") != 0)
		return -1;
	return words;
}
