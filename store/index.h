/* SPDX-License-Identifier: MIT */
/* store/index.h - search.db: the words of all messages that may be searched.
 *
 * Derived from chat.db, behind whose commits it runs, with a durable note of
 * how far it has come. It may be deleted at any time and is then built again,
 * as it is when it is damaged or belongs to another chat.db. Used by one
 * thread.
 */
#ifndef PARLEY_STORE_INDEX_H
#define PARLEY_STORE_INDEX_H

#include "proto/frame.h"
#include "store/db.h"
#include "store/message_id.h"

struct index {
	struct db chat; /* reads only */
	struct db words;
	struct message_key key;
	char *path;        /* of search.db */
	int cause;         /* why it could not go on; 0: it could */
	uint64_t until_ms; /* when the search under way is given up */
};

enum index_news {
	INDEX_FAILED, /* try again later */
	INDEX_MORE,   /* there is more to do */
	INDEX_DONE,
};

/* Opens search.db beside the file `chat_path`. 0, or -1 after a log line. */
int index_open(struct index *index, const char *chat_path,
	       const struct message_key *key);
void index_close(struct index *index);

/* Brings some more messages and changes into the index. */
enum index_news index_advance(struct index *index);

/* Answers a search; *answer points into `arena`. */
void index_search(struct index *index, const struct frame_search *search,
		  struct arena *arena, struct frame *answer);

#endif
