/* SPDX-License-Identifier: MIT */
/* auth/hashing.h - password hashes on worker threads, for requests that are
 * answered later.
 *
 * A job remembers who asked; when that peer goes, the job goes on and nobody
 * is answered. Passwords are wiped as soon as they are hashed.
 */
#ifndef PARLEY_AUTH_HASHING_H
#define PARLEY_AUTH_HASHING_H

#include "auth/passwords.h"
#include "proto/bus.h"
#include "proto/loop.h"

struct hashing;
struct hash_job;

/* Called in the loop's thread. Frees what `context` is. */
typedef void hash_done(struct hash_job *job);

/* The first member of what the asker allocates with malloc() and frees in
 * `done`. */
struct hash_job {
	hash_done *done;
	struct peer *from; /* NULL: gone */
	uint64_t id;       /* of the request */

	/* Verified against `hash`; or, where that is empty, hashed into it. */
	char hash[PASSWORD_HASH_BYTES];
	enum password_result result; /* PASSWORD_RIGHT: or hashed */
	bool is_renewed;             /* `hash` was old and is new now */

	uint64_t conn; /* whose request it is: see log_conn() */
	char password[PASSWORD_BYTES_MAX];
	size_t password_n;
	struct hashing *hashing;
	struct hash_job *prev, *next;
};

/* NULL with errno. */
struct hashing *hashing_new(struct loop *loop);

/* Jobs that wait are done with PASSWORD_UNKNOWN. NULL is fine. */
void hashing_free(struct hashing **hashing);

/* Takes `job`, with done, from, id and hash set, and starts it. False if too
 * many wait: the job is then still the caller's. */
bool hashing_add(struct hashing *hashing, struct hash_job *job,
		 struct slice password);

/* A peer is gone: nothing points to it any longer. */
void hashing_forget(struct hashing *hashing, const struct peer *peer);

size_t hashing_busy(const struct hashing *hashing);

/* A hash that no password fits, as costly as any other. */
const char *hashing_dummy(const struct hashing *hashing);

#endif
