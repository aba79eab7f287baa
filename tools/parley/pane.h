/* SPDX-License-Identifier: MIT */
/* tools/parley/pane.h - the messages of a room as rows of a screen, and which
 * of them are in sight. It knows no terminal.
 */
#ifndef PARLEY_TOOLS_PARLEY_PANE_H
#define PARLEY_TOOLS_PARLEY_PANE_H

#include "proto/slice.h"
#include "proto/uuid.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define PANE_MAX 5000 /* messages; older ones are read again when looked at */

/* A message, made safe to show. */
struct pane_message {
	uint64_t seq;
	char id[UUID_TEXT_BYTES];
	char author_id[UUID_TEXT_BYTES];
	char *author;
	char *text; /* without controls but line breaks */
	time_t at;
	bool is_edited;
	bool is_gone; /* taken back */
};

/* All zero is an empty one. */
struct pane {
	struct pane_message **messages; /* by seq */
	size_t count, room;
	bool has_older;      /* there is more in the history */
	uint64_t bottom;     /* the lowest message in sight; 0: the newest */
	unsigned rows_below; /* of that one, out of sight */
};

/* A row of the screen. */
enum pane_kind { PANE_DAY, PANE_FIRST, PANE_MORE };

struct pane_row {
	enum pane_kind kind;
	const struct pane_message *message;
	struct slice text; /* what of the message's text stands here */
};

/* Columns before the text of further rows: "12:34 ". */
#define PANE_INDENT 6

/* Takes a message in its place, or what it is now if it is there. 0, or -1 with
 * errno. */
int pane_add(struct pane *pane, const json_t *message);

/* Marks one as taken back. */
void pane_take_back(struct pane *pane, const char *id);

/* What the history says now: messages between the first and the last of these
 * that it does not name are gone. */
int pane_merge(struct pane *pane, const json_t *messages);

/* The message of that id, or NULL. */
const struct pane_message *pane_find(const struct pane *pane, const char *id);

/* The newest message of that author that is not taken back, or NULL. */
const struct pane_message *pane_last_of(const struct pane *pane,
					const char *author_id);

uint64_t pane_first_seq(const struct pane *pane);
uint64_t pane_last_seq(const struct pane *pane);

/* Forgets all messages. */
void pane_clear(struct pane *pane);

/* The rows in sight, bottom row last, for a screen of `width` columns and at
 * most `height` rows. Returns how many there are; they are valid until the pane
 * changes. */
size_t pane_rows(const struct pane *pane, size_t width, size_t height,
		 struct pane_row *rows);

/* Moves what is in sight up by `by` rows (down if negative), as far as there is
 * something to see. True if the oldest message came into sight. */
bool pane_scroll(struct pane *pane, size_t width, size_t height, int by);

/* To the newest message, and to the oldest that is here. */
void pane_to_end(struct pane *pane);
void pane_to_start(struct pane *pane, size_t width, size_t height);

/* How many messages lie below what is in sight. */
size_t pane_count_below(const struct pane *pane);

/* The bytes at the front of `text` that fit into `width` columns, broken behind
 * a blank if need be, and at a line break; *used counts what the row ends with
 * too. At least one character if there is one. */
size_t pane_break(struct slice text, size_t width, size_t *used);

/* Columns of the text; of the place for an author's name with its colon. */
size_t pane_columns(struct slice text);

#endif
