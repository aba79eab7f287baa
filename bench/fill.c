/* SPDX-License-Identifier: MIT */
/* bench/fill.c - a chat.db with as many messages as one likes, in minutes.
 *
 * It is written by the store's own acts, so that it is what the store would
 * have written, without the syncs that nobody waits for here. The same numbers
 * make the same rooms, users and messages in the same order; only what must be
 * secret differs. search.db is told that it has all of them, or the store would
 * be busy with it for long.
 */
#include "proto/clock.h"
#include "proto/log.h"
#include "proto/program.h"
#include "store/index.h"
#include "store/index_internal.h"
#include "store/members.h"
#include "store/messages.h"
#include "store/rooms.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Messages of a transaction: so many that a page which all of them touch is
 * written once for very many. */
#define STEP 500000

#define BURST         10 /* messages of a room in a row */
#define BYTES_MAX     4096
#define FIRST_AT_MS   UINT64_C(1704067200000) /* 2024-01-01 */
#define BETWEEN_MS    2
#define USER_BYTE     0x80 /* of an id: whose it is */
#define ROOM_BYTE     0x90
#define TELL_EVERY    1000
#define TELL_EVERY_US 500000

static const char *folder, *messages, *rooms, *members, *bytes, *ids;

static const struct option_row options[] = {
	{ "data", &folder, "./data", "folder that gets chat.db and search.db" },
	{ "messages", &messages, "10000000", "how many in all" },
	{ "rooms", &rooms, "10000",
	  "how many, public, the messages of each "
	  "spread over all the time" },
	{ "members", &members, "10",
	  "of each room, of as many users as rooms" },
	{ "bytes", &bytes, "100", "of a message's text" },
	{ "ids", &ids, "v7", "of the clients for a message: v7, or random" },
	{ 0 },
};

static struct {
	struct store store;
	struct frame answer;
	unsigned long messages, rooms, members, users, bytes;
	bool by_time;    /* ids are of version 7 */
	uint64_t room;   /* that is spoken in, */
	unsigned burst;  /* and how often it still will be */
	uint64_t random; /* the state of splitmix64 */
	uint64_t next_told_us, began_us;
	int64_t joins;
	char text[BYTES_MAX];
} fill;

static int
fail(const char *what)
{
	fprintf(stderr, "fill: %s\n", what);
	return 1;
}

