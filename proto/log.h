/* SPDX-License-Identifier: MIT */
/* proto/log.h - one line to stderr for each thing worth telling, as logfmt or
 * JSON.
 *
 *   log_info("posted", KT("room", name), KN("bytes", n));
 *   ts=2026-01-02T03:04:05.678Z level=info unit=router event=posted room="a b"
 *   bytes=12
 *
 * The event is one fixed word that can be counted; what varies is in typed
 * pairs. Escaping is done here and nowhere else. Secrets are nobody's pairs.
 */
#ifndef PARLEY_PROTO_LOG_H
#define PARLEY_PROTO_LOG_H

#include "proto/slice.h"
#include "proto/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

struct log_pair {
	const char *key;
	enum { LOG_TEXT, LOG_NUMBER, LOG_UUID } type;
	struct slice text;
	int64_t number;
	const struct uuid *uuid;
};

/* Text that ends with NUL (NULL is shown as empty), a slice, a number, an id */
#define KT(k, v) ((struct log_pair){ k, LOG_TEXT, slice_of(v), 0, NULL })
#define KS(k, v) ((struct log_pair){ k, LOG_TEXT, v, 0, NULL })
#define KN(k, v)                                                               \
	((struct log_pair){ k, LOG_NUMBER, { NULL, 0 }, (int64_t)(v), NULL })
#define KU(k, v) ((struct log_pair){ k, LOG_UUID, { NULL, 0 }, 0, v })

/* What is said before each line; `unit` is kept, not copied. */
void log_setup(const char *unit, enum log_level level, bool json);

/* Reads error, warn, info or debug; false for anything else. */
bool log_level_parse(enum log_level *level, const char *word);

/* The level's word. */
const char *log_level_name(enum log_level level);

/* How many lines of this level have been written. */
uint64_t log_lines(enum log_level level);

/* What is done from now on, in this thread, concerns a client connection, which
 * each line then names as `conn`; 0: none. Returns the one before, for when
 * that is over. log_conn_now() is the one that stands. */
uint64_t log_conn(uint64_t conn);
uint64_t log_conn_now(void);

/* Whether a line of this level would be written. */
bool log_wants(enum log_level level);

void log_write(enum log_level level, const char *event,
	       const struct log_pair *pairs, size_t n);

#define LOG_AT(level, event, ...)                                              \
	do {                                                                   \
		if (log_wants(level)) {                                        \
			const struct log_pair pairs_[] = { { 0 },              \
							   ##__VA_ARGS__ };    \
			log_write(level, event, pairs_ + 1,                    \
				  sizeof pairs_ / sizeof *pairs_ - 1);         \
		}                                                              \
	} while (0)

#define log_error(event, ...) LOG_AT(LOG_ERROR, event, ##__VA_ARGS__)
#define log_warn(event, ...)  LOG_AT(LOG_WARN, event, ##__VA_ARGS__)
#define log_info(event, ...)  LOG_AT(LOG_INFO, event, ##__VA_ARGS__)
#define log_debug(event, ...) LOG_AT(LOG_DEBUG, event, ##__VA_ARGS__)

#endif
