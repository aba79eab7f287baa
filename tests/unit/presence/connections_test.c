/* SPDX-License-Identifier: MIT */
/* tests/unit/presence/connections_test.c - from what gateways tell of their
 * connections to what is told of rooms.
 */
#include "tests/unit/presence/fixture.h"

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
a_connection_may_enter_and_leave_many_rooms(void)
{
	begin(false);
	open_at("g", 1, 'a', "q");
	for (char room = 'r'; room <= 'w'; room++)
		enter(1, room, room == 't');
	pass_ms(500);
	CHECK_INT(rooms_online(rooms), 7);
	told[0] = '\0';
	leave(1, 'q');
	leave(1, 't');
	leave(1, 't');
	leave(1, 'w');
	pass_ms(500);
	CHECK_INT(rooms_online(rooms), 4);
	CHECK(strstr(told, "q3 -a;") != NULL);
	CHECK(strstr(told, "t3 -a;") != NULL);
	CHECK(strstr(told, "w3 -a;") != NULL);
	enter(1, 'q', false);
	CHECK_INT(type(1, 'q'), 0);
	close_it(1);
	pass_ms(5000);
	CHECK_INT(rooms_online(rooms), 0);
	CHECK_INT(rooms_count(rooms), 0);
	end();
}

static void
a_crowd_is_told_in_the_order_in_which_it_came(void)
{
	begin(false);
	for (uint64_t n = 1; n <= 40; n++)
		open_at("g", n, (char)('A' + n), "r");
	for (uint64_t n = 2; n <= 40; n += 2)
		leave(n, 'r');
	open_at("g", 41, 'z', "r");
	leave(1, 'r');
	enter(1, 'r', false);
	pass_ms(500);
	expect("r2! +D +F +H +J +L +N +P +R +T +V +X +Z +\\ +^ +` +b +d +f +h "
	       "+z +B;");
	rooms_retell(rooms);
	pass_ms(10);
	expect("r3! +D +F +H +J +L +N +P +R +T +V +X +Z +\\ +^ +` +b +d +f +h "
	       "+z +B;");
	end();
}

static void
each_of_several_closed_connections_has_its_grace(void)
{
	begin(false);
	open_at("g", 1, 'a', "r");
	open_at("g", 2, 'a', "r");
	pass_ms(500);
	expect("r2! +a;");
	close_it(1);
	pass_ms(2000);
	close_it(2);
	pass_ms(2000);
	expect("");
	CHECK_INT(rooms_online(rooms), 1);
	pass_ms(2000);
	expect("r3 -a;");
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
	RUN(a_connection_may_enter_and_leave_many_rooms);
	RUN(a_crowd_is_told_in_the_order_in_which_it_came);
	RUN(each_of_several_closed_connections_has_its_grace);
	RUN(nobody_is_told_gone_in_the_quiet_time);
	RUN(a_room_that_only_waits_for_the_quiet_to_end_costs_nothing);
	RUN(typing_needs_to_be_in_the_room);
	RUN(closing_and_leaving_end_typing_at_once);
	return check_done();
}
