/* SPDX-License-Identifier: MIT */
/* store/group.h - one transaction, and one sync, for all that a turn writes.
 *
 * Writes are carried out as they come and their answers kept back until the
 * commit. Reads wait for the end of the turn too: nobody sees what is not yet
 * on disk. A group that fails is rolled back as a whole and refused; the next
 * one starts afresh, so a disk that has room again is noticed by itself.
 */
#ifndef PARLEY_STORE_GROUP_H
#define PARLEY_STORE_GROUP_H

#include "proto/figures.h"
#include "store/store.h"

struct peer;

/* Gives the answer to request `id` of `to`; keeps nothing of it. */
typedef void group_give(void *self, struct peer *to, uint64_t id,
			struct frame *answer);

struct store_figures {
#include "proto/metrics_fields.h"

#include "store/metrics.def"
};

struct group {
	struct store *store; /* set by the owner, as are the next two */
	group_give *give;
	void *self;
	struct group_write *writes;
	struct group_read *reads;
	size_t writes_n, writes_room;
	size_t reads_n, reads_room;
	size_t bytes;  /* of this transaction, about */
	bool open;     /* a transaction is */
	uint64_t told; /* figures.writes at the end of the last turn */
	int cause;     /* why the last group failed; 0: it did not */
	struct store_figures figures;
};

/* Carries out a write, or sets a read aside. `request` and all it points to
 * must live until the end of the turn. */
void group_write(struct group *group, struct peer *from,
		 const struct frame *request, store_act *act);
void group_read(struct group *group, struct peer *from,
		const struct frame *request, store_act *act);

/* The end of a turn: commits and answers. True if something was written. */
bool group_turn(struct group *group);

/* The peer is gone: nobody waits for its answers. */
void group_forget(struct group *group, const struct peer *peer);

/* Gives the memory back; nothing may be open. */
void group_fini(struct group *group);

#endif
