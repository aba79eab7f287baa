/* SPDX-License-Identifier: MIT */
/* tools/client/text.h - what other people wrote, made safe to show.
 *
 * A terminal obeys control characters, and some of Unicode's turn the order of
 * what is shown; none of them reaches it, whoever wrote them and wherever they
 * stand.
 */
#ifndef PARLEY_TOOLS_CLIENT_TEXT_H
#define PARLEY_TOOLS_CLIENT_TEXT_H

#include "proto/buffer.h"
#include "proto/slice.h"

#include <stdint.h>

/* Reads the character at the front of `text`, and takes it away. Bytes that
 * are not UTF-8 become U+FFFD. `text` is not empty. */
uint32_t text_next(struct slice *text);

/* Whether a terminal must not get it: controls (C0, DEL, C1), what turns the
 * direction of text, and Unicode's own line breaks. */
bool text_is_unsafe(uint32_t character);

/* Appends `text` without unsafe characters; `kept` names those of them that
 * stay, such as "\n\t". Malformed bytes become U+FFFD. 0, or -1 with errno
 * ENOMEM. */
int text_append_safe(struct buffer *out, struct slice text, const char *kept);

/* Appends JSON (one line, UTF-8) with unsafe characters written as \uXXXX.
 * It says the same. 0, or -1 with errno ENOMEM. */
int text_append_json(struct buffer *out, struct slice json);

/* Appends the character's UTF-8. 0, or -1 with errno ENOMEM. */
int text_append_character(struct buffer *out, uint32_t character);

/* Appends `text` as something to send: without NUL, bytes that are no UTF-8
 * replaced. 0, or -1 with errno ENOMEM. */
int text_append_sendable(struct buffer *out, struct slice text);

/* Columns on a screen, 0, 1 or 2, as the locale has it, which must be one of
 * UTF-8. */
int text_columns(uint32_t character);

#endif
