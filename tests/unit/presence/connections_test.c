/* SPDX-License-Identifier: MIT */
/* tests/unit/presence/connections_test.c - from what gateways tell of their
 * connections to what is told of rooms, with a clock that the test sets.
 *
 * Users, rooms and gateways have names of one letter. What is told reads
 * "r2 +a +bv -c;": of room r version 2, a came, b as a visitor, c went; "r2!"
 * is a full set; "~a@r" and "/a@r" say that a types in r, or types no more.
 */
#include "presence/connections.h"

#include "tests/unit/check.h"

static struct people people;
static struct rooms *rooms;
static struct grace *grace;
static struct typing *typing;
static struct connections *connections;
static uint64_t now_ms;
static char told[4096];

#define SAY(...)                                                               \
	snprintf(told + strlen(told), sizeof told - strlen(told), __VA_ARGS__)

static void
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

static void
note_typing(void *self, const struct uuid *room, const struct uuid *user,
	    bool on)
{
	(void)self;
	SAY("%c%c@%c;", on ? '~' : '/', user->bytes[0], room->bytes[0]);
}

static void
expect(const char *wanted)
{
	CHECK_STR(told, wanted);
	told[0] = '\0';
}

static void
turn(void)
{
	typing_turn(typing, now_ms);
	grace_turn(grace, now_ms);
	rooms_turn(rooms, now_ms);
}

/* Lets time pass, with a turn each 10 ms. */
static void
pass_ms(uint64_t ms)
{
	turn();
	for (uint64_t end_ms = now_ms + ms; now_ms < end_ms;) {
		now_ms += 10;
		turn();
	}
}

static void
begin(bool quiet)
{
	now_ms = 100000;
	told[0] = '\0';
	rooms = rooms_new(&people, quiet, note_present, NULL);
	grace = grace_new(rooms, GRACE_MS);
	typing = typing_new(note_typing, NULL);
	connections = connections_new(
	    &(struct connections_parts){ &people, rooms, grace, typing });
	connections_gateway_up(connections, "g", 1, now_ms);
}

static void
end(void)
{
	connections_free(&connections, now_ms);
	typing_free(&typing);
	grace_free(&grace);
	rooms_free(&rooms);
	CHECK_INT(people_count(&people), 0);
}

static struct gateway *
gateway(const char *name)
{
	struct gateway *found = NULL;

	for (uint64_t epoch = 1; found == NULL && epoch < 5; epoch++)
		found = connections_find_gateway(connections, name, epoch);
	return found;
}

static void
open_at(const char *name, uint64_t number, char user, const char *in)
{
	struct uuid ids[8] = { 0 };
	struct frame_opened opened = {
		.connection = number,
		.user = { { (uint8_t)user } },
		.user_number = 1,
		.user_name = { &user, 1 },
		.rooms = { ids, strlen(in) },
	};

	for (size_t i = 0; i < opened.rooms.n; i++)
		ids[i].bytes[0] = (uint8_t)in[i];
	CHECK_INT(connections_open(connections, gateway(name), &opened, now_ms),
		  0);
}

static struct connection *
get(uint64_t number)
{
	struct connection *found = connections_find(gateway("g"), number);

	CHECK(found != NULL);
	return found;
}

static void
close_it(uint64_t number)
{
	connections_close(connections, gateway("g"), get(number), now_ms);
}

static void
enter(uint64_t number, char room, bool visit)
{
	struct uuid id = { { (uint8_t)room } };

	CHECK_INT(connections_enter(connections, get(number), &id, visit), 0);
}

static void
leave(uint64_t number, char room)
{
	struct uuid id = { { (uint8_t)room } };

	connections_exit(connections, get(number), &id, now_ms);
}

static int
type(uint64_t number, char room)
{
	struct uuid id = { { (uint8_t)room } };

	return connections_type(connections, get(number), &id, now_ms);
}

static void
coming_and_going_is_told(void)
{
	begin(false);
	open_at("g", 1, 'a', "rs");
	pass_ms(1000);
	expect("r2! +a;s2! +a;");
	close_it(1);
	pass_ms(2990);
	expect("");
	pass_ms(10);
	expect("r3 -a;s3 -a;");
	end();
}

