/* SPDX-License-Identifier: MIT */
/* proto/env_file.c - takes a `.env` file apart, line by line.
 *
 * What a line says is never guessed: what is not understood is an error with
 * its number, since a setting that is silently dropped may be a secret.
 */
#include "proto/env_file.h"

#include <stdbool.h>

struct env_entry {
	struct env_entry *before;
	const char *key;
	const char *value;
};

static const char no_memory[] = "out of memory";

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct slice
skip(struct slice s, size_t n)
{
	return (struct slice){ s.at + n, s.n - n };
}

static struct slice
trim(struct slice s)
{
	while (s.n > 0 && is_blank(s.at[0]))
		s = skip(s, 1);
	while (s.n > 0 && is_blank(s.at[s.n - 1]))
		s.n--;
	return s;
}

static bool
is_key_character(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (!first && c >= '0' && c <= '9');
}

static bool
is_key(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!is_key_character(s.at[i], i == 0))
			return false;
	}
	return s.n > 0;
}

/* Without the word `export` before the key. */
static struct slice
drop_export(struct slice line)
{
	static const char word[] = "export";
	const size_t n = sizeof word - 1;

	if (line.n > n && memcmp(line.at, word, n) == 0 && is_blank(line.at[n]))
		return trim(skip(line, n));
	return line;
}

/* Writes to `out` what stands between the quotes that open `s`; a comment may
 * follow. As in a shell, a backslash before anything else is a backslash. NULL,
 * or what is wrong. */
static const char *
unquote(struct slice s, char *out)
{
	const char quote = s.at[0];
	size_t i = 1;

	while (i < s.n && s.at[i] != quote) {
		if (quote == '"' && s.at[i] == '\\' && i + 1 < s.n &&
		    strchr("\"\\n", s.at[i + 1]) != NULL) {
			i++;
			*out++ = s.at[i] == 'n' ? '\n' : s.at[i];
		} else {
			*out++ = s.at[i];
		}
		i++;
	}
	*out = '\0';
	if (i >= s.n)
		return "the quote is not closed";
	for (i++; i < s.n && (s.at[i] == ' ' || s.at[i] == '\t'); i++)
		;
	if (i < s.n && s.at[i] != '#')
		return "text behind the closing quote";
	return NULL;
}

static const char *
add_entry(struct env_file *file, struct slice key, struct slice value)
{
	struct env_entry *entry = arena_get(&file->memory, sizeof *entry);
	const char *why = NULL;
	char *copy;

	if (entry == NULL)
		return no_memory;
	entry->key = arena_copy(&file->memory, key.at, key.n);
	/* Unquoting makes it shorter, never longer. */
	copy = arena_copy(&file->memory, value.at, value.n);
	if (entry->key == NULL || copy == NULL)
		return no_memory;
	if (value.n > 0 && (value.at[0] == '"' || value.at[0] == '\''))
		why = unquote(value, copy);
	if (why != NULL)
		return why;
	entry->value = copy;
	entry->before = file->last;
	file->last = entry;
	return NULL;
}

/* NULL, or what is wrong with the line. */
static const char *
parse_line(struct env_file *file, struct slice line)
{
	struct slice key;
	const char *equals;

	line = trim(line);
	if (line.n == 0 || line.at[0] == '#')
		return NULL;
	line = drop_export(line);
	equals = memchr(line.at, '=', line.n);
	if (equals == NULL)
		return "no `=` behind the name";
	key = trim((struct slice){ line.at, (size_t)(equals - line.at) });
	if (!is_key(key))
		return "the name is not made of letters, digits and _";
	return add_entry(file, key,
			 trim(skip(line, (size_t)(equals - line.at) + 1)));
}

/* Some editors begin a file with a byte order mark. */
static struct slice
drop_mark(struct slice text)
{
	static const char mark[] = "\xef\xbb\xbf";

	if (text.n >= 3 && memcmp(text.at, mark, 3) == 0)
		return skip(text, 3);
	return text;
}

int
env_file_parse(struct env_file *file, struct slice text,
	       struct env_error *error)
{
	error->line = 0;
	error->why = NULL;
	if (text.n > ENV_FILE_MAX_BYTES) {
		error->why = "larger than 64 KiB";
		return -1;
	}
	text = drop_mark(text);
	while (text.n > 0) {
		const char *feed = memchr(text.at, '\n', text.n);
		struct slice line = { text.at, feed == NULL
						   ? text.n
						   : (size_t)(feed - text.at) };

		error->line++;
		if (memchr(line.at, '\0', line.n) != NULL)
			error->why = "a NUL byte";
		else
			error->why = parse_line(file, line);
		if (error->why != NULL)
			return -1;
		text = skip(text, feed == NULL ? line.n : line.n + 1);
	}
	return 0;
}

const char *
env_file_find(const struct env_file *file, const char *key)
{
	const struct env_entry *entry = file->last;

	while (entry != NULL && strcmp(entry->key, key) != 0)
		entry = entry->before;
	return entry == NULL ? NULL : entry->value;
}

void
env_file_fini(struct env_file *file)
{
	arena_fini(&file->memory);
	file->last = NULL;
}
