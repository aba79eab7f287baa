/* SPDX-License-Identifier: MIT */
/* gateway/json_write.h - writes JSON into a buffer, in the order of the calls.
 *
 *   json_open(&w, NULL, '{');
 *   json_text(&w, "type", slice_of("Error"));
 *   json_close(&w, '}');
 *
 * Commas are put where they belong. A `key` of NULL is for elements of arrays;
 * keys are written as they are. Running out of memory is seen at the end, in
 * `failed`. No name here is one of jansson's: both may be in one program.
 */
#ifndef PARLEY_GATEWAY_JSON_WRITE_H
#define PARLEY_GATEWAY_JSON_WRITE_H

#include "proto/buffer.h"
#include "proto/slice.h"
#include "proto/uuid.h"

#include <stdbool.h>
#include <stdint.h>

/* All zero is ready for use. */
struct json_writer {
	struct buffer buffer;
	bool failed; /* something is missing for lack of memory */
};

/* `bracket` is '{' or '['; closed by '}' or ']'. */
void json_open(struct json_writer *w, const char *key, char bracket);
void json_close(struct json_writer *w, char bracket);

/* `text` is UTF-8. */
void json_text(struct json_writer *w, const char *key, struct slice text);
void json_uuid(struct json_writer *w, const char *key, const struct uuid *id);
void json_number(struct json_writer *w, const char *key, uint64_t number);
void json_bool(struct json_writer *w, const char *key, bool value);
void json_nil(struct json_writer *w, const char *key);

/* A value that is JSON already. */
void json_raw(struct json_writer *w, const char *key, struct slice json);

/* RFC 3339 in UTC with milliseconds and a Z. */
void json_time(struct json_writer *w, const char *key, uint64_t unix_ms);

void json_fini(struct json_writer *w);

#endif