static void
a_brief_reconnect_is_not_heard_of(void)
{
	begin(false);
	open_at("g", 1, 'a', "r");
	pass_ms(1000);
	expect("r2! +a;");
	for (uint64_t i = 1; i < 10; i++) {
		close_it(i);
		pass_ms(2900);
		open_at("g", i + 1, 'a', "r");
	}
	pass_ms(10000);
	expect("");
	CHECK_INT(rooms_online(rooms), 1);
	CHECK_INT(grace_count(grace), 0);
	end();
}

static void
who_returns_too_late_went_and_came(void)
{
	begin(false);
	open_at("g", 1, 'a', "r");
	pass_ms(500);
	close_it(1);
	pass_ms(3100);
	open_at("g", 2, 'a', "r");
	pass_ms(500);
	expect("r2! +a;r3 -a;r4 +a;");
	end();
}

static void
two_connections_are_one_user(void)
{
	begin(false);
	open_at("g", 1, 'a', "r");
	pass_ms(500);
	open_at("g", 2, 'a', "r");
	pass_ms(500);
	close_it(1);
	pass_ms(5000);
	expect("r2! +a;");
	close_it(2);
	pass_ms(5000);
	expect("r3 -a;");
	end();
}

static void
leaving_is_told_without_grace(void)
{
	begin(false);
	open_at("g", 1, 'a', "r");
	open_at("g", 2, 'a', "r");
	pass_ms(500);
	leave(1, 'r');
	pass_ms(500);
	expect("r2! +a;");
	leave(2, 'r');
	leave(2, 'r');
	turn();
	expect("r3 -a;");
	end();
}

static void
leaving_ends_the_grace_of_closed_connections(void)
{
	begin(false);
	open_at("g", 1, 'a', "r");
	open_at("g", 2, 'a', "r");
	pass_ms(500);
	close_it(1);
	pass_ms(500);
	leave(2, 'r');
	turn();
	expect("r2! +a;r3 -a;");
	enter(2, 'r', false);
	pass_ms(5000);
	expect("r4 +a;");
	CHECK_INT(rooms_online(rooms), 1);
	end();
}

static void
a_visitor_is_one_while_no_connection_is_a_members(void)
{
	begin(false);
	open_at("g", 1, 'a', "");
	enter(1, 'r', true);
	pass_ms(500);
	expect("r2! +av;");
	open_at("g", 2, 'a', "r");
	pass_ms(500);
	expect("r3 +a;");
	close_it(2);
	pass_ms(5000);
	expect("r4 +av;");
	enter(1, 'r', false);
	enter(1, 'r', false);
	pass_ms(500);
	expect("r5 +a;");
	leave(1, 'r');
	pass_ms(500);
	expect("r6 -a;");
	end();
}

static void
changes_are_told_at_most_four_times_a_second(void)
{
	size_t frames = 0;

	begin(false);
	for (uint64_t i = 0; i < 100; i++) {
		open_at("g", 1 + i, (char)('A' + i % 50), "r");
		pass_ms(10);
		if (i % 2 == 1)
			leave(i, 'r');
	}
	for (const char *c = told; *c != '\0'; c++)
		frames += *c == ';';
	CHECK_INT(frames, 4 + 1);
	end();
}

static void
what_comes_and_goes_in_between_cancels_out(void)
{
	begin(false);
	open_at("g", 1, 'a', "r");
	turn();
	expect("r2! +a;");
	open_at("g", 2, 'b', "r");
	pass_ms(100);
	leave(2, 'r');
	leave(1, 'r');
	pass_ms(50);
	enter(1, 'r', false);
	pass_ms(1000);
	expect("");
	end();
}

static void
a_lost_gateway_closes_all_with_grace(void)
{
	begin(false);
	open_at("g", 1, 'a', "r");
	open_at("g", 2, 'b', "r");
	connections_gateway_up(connections, "h", 1, now_ms);
	open_at("h", 1, 'b', "r");
	pass_ms(500);
	expect("r2! +a +b;");
	connections_gateway_down(connections, "g", 1, now_ms);
	CHECK(gateway("g") == NULL);
	CHECK_INT(connections_count(connections), 1);
	pass_ms(2900);
	expect("");
	pass_ms(200);
	expect("r3 -a;");
	end();
}

