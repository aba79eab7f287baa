/* SPDX-License-Identifier: MIT */
/* tests/unit/presence/guests_test.c - guests come, bind names, and go; their
 * gateways are lost, come back, or are killed and come anew.
 */
#include "tests/unit/presence/fixture.h"

/* A guest comes, as gateways tell of one: the name first, then the visit. */
static enum claims_verdict
binds_at(const char *name, uint64_t number, char room, const char *wanted,
	 uint64_t since)
{
	const struct frame_bind wish = {
		.connection = number,
		.room = { { (uint8_t)room } },
		.name = slice_of(wanted),
		.since = since,
	};

	return connections_bind(connections, gateway(name),
				connections_find(gateway(name), number), &wish,
				1000000 + now_ms);
}

static enum claims_verdict
binds(uint64_t number, char room, const char *wanted)
{
	return binds_at("g", number, room, wanted, 0);
}

static void
enter_at(const char *name, uint64_t number, char room)
{
	const struct uuid id = { { (uint8_t)room } };

	CHECK_INT(connections_enter(connections,
				    connections_find(gateway(name), number),
				    &id, true),
		  0);
}

static void
guest_comes(const char *name, uint64_t number, char user, char room,
	    const char *wanted)
{
	open_as(name, number, user, 0, "");
	CHECK_INT(binds_at(name, number, room, wanted, 0), CLAIMS_GRANTED);
	enter_at(name, number, room);
}

/* The gateway tells again of a guest. */
static enum claims_verdict
guest_is_told_again(const char *name, uint64_t number, char user, char room,
		    const char *wanted, uint64_t since)
{
	enum claims_verdict verdict;

	open_as(name, number, user, 0, "");
	verdict = binds_at(name, number, room, wanted, since);
	enter_at(name, number, room);
	return verdict;
}

/* Whose the name is, as a letter; '-': nobody's. */
static char
owner(char room, const char *name)
{
	const struct uuid id = { { (uint8_t)room } };
	struct frame_person who;

	return claims_find(claims, &id, slice_of(name), &who)
		   ? (char)who.user.bytes[0]
		   : '-';
}

static void
down(const char *name, uint64_t epoch)
{
	connections_gateway_down(connections, name, epoch, now_ms);
}

static void
up(const char *name, uint64_t epoch)
{
	CHECK_INT(connections_gateway_up(connections, name, epoch, now_ms), 0);
}

static void
a_guest_that_closes_is_gone_at_once(void)
{
	begin(false);
	guest_comes("g", 1, 'a', 'r', "Ann");
	open_at("g", 2, 'u', "r");
	pass_ms(500);
	expect("r2! +av +u;");
	close_it(1);
	close_it(2);
	CHECK_INT(owner('r', "Ann"), '-');
	CHECK_INT(claims_count(claims), 0);
	turn();
	expect("r3 -a;");
	pass_ms(2990);
	expect("");
	pass_ms(10);
	expect("r4 -u;");
	end();
}

static void
a_claim_ends_with_the_visit(void)
{
	begin(false);
	guest_comes("g", 1, 'a', 'r', "Ann");
	CHECK_INT(binds(1, 's', "Ann"), CLAIMS_GRANTED);
	leave(1, 'r');
	CHECK_INT(owner('r', "Ann"), '-');
	CHECK_INT(owner('s', "Ann"), 'a');
	/* Also where the visit had not begun. */
	leave(1, 's');
	CHECK_INT(owner('s', "Ann"), '-');
	end();
}

