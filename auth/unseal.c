/* SPDX-License-Identifier: MIT */
/* auth/unseal.c - a join key and a password in, the room that they open out.
 *
 * An unknown key costs and answers what a wrong password does. As for log-ins
 * the throttle is asked before the hash and again behind it: of many tries at
 * once, those behind the last failure that is allowed are told nothing, while
 * tries that succeed are refused for nobody's sake. What needs no hash could
 * outrun that; so while as many tries of its address are under way as may fail,
 * it takes the same road as they.
 */
#include "auth/auth.h"

#include "auth/attempts.h"

#include <stdlib.h>
#include <utlist.h>

struct unseal {
	struct hash_job job; /* first */
	struct auth *auth;
	struct unseal *prev, *next; /* under way */
	struct attempt_key joiner;
	struct sealed_room room;
	bool known; /* the join key is that of `room` */
};

/* Whether the join key alone opens the room. */
static bool
is_open(const struct unseal *unseal)
{
	return unseal->known && unseal->room.password[0] == '\0';
}

/* --- After the hash */

static void
fail(struct unseal *unseal, uint64_t now_ms)
{
	struct auth *auth = unseal->auth;

	attempts_add(auth->db, &unseal->joiner, now_ms);
	if (!database_commit(auth->db)) {
		refuse_unavailable(unseal->job.from, unseal->job.id);
		return;
	}
	auth->count.unseal_failures++;
	refuse(unseal->job.from, unseal->job.id, ERROR_not_allowed, NULL,
	       "wrong join key or password", 0);
}

static void
let_in(struct unseal *unseal)
{
	struct auth *auth = unseal->auth;

	if (unseal->job.is_renewed)
		sealed_rooms_renew_password(auth->db, &unseal->room.room,
					    unseal->job.hash);
	if (!database_commit(auth->db)) {
		refuse_unavailable(unseal->job.from, unseal->job.id);
		return;
	}
	auth->count.unsealed++;
	answer_unsealed(auth, unseal->job.from, unseal->job.id, &unseal->room);
}

static void
judge(struct unseal *unseal)
{
	struct auth *auth = unseal->auth;
	struct hash_job *job = &unseal->job;
	uint64_t now_ms = loop_unix_ms(auth->loop);
	uint64_t wait_s;

	if (job->result == PASSWORD_UNKNOWN ||
	    !database_begin(auth->db, true)) {
		refuse_unavailable(job->from, job->id);
		return;
	}
	wait_s = attempts_join_wait_s(auth->db, &unseal->joiner, now_ms);
	if (wait_s > 0) {
		database_rollback(auth->db);
		refuse_throttled(auth, job->from, job->id, wait_s);
	} else if (is_open(unseal) ||
		   (unseal->known && job->result == PASSWORD_RIGHT)) {
		let_in(unseal);
	} else {
		fail(unseal, now_ms);
	}
}

static void
on_hashed(struct hash_job *job)
{
	struct unseal *unseal = (struct unseal *)job;
	struct auth *auth = unseal->auth;

	DL_DELETE(auth->unseals, unseal);
	judge(unseal);
	auth->count.hashing = hashing_busy(auth->hashing);
	free(unseal);
}

/* --- Before the hash */

/* Whether as many tries of the address are under way as may fail. */
static bool
is_crowded(const struct auth *auth, const struct attempt_key *joiner)
{
	const struct unseal *other;
	int n = 0;

	DL_FOREACH (auth->unseals, other)
		n += memcmp(other->joiner.bytes, joiner->bytes,
			    sizeof joiner->bytes) == 0;
	return n >= ATTEMPTS_JOIN_PER_ADDRESS;
}

/* False if too many wait. */
static bool
start_hash(struct unseal *unseal, struct slice password)
{
	struct auth *auth = unseal->auth;
	bool asks = unseal->known && !is_open(unseal);
	const char *hash =
	    asks ? unseal->room.password : hashing_dummy(auth->hashing);

	memcpy(unseal->job.hash, hash, strlen(hash) + 1);
	if (!hashing_add(auth->hashing, &unseal->job,
			 password.n > 0 ? password : slice_of("")))
		return false;
	DL_APPEND(auth->unseals, unseal);
	return true;
}

/* Takes `unseal`. */
static void
start(struct unseal *unseal, const struct frame_unseal *form)
{
	struct auth *auth = unseal->auth;
	struct hash_job *job = &unseal->job;
	uint64_t wait_s = 0;

	attempts_key_joiner(&unseal->joiner, form->address);
	if (database_begin(auth->db, false)) {
		unseal->known = sealed_rooms_find_key(auth->db, form->join_key,
						      &unseal->room);
		wait_s = attempts_join_wait_s(auth->db, &unseal->joiner,
					      loop_unix_ms(auth->loop));
		database_rollback(auth->db);
	}
	if (database_has_failed(auth->db)) {
		refuse_unavailable(job->from, job->id);
	} else if (wait_s > 0) {
		refuse_throttled(auth, job->from, job->id, wait_s);
	} else if (is_open(unseal) && !is_crowded(auth, &unseal->joiner)) {
		auth->count.unsealed++;
		answer_unsealed(auth, job->from, job->id, &unseal->room);
	} else if (start_hash(unseal, form->password)) {
		return;
	} else {
		refuse_busy(auth, job->from, job->id);
	}
	free(unseal);
}

void
on_unseal(void *self, struct peer *from, const struct frame *frame)
{
	struct auth *auth = self;
	struct unseal *unseal = calloc(1, sizeof *unseal);

	if (unseal == NULL) {
		refuse_unavailable(from, frame->id);
		return;
	}
	unseal->auth = auth;
	unseal->job.done = on_hashed;
	unseal->job.from = from;
	unseal->job.id = frame->id;
	start(unseal, &frame->unseal);
	auth->count.hashing = hashing_busy(auth->hashing);
}