static void
a_gateway_that_comes_again_tells_anew(void)
{
	begin(false);
	open_at("g", 1, 'a', "r");
	open_at("g", 2, 'b', "r");
	pass_ms(500);
	connections_gateway_up(connections, "g", 2, now_ms);
	connections_gateway_down(connections, "g", 1, now_ms);
	CHECK(connections_find_gateway(connections, "g", 1) == NULL);
	pass_ms(500);
	open_at("g", 1, 'b', "r");
	pass_ms(5000);
	expect("r2! +a +b;r3 -a;");
	CHECK_INT(connections_count(connections), 1);
	end();
}

static void
opening_a_known_number_replaces_it(void)
{
	begin(false);
	open_at("g", 1, 'a', "rs");
	open_at("g", 1, 'a', "rs");
	pass_ms(500);
	open_at("g", 1, 'a', "r");
	pass_ms(2000);
	expect("r2! +a;s2! +a;");
	pass_ms(2000);
	expect("s3 -a;");
	CHECK_INT(connections_count(connections), 1);
	end();
}

static void
a_room_named_twice_counts_once(void)
{
	begin(false);
	open_at("g", 1, 'a', "rrr");
	enter(1, 'r', false);
	leave(1, 'r');
	pass_ms(500);
	expect("");
	CHECK_INT(rooms_online(rooms), 0);
	end();
}

static void
nobody_is_told_gone_in_the_quiet_time(void)
{
	begin(true);
	open_at("g", 1, 'a', "r");
	open_at("g", 2, 'b', "r");
	turn();
	expect("r2 +a +b;");
	leave(1, 'r');
	open_at("g", 3, 'c', "r");
	rooms_retell(rooms);
	pass_ms(3500);
	expect("r3 +c;");
	rooms_end_quiet(rooms);
	turn();
	expect("r4! +b +c;");
	leave(2, 'r');
	pass_ms(500);
	expect("r5 -b;");
	end();
}

static void
a_room_that_only_waits_for_the_quiet_to_end_costs_nothing(void)
{
	begin(true);
	open_at("g", 1, 'a', "r");
	turn();
	leave(1, 'r');
	pass_ms(1000);
	CHECK(rooms_due_ms(rooms) == ROOMS_NEVER);
	expect("r2 +a;");
	rooms_end_quiet(rooms);
	turn();
	expect("r3!;");
	pass_ms(500);
	CHECK_INT(rooms_count(rooms), 0);
	end();
}

static void
typing_needs_to_be_in_the_room(void)
{
	begin(false);
	open_at("g", 1, 'a', "r");
	turn();
	expect("r2! +a;");
	CHECK_INT(type(1, 'r'), 0);
	expect("~a@r;");
	CHECK_INT(type(1, 's'), -1);
	expect("");
	CHECK_INT(type(1, 'r'), 0);
	expect("~a@r;");
	pass_ms(9990);
	expect("");
	pass_ms(10);
	expect("/a@r;");
	end();
}

static void
closing_and_leaving_end_typing_at_once(void)
{
	begin(false);
	open_at("g", 1, 'a', "r");
	open_at("g", 2, 'a', "r");
	turn();
	expect("r2! +a;");
	type(1, 'r');
	close_it(2);
	expect("~a@r;");
	leave(1, 'r');
	expect("/a@r;");
	enter(1, 'r', true);
	type(1, 'r');
	connections_gateway_down(connections, "g", 1, now_ms);
	expect("~a@r;/a@r;");
	end();
}

int
main(void)
{
	RUN(coming_and_going_is_told);
	RUN(a_brief_reconnect_is_not_heard_of);
	RUN(who_returns_too_late_went_and_came);
	RUN(two_connections_are_one_user);
	RUN(leaving_is_told_without_grace);
	RUN(leaving_ends_the_grace_of_closed_connections);
	RUN(a_visitor_is_one_while_no_connection_is_a_members);
	RUN(changes_are_told_at_most_four_times_a_second);
	RUN(what_comes_and_goes_in_between_cancels_out);
	RUN(a_lost_gateway_closes_all_with_grace);
	RUN(a_gateway_that_comes_again_tells_anew);
	RUN(opening_a_known_number_replaces_it);
	RUN(a_room_named_twice_counts_once);
	RUN(nobody_is_told_gone_in_the_quiet_time);
	RUN(a_room_that_only_waits_for_the_quiet_to_end_costs_nothing);
	RUN(typing_needs_to_be_in_the_room);
	RUN(closing_and_leaving_end_typing_at_once);
	return check_done();
}