static void
a_connection_becomes_another_guest_in_one_turn(void)
{
	static const struct {
		bool is_closed_first;
		const char *name;
		const char *other;
	} cases[] = {
		{ true, "Ann", "Bob" },
		{ true, "Ann", "ann" },
		{ false, "Ann", "Bob" },
		{ false, "Ann", "Ann" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		begin(false);
		guest_comes("g", 1, 'a', 'r', cases[i].name);
		pass_ms(500);
		expect("r2! +av;");
		if (cases[i].is_closed_first)
			close_it(1);
		guest_comes("g", 1, 'b', 'r', cases[i].other);
		CHECK_INT(owner('r', cases[i].other), 'b');
		CHECK_INT(claims_count(claims), 1);
		turn();
		expect("r3 +bv -a;");
		pass_ms(5000);
		expect("");
		CHECK_INT(grace_count(grace), 0);
		CHECK_INT(connections_count(connections), 1);
		end();
	}
}

static void
a_connection_that_is_told_again_as_the_same_does_not_flap(void)
{
	begin(false);
	guest_comes("g", 1, 'a', 'r', "Ann");
	pass_ms(500);
	expect("r2! +av;");
	open_as("g", 1, 'a', 0, "");
	pass_ms(500);
	CHECK_INT(binds(1, 'r', "Ann"), CLAIMS_GRANTED);
	enter_at("g", 1, 'r');
	pass_ms(5000);
	expect("");
	CHECK_INT(owner('r', "Ann"), 'a');
	end();
}

static void
guests_of_a_lost_gateway_are_held(void)
{
	begin(false);
	guest_comes("g", 1, 'a', 'r', "Ann");
	pass_ms(500);
	expect("r2! +av;");
	down("g", 1);
	CHECK_INT(owner('r', "Ann"), 'a');
	pass_ms(2990);
	expect("");
	CHECK_INT(owner('r', "Ann"), 'a');
	pass_ms(10);
	expect("r3 -a;");
	CHECK_INT(owner('r', "Ann"), '-');
	end();
}

static void
a_name_is_held_though_its_visit_had_not_begun(void)
{
	begin(false);
	open_as("g", 1, 'a', 0, "");
	CHECK_INT(binds(1, 'r', "Ann"), CLAIMS_GRANTED);
	down("g", 1);
	CHECK_INT(owner('r', "Ann"), 'a');
	pass_ms(2990);
	CHECK_INT(owner('r', "Ann"), 'a');
	pass_ms(10);
	CHECK_INT(owner('r', "Ann"), '-');
	CHECK_INT(grace_count(grace), 0);
	expect("");
	end();
}

static void
a_link_that_flaps_is_not_heard_of(void)
{
	begin(false);
	guest_comes("g", 1, 'a', 'r', "Ann");
	pass_ms(500);
	expect("r2! +av;");
	for (int i = 0; i < 5; i++) {
		if (i % 2 == 0)
			down("g", 1);
		pass_ms(2000);
		up("g", 1);
		pass_ms(20);
		CHECK_INT(guest_is_told_again("g", 1, 'a', 'r', "Ann", 1100000),
			  CLAIMS_GRANTED);
	}
	pass_ms(10000);
	expect("");
	CHECK_INT(grace_count(grace), 0);
	CHECK_INT(claims_count(claims), 1);
	CHECK_INT(owner('r', "Ann"), 'a');
	end();
}

static void
a_guest_that_closes_after_a_flap_is_gone_at_once(void)
{
	begin(false);
	guest_comes("g", 1, 'a', 'r', "Ann");
	pass_ms(500);
	down("g", 1);
	up("g", 1);
	guest_is_told_again("g", 1, 'a', 'r', "Ann", 1100000);
	pass_ms(500);
	expect("r2! +av;");
	close_it(1);
	turn();
	expect("r3 -a;");
	CHECK_INT(owner('r', "Ann"), '-');
	end();
}

static void
a_held_name_yields_and_its_guest_goes_at_once(void)
{
	begin(false);
	up("h", 1);
	guest_comes("g", 1, 'a', 'r', "Ann");
	binds(1, 's', "Ann");
	enter_at("g", 1, 's');
	pass_ms(500);
	expect("r2! +av;s2! +av;");
	down("g", 1);
	open_as("h", 7, 'b', 0, "");
	CHECK_INT(binds_at("h", 7, 'r', "ann", 0), CLAIMS_GRANTED);
	CHECK_INT(owner('s', "Ann"), '-');
	turn();
	expect("r3 -a;s3 -a;");
	enter_at("h", 7, 'r');
	pass_ms(5000);
	expect("r4 +bv;");
	CHECK_INT(grace_count(grace), 0);
	end();
}

static void
who_comes_back_to_a_name_that_yielded_has_the_older_claim(void)
{
	begin(false);
	up("h", 1);
	guest_comes("g", 1, 'a', 'r', "Ann");
	pass_ms(500);
	down("g", 1);
	guest_comes("h", 7, 'b', 'r', "Ann");
	pass_ms(500);
	expect("r2! +av;r3 +bv -a;");
	up("g", 1);
	CHECK_INT(guest_is_told_again("g", 1, 'a', 'r', "Ann", 1100000),
		  CLAIMS_GRANTED);
	expect("h1.7 loses r;");
	connections_close(connections, gateway("h"),
			  connections_find(gateway("h"), 7), now_ms);
	CHECK_INT(owner('r', "Ann"), 'a');
	pass_ms(500);
	expect("r4 +av -b;");
	end();
}

/* Presence is new: two gateways tell of the same name. */
static void
of_two_that_are_told_again_the_older_keeps_the_name(void)
{
	static const struct {
		char first, second;
		uint64_t first_since, second_since;
		char keeps;
		const char *told;
	} cases[] = {
		{ 'a', 'b', 100, 200, 'a', "" },
		{ 'a', 'b', 200, 100, 'b', "g1.1 loses r;" },
		{ 'a', 'b', 100, 100, 'a', "" },
		{ 'b', 'a', 100, 100, 'a', "g1.1 loses r;" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		begin(true);
		up("h", 3);
		open_as("g", 1, cases[i].first, 0, "");
		open_as("h", 7, cases[i].second, 0, "");
		for (int repeat = 0; repeat < 2; repeat++) {
			binds_at("g", 1, 'r', "Ann", cases[i].first_since);
			binds_at("h", 7, 'r', "Ann", cases[i].second_since);
			CHECK_INT(owner('r', "Ann"), cases[i].keeps);
		}
		expect(cases[i].told);
		CHECK_INT(claims_count(claims), 1);
		end();
	}
}

static void
a_restarted_gateway_brings_none_of_its_guests(void)
{
	static const bool is_down_first[] = { false, true };

	for (size_t i = 0; i < 2; i++) {
		begin(false);
		up("h", 1);
		guest_comes("g", 1, 'a', 'r', "Ann");
		guest_comes("h", 1, 'b', 'r', "Bob");
		open_at("g", 2, 'u', "r");
		pass_ms(500);
		expect("r2! +av +bv +u;");
		if (is_down_first[i]) {
			down("g", 1);
			down("h", 1);
			pass_ms(500);
			expect("");
		}
		up("g", 2);
		turn();
		expect("r3 -a;");
		CHECK_INT(owner('r', "Ann"), '-');
		CHECK_INT(owner('r', "Bob"), 'b');
		guest_comes("g", 1, 'c', 'r', "Ann");
		open_at("g", 2, 'u', "r");
		up("h", 1);
		guest_is_told_again("h", 1, 'b', 'r', "Bob", 1100000);
		pass_ms(5000);
		expect("r4 +cv;");
		CHECK_INT(connections_count(connections), 3);
		end();
	}
}

static void
guests_that_are_given_up_go_a_part_at_a_time(void)
{
	begin(false);
	for (uint64_t i = 1; i <= GRACE_TURN_CONNECTIONS + 10; i++) {
		struct frame_opened opened = {
			.connection = i,
			.user_name = slice_of("x"),
		};

		memcpy(opened.user.bytes, &i, sizeof(i));
		CHECK_INT(connections_open(connections, gateway("g"), &opened,
					   now_ms),
			  0);
		enter_at("g", i, 'r');
	}
	pass_ms(10);
	told[0] = '\0';
	up("g", 2);
	grace_turn(grace, now_ms);
	CHECK_INT(grace_count(grace), 10);
	CHECK(grace_due_ms(grace) <= now_ms);
	grace_turn(grace, now_ms);
	CHECK_INT(grace_count(grace), 0);
	end();
}

int
main(void)
{
	RUN(a_guest_that_closes_is_gone_at_once);
	RUN(a_claim_ends_with_the_visit);
	RUN(a_connection_becomes_another_guest_in_one_turn);
	RUN(a_connection_that_is_told_again_as_the_same_does_not_flap);
	RUN(guests_of_a_lost_gateway_are_held);
	RUN(a_name_is_held_though_its_visit_had_not_begun);
	RUN(a_link_that_flaps_is_not_heard_of);
	RUN(a_guest_that_closes_after_a_flap_is_gone_at_once);
	RUN(a_held_name_yields_and_its_guest_goes_at_once);
	RUN(who_comes_back_to_a_name_that_yielded_has_the_older_claim);
	RUN(of_two_that_are_told_again_the_older_keeps_the_name);
	RUN(a_restarted_gateway_brings_none_of_its_guests);
	RUN(guests_that_are_given_up_go_a_part_at_a_time);
	return check_done();
}
