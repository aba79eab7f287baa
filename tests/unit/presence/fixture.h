/* SPDX-License-Identifier: MIT */
/* tests/unit/presence/fixture.h - connections with all that they act on, a
 * clock that the test sets, and one line for each thing that a gateway tells.
 *
 * Users, rooms and gateways have names of one letter. What is told reads
 * "r2 +a +bv -c;": of room r version 2, a came, b as a visitor, c went; "r2!"
 * is a full set; "~a@r" and "/a@r" say that a types in r, or types no more;
 * "g1.5 loses r" that connection 5 of gateway g in epoch 1 lost its name there.
 */
#ifndef PARLEY_TESTS_UNIT_PRESENCE_FIXTURE_H
#define PARLEY_TESTS_UNIT_PRESENCE_FIXTURE_H

#include "presence/connections.h"

#include "tests/unit/check.h"

static struct people people;
static struct rooms *rooms;
static struct claims *claims;
static struct grace *grace;
static struct typing *typing;
static struct connections *connections;
static uint64_t now_ms;
static char told[4096];

#define SAY(...)                                                               \
	snprintf(told + strlen(told), sizeof told - strlen(told), __VA_ARGS__)

static inline void
note_present(void *self, const struct frame_present *present)
{
	const struct frame_person *came = present->came.items;

	(void)self;
	SAY("%c%d%s", present->room.bytes[0], (int)present->version,
	    present->reset ? "!" : "");
	for (size_t i = 0; i < present->came.n; i++)
		SAY(" +%.*s%s", (int)came[i].user_name.n, came[i].user_name.at,
		    came[i].visit ? "v" : "");
	for (size_t i = 0; i < present->went.n; i++)
		SAY(" -%c", present->went.at[i].bytes[0]);
	SAY(";");
}

static inline void
note_typing(void *self, const struct uuid *room, const struct uuid *user,
	    bool on)
{
	(void)self;
	SAY("%c%c@%c;", on ? '~' : '/', user->bytes[0], room->bytes[0]);
}

static inline void
note_unbound(void *self, const char *name, uint64_t epoch, uint64_t number,
	     const struct uuid *room)
{
	(void)self;
	SAY("%s%d.%d loses %c;", name, (int)epoch, (int)number, room->bytes[0]);
}

static inline void
expect(const char *wanted)
{
	CHECK_STR(told, wanted);
	told[0] = '\0';
}

static inline void
turn(void)
{
	typing_turn(typing, now_ms);
	grace_turn(grace, now_ms);
	rooms_turn(rooms, now_ms);
}

/* Lets time pass, with a turn each 10 ms. */
static inline void
pass_ms(uint64_t ms)
{
	turn();
	for (uint64_t end_ms = now_ms + ms; now_ms < end_ms;) {
		now_ms += 10;
		turn();
	}
}

static inline void
begin(bool quiet)
{
	now_ms = 100000;
	told[0] = '\0';
	people_init(&people);
	rooms = rooms_new(&people, quiet, note_present, NULL);
	claims = claims_new();
	grace = grace_new(&(struct grace_parts){ &people, rooms, claims },
			  GRACE_MS);
	typing = typing_new(note_typing, NULL);
	connections = connections_new(&(struct connections_parts){
	    &people, rooms, claims, grace, typing, note_unbound, NULL });
	connections_gateway_up(connections, "g", 1, now_ms);
}

static inline void
end(void)
{
	connections_free(&connections, now_ms);
	typing_free(&typing);
	grace_free(&grace);
	claims_free(&claims);
	rooms_free(&rooms);
	CHECK_INT(people_count(&people), 0);
}

static inline struct gateway *
gateway(const char *name)
{
	struct gateway *found = NULL;

	for (uint64_t epoch = 1; found == NULL && epoch < 5; epoch++)
		found = connections_find_gateway(connections, name, epoch);
	return found;
}

static inline void
open_as(const char *name, uint64_t number, char user, uint64_t user_number,
	const char *in)
{
	struct uuid ids[8] = { 0 };
	struct frame_opened opened = {
		.connection = number,
		.user = { { (uint8_t)user } },
		.user_number = user_number,
		.user_name = { &user, 1 },
		.rooms = { ids, strlen(in) },
	};

	for (size_t i = 0; i < opened.rooms.n; i++)
		ids[i].bytes[0] = (uint8_t)in[i];
	CHECK_INT(connections_open(connections, gateway(name), &opened, now_ms),
		  0);
}

static inline void
open_at(const char *name, uint64_t number, char user, const char *in)
{
	open_as(name, number, user, 1, in);
}

static inline struct connection *
get(uint64_t number)
{
	struct connection *found = connections_find(gateway("g"), number);

	CHECK(found != NULL);
	return found;
}

static inline void
close_it(uint64_t number)
{
	connections_close(connections, gateway("g"), get(number), now_ms);
}

static inline void
enter(uint64_t number, char room, bool visit)
{
	struct uuid id = { { (uint8_t)room } };

	CHECK_INT(connections_enter(connections, get(number), &id, visit), 0);
}

static inline void
leave(uint64_t number, char room)
{
	struct uuid id = { { (uint8_t)room } };

	connections_exit(connections, get(number), &id, now_ms);
}

static inline int
type(uint64_t number, char room)
{
	struct uuid id = { { (uint8_t)room } };

	return connections_type(connections, get(number), &id, now_ms);
}

#endif
