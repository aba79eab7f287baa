/* SPDX-License-Identifier: MIT */
/* auth/seal.c - a new sealed room in, its keys out.
 *
 * The room's row is looked up before the hash, to save it, and again in the
 * transaction that adds it: a repeat finds what the first one made.
 */
#include "auth/auth.h"

#include <openssl/crypto.h>
#include <stdlib.h>

struct seal {
	struct hash_job job; /* first */
	struct auth *auth;
	struct sealed_room fresh;
};

void
answer_unsealed(struct auth *auth, struct peer *to, uint64_t id,
		const struct sealed_room *room)
{
	char join_key[JOIN_KEY_TEXT_BYTES];
	uint8_t key[ROOM_KEY_BYTES];
	struct frame answer = {
		.kind = FRAME_unsealed,
		.unsealed.room = room->room,
		.unsealed.has_password = room->password[0] != '\0',
	};

	if (to == NULL)
		return;
	if (!room_keys_join(auth->room_keys, &room->room, join_key) ||
	    !room_keys_encryption(auth->room_keys, &room->room, key)) {
		refuse_unavailable(to, id);
		return;
	}
	answer.unsealed.join_key = slice_of(join_key);
	if (!room->client_key)
		answer.unsealed.key =
		    (struct slice){ (const char *)key, sizeof key };
	bus_answer(to, id, &answer);
	OPENSSL_cleanse(join_key, sizeof join_key);
	OPENSSL_cleanse(key, sizeof key);
}

static bool
add_room(struct auth *auth, const struct sealed_room *fresh)
{
	char join_key[JOIN_KEY_TEXT_BYTES];
	bool added;

	if (!room_keys_join(auth->room_keys, &fresh->room, join_key))
		return false;
	added = sealed_rooms_add(auth->db, fresh, slice_of(join_key));
	OPENSSL_cleanse(join_key, sizeof join_key);
	return added;
}

/* Adds the room, unless the same request did so before, and answers. */
static void
keep(struct auth *auth, struct peer *to, uint64_t id,
     const struct sealed_room *fresh)
{
	struct sealed_room room;
	bool fine = database_begin(auth->db, true);
	bool is_new = false;

	if (fine && !sealed_rooms_find(auth->db, &fresh->room, &room)) {
		room = *fresh;
		is_new = true;
		fine = add_room(auth, fresh);
	}
	if (!fine)
		database_rollback(auth->db);
	else
		fine = database_commit(auth->db);
	if (!fine) {
		refuse_unavailable(to, id);
		return;
	}
	auth->count.sealed += is_new;
	answer_unsealed(auth, to, id, &room);
}

static void
on_hashed(struct hash_job *job)
{
	struct seal *seal = (struct seal *)job;
	struct auth *auth = seal->auth;

	if (job->result == PASSWORD_RIGHT) {
		memcpy(seal->fresh.password, job->hash, sizeof job->hash);
		keep(auth, job->from, job->id, &seal->fresh);
	} else {
		refuse_unavailable(job->from, job->id);
	}
	auth->count.hashing = hashing_busy(auth->hashing);
	free(seal);
}

static void
start_hash(struct auth *auth, struct peer *from, uint64_t id,
	   const struct sealed_room *fresh, struct slice password)
{
	struct seal *seal = calloc(1, sizeof *seal);

	if (seal == NULL) {
		refuse_unavailable(from, id);
		return;
	}
	seal->auth = auth;
	seal->fresh = *fresh;
	seal->job.done = on_hashed;
	seal->job.from = from;
	seal->job.id = id;
	if (hashing_add(auth->hashing, &seal->job, password)) {
		auth->count.hashing = hashing_busy(auth->hashing);
		return;
	}
	free(seal);
	refuse_busy(auth, from, id);
}

void
on_seal(void *self, struct peer *from, const struct frame *frame)
{
	struct auth *auth = self;
	const struct frame_seal *form = &frame->seal;
	const struct sealed_room fresh = { .room = form->room,
					   .client_key = form->client_key };
	struct sealed_room room;
	bool there = false;

	if (database_begin(auth->db, false)) {
		there = sealed_rooms_find(auth->db, &form->room, &room);
		database_rollback(auth->db);
	}
	if (database_has_failed(auth->db))
		refuse_unavailable(from, frame->id);
	else if (there)
		answer_unsealed(auth, from, frame->id, &room);
	else if (form->password.n == 0)
		keep(auth, from, frame->id, &fresh);
	else
		start_hash(auth, from, frame->id, &fresh, form->password);
}
