/* SPDX-License-Identifier: MIT */
/* tests/unit/auth/room_keys_test.c - keys of sealed rooms are for ever the same
 * and tell nothing of one another.
 */
#include "auth/room_keys.h"

#include "proto/log.h"
#include "tests/unit/check.h"

#include <stdlib.h>
#include <unistd.h>

static char folder[64] = "/tmp/parley-keys-XXXXXX";
static char path[128];
static struct database *db;

static struct uuid
id_of(uint8_t first)
{
	struct uuid id;

	for (uint8_t i = 0; i < sizeof id.bytes; i++)
		id.bytes[i] = (uint8_t)(first + i);
	return id;
}

static void
open_database(void)
{
	db = database_open(path);
	if (db == NULL)
		exit(1);
}

static void
set_up(void)
{
	unlink(path);
	open_database();
}

/* A database whose master secret is these bytes. */
static void
set_up_with(size_t n)
{
	char master[64];

	set_up();
	for (size_t i = 0; i < n; i++)
		master[i] = (char)i;
	CHECK(database_begin(db, true));
	CHECK(database_run(db, ASK_secret_add, "tb", slice_of("room_keys"),
			   (struct slice){ master, n }));
	CHECK(database_commit(db));
}

static void
tear_down(void)
{
	database_close(&db);
	unlink(path);
}

/* Computed with HMAC alone, by RFC 5869: the master is 00 01 .. 1f, the room 10
 * 11 .. 1f. */
static void
keys_are_those_of_the_derivation(void)
{
	static const uint8_t wanted[ROOM_KEY_BYTES] = {
		0x84, 0xd3, 0x0a, 0x00, 0x30, 0x37, 0xbb, 0x1e,
		0xba, 0xf2, 0x4e, 0xf8, 0xa5, 0x9a, 0xf9, 0x90,
		0x28, 0x61, 0xcf, 0x38, 0x24, 0xd5, 0xd9, 0xc6,
		0x11, 0x54, 0x74, 0x61, 0xe3, 0x42, 0xde, 0xc4
	};
	struct uuid room = id_of(0x10);
	char join_key[JOIN_KEY_TEXT_BYTES];
	uint8_t key[ROOM_KEY_BYTES];
	struct room_keys *keys;

	set_up_with(32);
	keys = room_keys_open(db);
	CHECK(keys != NULL);
	if (keys == NULL)
		return;
	CHECK(room_keys_join(keys, &room, join_key));
	CHECK_STR(join_key, "XhzmAEOb_5UN6fsEmlFAzfsQWo-JHqkg");
	CHECK(room_keys_encryption(keys, &room, key));
	CHECK(memcmp(key, wanted, sizeof key) == 0);
	room_keys_free(&keys);
	CHECK(keys == NULL);
	tear_down();
}

static void
each_room_has_its_own(void)
{
	struct uuid one = id_of(1), other = id_of(2);
	char first[JOIN_KEY_TEXT_BYTES], second[JOIN_KEY_TEXT_BYTES];
	uint8_t key[ROOM_KEY_BYTES], another[ROOM_KEY_BYTES];
	struct room_keys *keys;

	set_up();
	keys = room_keys_open(db);
	CHECK(keys != NULL);
	if (keys == NULL)
		return;
	CHECK(room_keys_join(keys, &one, first));
	CHECK(room_keys_join(keys, &other, second));
	CHECK(strcmp(first, second) != 0);
	CHECK(room_keys_encryption(keys, &one, key));
	CHECK(room_keys_encryption(keys, &other, another));
	CHECK(memcmp(key, another, sizeof key) != 0);
	room_keys_free(&keys);
	tear_down();
}

static void
the_master_secret_is_made_once(void)
{
	struct uuid room = id_of(1);
	char first[JOIN_KEY_TEXT_BYTES], second[JOIN_KEY_TEXT_BYTES];
	struct room_keys *keys;

	set_up();
	keys = room_keys_open(db);
	CHECK(keys != NULL && room_keys_join(keys, &room, first));
	room_keys_free(&keys);
	database_close(&db);
	open_database();
	keys = room_keys_open(db);
	CHECK(keys != NULL && room_keys_join(keys, &room, second));
	CHECK_STR(first, second);
	room_keys_free(&keys);
	tear_down();
	/* That of another database is another one. */
	set_up();
	keys = room_keys_open(db);
	CHECK(keys != NULL && room_keys_join(keys, &room, second));
	CHECK(strcmp(first, second) != 0);
	room_keys_free(&keys);
	tear_down();
}

static void
a_damaged_master_secret_is_not_replaced(void)
{
	set_up_with(31);
	CHECK(room_keys_open(db) == NULL);
	CHECK(room_keys_open(db) == NULL);
	tear_down();
}

int
main(void)
{
	log_setup("test", LOG_ERROR, false);
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/auth.db", folder);
	RUN(keys_are_those_of_the_derivation);
	RUN(each_room_has_its_own);
	RUN(the_master_secret_is_made_once);
	RUN(a_damaged_master_secret_is_not_replaced);
	rmdir(folder);
	return check_done();
}
