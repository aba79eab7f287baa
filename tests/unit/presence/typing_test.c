/* SPDX-License-Identifier: MIT */
/* tests/unit/presence/typing_test.c - typing begins once, is prolonged, and
 * ends by word, by connection or by time.
 */
#include "presence/typing.h"

#include "tests/unit/check.h"

static const struct uuid room = { { 'r' } };
static const struct uuid alice = { { 'a' } };
static const struct uuid bob = { { 'b' } };

static char told[256];

/* "+a" alice begins, "-a" she ends. */
static void
note(void *self, const struct uuid *in, const struct uuid *user, bool on)
{
	size_t n = strlen(told);

	(void)self;
	CHECK(uuid_equal(in, &room));
	snprintf(told + n, sizeof told - n, "%c%c ", on ? '+' : '-',
		 user->bytes[0]);
}

static void
expect(const char *wanted)
{
	CHECK_STR(told, wanted);
	told[0] = '\0';
}

static void
repeated_typing_is_told_again_and_prolonged(void)
{
	struct typing *typing = typing_new(note, NULL);

	typing_begin(typing, &room, &alice, 1, 1000);
	typing_begin(typing, &room, &alice, 1, 8000);
	expect("+a +a ");
	typing_turn(typing, 17999);
	expect("");
	CHECK_INT(typing_due_ms(typing), 18000);
	typing_turn(typing, 18000);
	expect("-a ");
	CHECK_INT(typing_count(typing), 0);
	typing_free(&typing);
}

static void
each_ends_at_their_own_time(void)
{
	struct typing *typing = typing_new(note, NULL);

	typing_begin(typing, &room, &alice, 1, 1000);
	typing_begin(typing, &room, &bob, 2, 2000);
	typing_begin(typing, &room, &alice, 1, 3000);
	expect("+a +b +a ");
	typing_turn(typing, 12000);
	expect("-b ");
	typing_turn(typing, 13000);
	expect("-a ");
	typing_free(&typing);
}

static void
stopping_is_told_once(void)
{
	struct typing *typing = typing_new(note, NULL);

	typing_end(typing, &room, &alice, 500);
	typing_begin(typing, &room, &alice, 1, 1000);
	typing_end(typing, &room, &alice, 2000);
	typing_end(typing, &room, &alice, 2001);
	typing_leave(typing, &room, &alice, 1, 2002);
	typing_turn(typing, 20000);
	expect("+a -a ");
	typing_begin(typing, &room, &alice, 1, 21000);
	expect("+a ");
	typing_free(&typing);
}

static void
only_the_last_connection_that_types_ends_it(void)
{
	struct typing *typing = typing_new(note, NULL);

	typing_begin(typing, &room, &alice, 1, 1000);
	typing_begin(typing, &room, &alice, 2, 1000);
	typing_begin(typing, &room, &alice, 1, 1000);
	typing_leave(typing, &room, &alice, 7, 1500);
	typing_leave(typing, &room, &alice, 1, 1500);
	expect("+a +a +a ");
	typing_leave(typing, &room, &alice, 2, 1600);
	expect("-a ");
	typing_free(&typing);
}

static void
of_many_connections_the_latest_count(void)
{
	struct typing *typing = typing_new(note, NULL);

	for (uint64_t i = 1; i <= TYPING_CONNECTIONS + 2; i++)
		typing_begin(typing, &room, &alice, i, 1000);
	for (uint64_t i = 1; i < TYPING_CONNECTIONS + 2; i++)
		typing_leave(typing, &room, &alice, i, 1000);
	expect("+a +a +a +a +a +a ");
	typing_leave(typing, &room, &alice, TYPING_CONNECTIONS + 2, 1000);
	expect("-a ");
	typing_free(&typing);
}

static void
a_router_that_was_away_hears_states_and_late_ends(void)
{
	struct typing *typing = typing_new(note, NULL);

	typing_begin(typing, &room, &alice, 1, 1000);
	typing_begin(typing, &room, &bob, 2, 1000);
	typing_end(typing, &room, &alice, 2000);
	expect("+a +b -a ");
	typing_retell(typing);
	expect("+b -a ");
	typing_turn(typing, 11000);
	expect("-b ");
	typing_turn(typing, 2000 + TYPING_REMEMBER_MS);
	typing_retell(typing);
	expect("-b ");
	typing_turn(typing, 11000 + TYPING_REMEMBER_MS);
	typing_retell(typing);
	expect("");
	CHECK(typing_due_ms(typing) == TYPING_NEVER);
	typing_free(&typing);
}

int
main(void)
{
	RUN(repeated_typing_is_told_again_and_prolonged);
	RUN(each_ends_at_their_own_time);
	RUN(stopping_is_told_once);
	RUN(only_the_last_connection_that_types_ends_it);
	RUN(of_many_connections_the_latest_count);
	RUN(a_router_that_was_away_hears_states_and_late_ends);
	return check_done();
}
