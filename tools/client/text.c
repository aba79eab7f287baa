/* SPDX-License-Identifier: MIT */
/* tools/client/text.c - characters out of bytes, and which of them may pass. */
#include "tools/client/text.h"

#include "proto/utf8.h"

#include <string.h>
#include <utf8proc.h>
#include <wchar.h>

#define REPLACEMENT 0xfffd

uint32_t
text_next(struct slice *text)
{
	utf8proc_int32_t character;
	utf8proc_ssize_t n =
	    utf8proc_iterate((const utf8proc_uint8_t *)text->at,
			     (utf8proc_ssize_t)text->n, &character);

	if (n <= 0) {
		n = 1;
		character = REPLACEMENT;
	}
	text->at += n;
	text->n -= (size_t)n;
	return (uint32_t)character;
}

bool
text_is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || /* C0, DEL, C1 */
	       (c >= 0x202a && c <= 0x202e) || /* embeddings, overrides */
	       (c >= 0x2066 && c <= 0x2069) || /* isolates */
	       c == 0x2028 || c == 0x2029;
}

int
text_append_character(struct buffer *out, uint32_t character)
{
	utf8proc_uint8_t bytes[4];
	utf8proc_ssize_t n =
	    utf8proc_encode_char((utf8proc_int32_t)character, bytes);

	return buffer_append(out, bytes, (size_t)n);
}

int
text_append_safe(struct buffer *out, struct slice text, const char *kept)
{
	while (text.n > 0) {
		uint32_t c = text_next(&text);

		if (text_is_unsafe(c) &&
		    (c == 0 || c >= 0x80 || strchr(kept, (int)c) == NULL))
			continue;
		if (text_append_character(out, c) != 0)
			return -1;
	}
	return 0;
}

/* Control characters of ASCII are escaped in JSON already, but for DEL. */
int
text_append_json(struct buffer *out, struct slice json)
{
	while (json.n > 0) {
		uint32_t c = text_next(&json);
		int rc = text_is_unsafe(c)
			     ? buffer_printf(out, "\\u%04x", (unsigned)c)
			     : text_append_character(out, c);

		if (rc != 0)
			return -1;
	}
	return 0;
}

int
text_append_sendable(struct buffer *out, struct slice text)
{
	if (utf8_is_valid(text.at, text.n) &&
	    memchr(text.at, '\0', text.n) == NULL)
		return buffer_append(out, text.at, text.n);
	while (text.n > 0) {
		uint32_t c = text_next(&text);

		if (text_append_character(out, c != 0 ? c : REPLACEMENT) != 0)
			return -1;
	}
	return 0;
}

int
text_columns(uint32_t character)
{
	int columns = wcwidth((wchar_t)character);

	return columns < 0 ? 0 : columns;
}
