/* SPDX-License-Identifier: MIT */
/* store/messages.h - what was said: append, edit, take back, read.
 */
#ifndef PARLEY_STORE_MESSAGES_H
#define PARLEY_STORE_MESSAGES_H

#include "store/rooms.h"

/* The columns that messages_read() wants, and the tables behind `messages m`
 * that they come from. */
#define MESSAGE_COLUMNS                                                        \
	"r.id, m.seq, m.number, m.at_ms, u.id, u.number, n.name, m.nonce,"     \
	" m.text, m.edited_at, m.deleted, m.change, m.room_no, m.user_no"
#define MESSAGE_PARTS                                                          \
	" CROSS JOIN rooms r USING (room_no)"                                  \
	" CROSS JOIN users u USING (user_no)"                                  \
	" CROSS JOIN names n ON n.name_no = m.name_no"

struct message_row {
	struct frame_message message; /* its text lies in the store's arena */
	int64_t room_no;
	int64_t user_no;
	int64_t change; /* the latest one of this message; 0: none */
};

/* Reads a row of MESSAGE_COLUMNS (statements.def) of any connection; texts are
 * copied into `arena`. Without memory `db` is in trouble. */
void messages_read(struct message_row *row, const struct message_key *key,
		   struct db *db, sqlite3_stmt *q, struct arena *arena);

/* About how many bytes the message takes in a frame; not less than it does. */
size_t messages_bytes(const struct frame_message *message);

/* The number of the newest message: how many there are, as nothing is removed.
 * -1: trouble. */
int64_t messages_last(struct store *store);

/* Finds a message by its id. False if there is none, or trouble. */
bool messages_find(struct store *store, const struct uuid *id,
		   struct message_row *row);

/* Acts. */
void messages_post(struct store *store, const struct frame *request,
		   struct frame *answer);
void messages_edit(struct store *store, const struct frame *request,
		   struct frame *answer);
void messages_erase(struct store *store, const struct frame *request,
		    struct frame *answer);
void messages_get_history(struct store *store, const struct frame *request,
			  struct frame *answer);

#endif
