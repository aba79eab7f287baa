/* SPDX-License-Identifier: MIT */
/* gateway/json_write.c - writes JSON (RFC 8259) without building a tree.
 *
 * Whether a comma is due is told by the last byte written: none behind an
 * opening bracket, one behind any value.
 */
#include "gateway/json_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define LAST_MS UINT64_C(253402300799999) /* the end of the year 9999 */

static void
put(struct json_writer *w, const void *bytes, size_t n)
{
	if (buffer_append(&w->buffer, bytes, n) != 0)
		w->failed = true;
}

static void
put_text(struct json_writer *w, const char *text)
{
	put(w, text, strlen(text));
}

/* What stands before a value: a comma where one is due, and its key. */
static void
put_key(struct json_writer *w, const char *key)
{
	const struct buffer *b = &w->buffer;

	if (b->n > 0 && b->bytes[b->n - 1] != '{' && b->bytes[b->n - 1] != '[')
		put(w, ",", 1);
	if (key == NULL)
		return;
	put(w, "\"", 1);
	put_text(w, key);
	put(w, "\":", 2);
}

/* RFC 8259 7: the quotation mark, the backslash, and all below the space. */
static bool
must_escape(char c)
{
	return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

static void
put_escaped(struct json_writer *w, char c)
{
	static const char letters[] = "btn?fr"; /* from 8 on, all but 11 */
	char escape[8];

	if (c == '"' || c == '\\')
		snprintf(escape, sizeof escape, "\\%c", c);
	else if (c >= '\b' && c <= '\r' && c != '\v')
		snprintf(escape, sizeof escape, "\\%c", letters[c - '\b']);
	else
		snprintf(escape, sizeof escape, "\\u%04x", (unsigned)c);
	put_text(w, escape);
}

void
json_open(struct json_writer *w, const char *key, char bracket)
{
	put_key(w, key);
	put(w, &bracket, 1);
}

void
json_close(struct json_writer *w, char bracket)
{
	put(w, &bracket, 1);
}

void
json_text(struct json_writer *w, const char *key, struct slice text)
{
	size_t begin = 0;

	put_key(w, key);
	put(w, "\"", 1);
	for (size_t i = 0; i < text.n; i++) {
		if (!must_escape(text.at[i]))
			continue;
		put(w, text.at + begin, i - begin);
		put_escaped(w, text.at[i]);
		begin = i + 1;
	}
	if (begin < text.n)
		put(w, text.at + begin, text.n - begin);
	put(w, "\"", 1);
}

void
json_uuid(struct json_writer *w, const char *key, const struct uuid *id)
{
	char text[UUID_TEXT_BYTES];

	json_text(w, key, slice_of(uuid_format(id, text)));
}

void
json_raw(struct json_writer *w, const char *key, struct slice json)
{
	put_key(w, key);
	put(w, json.at, json.n);
}

void
json_number(struct json_writer *w, const char *key, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, number);
	json_raw(w, key, slice_of(text));
}

void
json_bool(struct json_writer *w, const char *key, bool value)
{
	json_raw(w, key, slice_of(value ? "true" : "false"));
}

void
json_nil(struct json_writer *w, const char *key)
{
	json_raw(w, key, slice_of("null"));
}

void
json_time(struct json_writer *w, const char *key, uint64_t unix_ms)
{
	uint64_t ms = unix_ms < LAST_MS ? unix_ms : LAST_MS;
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm = { 0 };
	char whole[32], text[40];

	(void)gmtime_r(&seconds, &tm);
	(void)strftime(whole, sizeof whole, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof text, "%s.%03uZ", whole, (unsigned)(ms % 1000));
	json_text(w, key, slice_of(text));
}

void
json_fini(struct json_writer *w)
{
	buffer_fini(&w->buffer);
	w->failed = false;
}