static uint64_t
next_random(void)
{
	uint64_t z = fill.random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void
put_number(uint8_t *into, int n, uint64_t number)
{
	while (n-- > 0) {
		into[n] = (uint8_t)number;
		number >>= 8;
	}
}

/* f1110000-0000-4000-8000-NUMBER is a user, -9000- a room; in hexadecimal. */
static struct uuid
id_of(uint8_t kind, uint64_t number)
{
	struct uuid id = { { 0xf1, 0x11, [6] = 0x40, [8] = kind } };

	put_number(id.bytes + 10, 6, number);
	return id;
}

/* What a client would have made at that time: RFC 9562, 5.4 and 5.7. */
static struct uuid
make_nonce(uint64_t at_ms)
{
	struct uuid id;

	put_number(id.bytes, 8, next_random());
	put_number(id.bytes + 8, 8, next_random());
	if (fill.by_time)
		put_number(id.bytes, 6, at_ms);
	id.bytes[6] = (fill.by_time ? 0x70 : 0x40) | (id.bytes[6] & 0x0f);
	id.bytes[8] = 0x80 | (id.bytes[8] & 0x3f);
	return id;
}

static struct slice
name_of(const char *what, uint64_t number, char into[32])
{
	snprintf(into, 32, "%s-%llu", what, (unsigned long long)number);
	return slice_of(into);
}

static bool
act(store_act *what, const struct frame *request)
{
	fill.answer = (struct frame){ 0 };
	what(&fill.store, request, &fill.answer);
	return fill.store.db.trouble == 0 && fill.answer.kind != FRAME_refused;
}

/* The users of a room are neighbours. */
static uint64_t
member_of(uint64_t room, uint64_t place)
{
	return 1 + (room + place) % fill.users;
}

static bool
make_room(uint64_t room)
{
	struct frame f = { .kind = FRAME_create_room };
	char name[32];

	f.create_room.room = id_of(ROOM_BYTE, room);
	f.create_room.kind = ROOM_PUBLIC;
	f.create_room.name = name_of("room", room, name);
	return act(rooms_create, &f);
}

static bool
make_member(uint64_t room, uint64_t place)
{
	uint64_t user = member_of(room, place);
	struct frame f = { .kind = FRAME_join };
	char name[32];

	f.join.room = id_of(ROOM_BYTE, room);
	f.join.user = id_of(USER_BYTE, user);
	f.join.user_number = user;
	f.join.user_name = name_of("user", user, name);
	fill.joins++;
	return act(members_join, &f);
}

/* People talk for a while, and then no more for long. */
static uint64_t
next_room(void)
{
	if (fill.burst == 0) {
		fill.burst = BURST;
		fill.room = 1 + next_random() % fill.rooms;
	}
	fill.burst--;
	return fill.room;
}

static bool
post(uint64_t number)
{
	uint64_t room = next_room();
	uint64_t user = member_of(room, next_random() % fill.members);
	struct frame f = { .kind = FRAME_post };
	char name[32];

	fill.store.now_ms = FIRST_AT_MS + number * BETWEEN_MS;
	f.post.room = id_of(ROOM_BYTE, room);
	f.post.user = id_of(USER_BYTE, user);
	f.post.user_number = user;
	f.post.user_name = name_of("user", user, name);
	f.post.nonce = make_nonce(fill.store.now_ms);
	f.post.text = (struct slice){ fill.text, fill.bytes };
	snprintf(fill.text, sizeof fill.text, "%016llx",
		 (unsigned long long)number);
	fill.text[16] = ' ';
	return act(messages_post, &f);
}

/* On a terminal, now and then. */
static void
tell(const char *what, uint64_t done, uint64_t all, bool is_end)
{
	uint64_t now_us = clock_us();
	double seconds = (double)(now_us - fill.began_us) / 1e6;

	if (isatty(STDERR_FILENO) && (is_end || now_us >= fill.next_told_us)) {
		fprintf(stderr, "\r%5.1f %%  %llu %s, %.0f a second  %s",
			all == 0 ? 100 : 100.0 * (double)done / (double)all,
			(unsigned long long)done, what, (double)done / seconds,
			is_end ? "\n" : "");
		fill.next_told_us = now_us + TELL_EVERY_US;
	}
}

static void
forget_answers(void)
{
	arena_reset(&fill.store.arena);
	store_trim(&fill.store);
}

static bool
fill_rooms(void)
{
	bool ok = db_run(&fill.store.db, SQL_begin, "");

	fill.began_us = clock_us();
	fill.store.now_ms = FIRST_AT_MS;
	for (uint64_t room = 1; ok && room <= fill.rooms; room++) {
		ok = make_room(room);
		for (uint64_t m = 0; ok && m < fill.members; m++)
			ok = make_member(room, m);
		forget_answers();
		tell("rooms", room, fill.rooms, room == fill.rooms);
	}
	return ok && db_run(&fill.store.db, SQL_commit, "");
}

static bool
fill_step(uint64_t from, uint64_t to)
{
	bool ok = db_run(&fill.store.db, SQL_begin, "");

	for (uint64_t number = from + 1; ok && number <= to; number++) {
		ok = post(number);
		forget_answers();
		if (number % TELL_EVERY == 0)
			tell("messages", number, fill.messages, false);
	}
	return ok && db_run(&fill.store.db, SQL_commit, "");
}

static bool
fill_messages(void)
{
	bool ok = true;

	fill.began_us = clock_us();
	for (uint64_t done = 0; ok && done < fill.messages; done += STEP)
		ok = fill_step(done, done + STEP < fill.messages
					 ? done + STEP
					 : fill.messages);
	tell("messages", fill.messages, fill.messages, true);
	return ok;
}

/* search.db, as if it had come as far as chat.db. */
static bool
mark_indexed(void)
{
	struct store *store = &fill.store;
	struct index index;
	sqlite3_stmt *q;
	bool ok = false;

	if (index_open(&index, sqlite3_db_filename(store->db.handle, "main"),
		       &store->key) != 0)
		return false;
	q = db_ask(&index.chat, CHAT_origin, "ii", messages_last(store),
		   fill.joins);
	if (db_row(&index.chat, q)) {
		struct uuid database = db_uuid(q, 0);

		ok = db_run(&index.words, WORDS_set_progress, "uiii", &database,
			    messages_last(store), sqlite3_column_int64(q, 1),
			    sqlite3_column_int64(q, 2));
	}
	db_end(q);
	index_close(&index);
	return ok;
}

/* Whoever is interrupted begins anew: so nothing is synced, and nothing can be
 * undone after the end of a transaction. */
static int
run(void)
{
	struct db *db = &fill.store.db;
	int rc = 1;

	if (mkdir(folder, 0700) != 0 && access(folder, W_OK) != 0)
		return fail("the data folder cannot be used");
	if (store_open(&fill.store, "sqlite:chat.db", folder) != 0)
		return 1;
	if (messages_last(&fill.store) != 0)
		fail("there are messages in chat.db already");
	else if (!db_exec(db, "PRAGMA wal_autocheckpoint = 0;"
			      "PRAGMA journal_mode = OFF;"
			      "PRAGMA synchronous = OFF;"
			      "PRAGMA cache_size = -4000000;") ||
		 !fill_rooms() || !fill_messages() ||
		 !db_exec(db, "PRAGMA journal_mode = WAL;") || !mark_indexed())
		fail(db->trouble == 0 ? "refused"
				      : sqlite3_errstr(db->trouble));
	else
		rc = 0;
	store_close(&fill.store);
	return rc;
}

int
main(int argc, char **argv)
{
	static const struct option_row *const tables[] = { options, NULL };
	static const struct program program = {
		"fill", "makes a chat.db with very many messages", NULL, tables
	};
	int status = program_begin(&program, argc, argv, NULL);

	if (status >= 0)
		return status;
	log_setup("fill", LOG_WARN, false);
	fill.by_time = strcmp(ids, "v7") == 0;
	if ((!fill.by_time && strcmp(ids, "random") != 0) ||
	    !option_number(messages, 0, 1000000000, &fill.messages) ||
	    !option_number(rooms, 1, 1000000, &fill.rooms) ||
	    !option_number(members, 1, 1000, &fill.members) ||
	    !option_number(bytes, 17, sizeof fill.text - 1, &fill.bytes)) {
		fprintf(stderr, "fill: wrong usage; try --help\n");
		return 2;
	}
	fill.users = fill.rooms > fill.members ? fill.rooms : fill.members;
	memset(fill.text, 'm', fill.bytes);
	return run();
}
