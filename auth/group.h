/* SPDX-License-Identifier: MIT */
/* auth/group.h - one transaction, and one sync, for all that a turn writes.
 *
 * Jobs wait until the turn ends, are carried out in the order in which they
 * came, and hear how it went after the commit: nobody is told of what is not
 * yet on disk. Where nobody has anything to write, the turn only reads. What
 * one job fails at is undone for it alone.
 */
#ifndef PARLEY_AUTH_GROUP_H
#define PARLEY_AUTH_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct auth;
struct peer;
struct group_job;

enum group_result {
	GROUP_DONE,
	GROUP_UNDO,       /* what it wrote shall not stay */
	GROUP_MUST_WRITE, /* the same again, with `may_write` */
};

/* Within a transaction, in which it asks whatever it has to ask: failures of
 * the database are remembered by it. */
typedef enum group_result group_act(struct auth *auth, struct group_job *job,
				    bool may_write);

/* Afterwards, exactly once; `kept` says that no failure of the database was in
 * the way. Frees what `job` is. */
typedef void group_tell(struct auth *auth, struct group_job *job, bool kept);

/* Embed it; group_add() sets it. Its owner reads the first two. */
struct group_job {
	struct peer *from; /* NULL: gone */
	uint64_t id;       /* of the request */

	group_act *act;
	group_tell *tell;
	uint64_t conn; /* whose request it is: see log_conn() */
	bool failed;
	bool depends; /* on the commit of the transaction that writes */
	struct group_job *prev, *next;
};

struct group {
	struct group_job *jobs;
};

/* Takes `job`, which stays in place until it is told. `from` asked, by the
 * request of that id; NULL if that peer is gone. */
void group_add(struct auth *auth, struct group_job *job, group_act *act,
	       group_tell *tell, struct peer *from, uint64_t id);

/* The end of a turn: carries out all jobs, and tells them. */
void group_turn(struct auth *auth);

/* A peer is gone: nothing points to it any longer. */
void group_forget(struct auth *auth, const struct peer *peer);

#endif
