/* SPDX-License-Identifier: MIT */
/* tools/parley/message.h - prints messages: for people, or as lines of JSON. */
#ifndef PARLEY_TOOLS_PARLEY_MESSAGE_H
#define PARLEY_TOOLS_PARLEY_MESSAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* The place in its room; 0 if it has none. */
uint64_t message_seq(const json_t *message);

/* When it was said, seconds since 1970; 0 if it does not say. */
time_t message_time(const json_t *message);

/* The same of any time that an object has. */
time_t message_moment(const json_t *object, const char *key);

/* On standard output. -1 if there is no memory; what cannot be written is
 * found by output_flush(). */
int message_print(const json_t *message, bool as_json);

/* The JSON of anything as one line. */
int message_print_json(const json_t *any);

/* Writes what was printed. If the reader is gone this ends the process by
 * SIGPIPE, as it would any filter. 0, or -1 with errno. */
int output_flush(void);

#endif
