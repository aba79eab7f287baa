/* SPDX-License-Identifier: MIT */
/* tests/unit/auth/fixture.h - auth's state in a folder of its own, and one line
 * for each thing that a test asks of it. Answers are caught here instead of
 * going out on a bus.
 */
#ifndef PARLEY_TESTS_UNIT_AUTH_FIXTURE_H
#define PARLEY_TESTS_UNIT_AUTH_FIXTURE_H

#include "auth/auth.h"
#include "proto/uuid.h"
#include "tests/unit/check.h"

#include <stdlib.h>
#include <unistd.h>

#define ANSWERS_MAX 200
#define HOME        "10.0.0.1"
#define PASSWORD    "open sesame"

/* What came back for a request; texts are copied. */
struct told {
	uint64_t id;
	enum frame_kind kind;
	char code[32];
	char text[256];
	uint64_t retry_after;
	struct uuid room;
	char join_key[64];
	uint8_t key[32];
	size_t key_n;
	bool has_password;
};

static char folder[64] = "/tmp/parley-auth-XXXXXX";
static char path[128];
static struct auth auth;
static struct told told[ANSWERS_MAX];
static size_t told_n, wanted_n;
static uint64_t last_id;

static inline void
copy(char *into, size_t room, struct slice text)
{
	snprintf(into, room, "%.*s", (int)text.n, text.n == 0 ? "" : text.at);
}

/* In the place of the one of proto/peer.c. */
void
bus_answer(struct peer *to, uint64_t id, struct frame *answer)
{
	struct told *t = &told[told_n];

	(void)to;
	if (told_n == ANSWERS_MAX)
		abort();
	*t = (struct told){ .id = id, .kind = answer->kind };
	if (answer->kind == FRAME_refused) {
		copy(t->code, sizeof t->code, answer->refused.code);
		copy(t->text, sizeof t->text, answer->refused.text);
		t->retry_after = answer->refused.retry_after;
	} else if (answer->kind == FRAME_unsealed) {
		t->room = answer->unsealed.room;
		t->has_password = answer->unsealed.has_password;
		copy(t->join_key, sizeof t->join_key,
		     answer->unsealed.join_key);
		t->key_n = answer->unsealed.key.n;
		if (t->key_n == sizeof t->key)
			memcpy(t->key, answer->unsealed.key.at, sizeof t->key);
	}
	if (++told_n == wanted_n)
		loop_stop(auth.loop);
}

/* --- What a test says */

static inline struct peer *
somebody(void)
{
	static char place;

	return (struct peer *)&place;
}

static inline void
open_all(void)
{
	auth = (struct auth){ .loop = loop_new() };
	if (auth.loop == NULL)
		exit(1);
	auth.db = database_open(path);
	auth.hashing = hashing_new(auth.loop);
	if (auth.db == NULL || auth.hashing == NULL)
		exit(1);
	auth.room_keys = room_keys_open(auth.db);
	if (auth.room_keys == NULL)
		exit(1);
	told_n = 0;
}

static inline void
close_all(void)
{
	hashing_free(&auth.hashing);
	room_keys_free(&auth.room_keys);
	database_close(&auth.db);
	loop_free(&auth.loop);
	CHECK(auth.unseals == NULL);
}

static inline void
set_up(void)
{
	unlink(path);
	open_all();
}

static inline void
tear_down(void)
{
	close_all();
	unlink(path);
}

static inline struct uuid
id_of(uint8_t n)
{
	return (struct uuid){ { 0x11, [15] = n } };
}

static inline void
ask_seal(uint8_t room, const char *password, bool client_key)
{
	struct frame f = { .kind = FRAME_seal, .id = ++last_id };

	f.seal.room = id_of(room);
	f.seal.password = slice_of(password);
	f.seal.client_key = client_key;
	on_seal(&auth, somebody(), &f);
}

static inline void
ask_unseal(const char *join_key, const char *password, const char *address)
{
	struct frame f = { .kind = FRAME_unseal, .id = ++last_id };

	f.unseal.join_key = slice_of(join_key);
	f.unseal.password = slice_of(password);
	f.unseal.address = slice_of(address);
	on_unseal(&auth, somebody(), &f);
}

/* Waits until there are `n` answers since the last time. */
static inline void
await(size_t n)
{
	wanted_n = n;
	if (told_n < n)
		CHECK_INT(loop_run(auth.loop), 0);
	CHECK_INT(told_n, n);
	wanted_n = told_n = 0;
}

static inline const struct told *
seal(uint8_t room, const char *password, bool client_key)
{
	ask_seal(room, password, client_key);
	await(1);
	return &told[0];
}

static inline const struct told *
unseal(const char *join_key, const char *password, const char *address)
{
	ask_unseal(join_key, password, address);
	await(1);
	return &told[0];
}

static inline size_t
count(size_t n, const char *code)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += strcmp(told[i].code, code) == 0;
	return found;
}

/* Makes a room and keeps its join key. */
static inline void
make(uint8_t room, const char *password, char join_key[64])
{
	const struct told *t = seal(room, password, false);

	CHECK_INT(t->kind, FRAME_unsealed);
	memcpy(join_key, t->join_key, 64);
}

static inline int
run_in_folder(void (*tests)(void))
{
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/auth.db", folder);
	tests();
	rmdir(folder);
	return check_done();
}

#endif
