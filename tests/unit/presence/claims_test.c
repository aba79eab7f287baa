/* SPDX-License-Identifier: MIT */
/* tests/unit/presence/claims_test.c - whose a name in a room is.
 *
 * Claimants are called by one letter, which is the user's id too, so that 'a'
 * is smaller than 'b'; rooms have names of one letter.
 */
#include "presence/claims.h"

#include "tests/unit/check.h"

#include <stdlib.h>

#define NOW     1000
#define UNKNOWN '-'

static struct people people;
static struct claims *claims;
static struct claimant everybody[128]; /* by letter */
static struct claimant *loser;

/* Comes as the guest of that letter, who may be there as another claimant. */
static struct claimant *
come_as(char letter, char guest)
{
	struct claimant *claimant = &everybody[(int)letter];
	struct uuid user = { { (uint8_t)guest } };

	*claimant = (struct claimant){ 0 };
	claimant->person =
	    people_take(&people, &user, 0, (struct slice){ &guest, 1 });
	CHECK(claimant->person != NULL);
	return claimant;
}

static struct claimant *
come(char letter)
{
	return come_as(letter, letter);
}

static void
go(char letter)
{
	struct claimant *claimant = &everybody[(int)letter];

	if (claimant->person == NULL)
		return;
	claims_release_all(claims, claimant);
	CHECK_INT(claimant->count, 0);
	people_release(&people, claimant->person);
	claimant->person = NULL;
}

static void
begin(void)
{
	people_init(&people);
	claims = claims_new();
	memset(everybody, 0, sizeof(everybody));
}

static void
end(void)
{
	for (int letter = 0; letter < 128; letter++)
		go((char)letter);
	CHECK_INT(claims_count(claims), 0);
	claims_free(&claims);
	CHECK(claims == NULL);
	CHECK_INT(people_count(&people), 0);
}

static enum claims_verdict
bind_at(struct claimant *claimant, char room, const char *name, uint64_t since,
	uint64_t unix_ms)
{
	const struct frame_bind wish = {
		.room = { { (uint8_t)room } },
		.name = slice_of(name),
		.since = since,
	};

	return claims_bind(claims, claimant, &wish, unix_ms, &loser);
}

static enum claims_verdict
wants(char letter, char room, const char *name)
{
	return bind_at(&everybody[(int)letter], room, name, 0, NOW);
}

/* The first letter of the guest that has the name, or UNKNOWN. */
static char
owner(char room, const char *name)
{
	const struct uuid id = { { (uint8_t)room } };
	struct frame_person who;

	if (!claims_find(claims, &id, slice_of(name), &who))
		return UNKNOWN;
	CHECK(who.visit);
	CHECK_INT(who.user_number, 0);
	return (char)who.user.bytes[0];
}

/* a has "Ann" since 500 (or at 0: by a new wish, at NOW); then somebody else
 * wants it. */
static void
a_name_that_is_had_goes_by_these_rules(void)
{
	static const struct {
		const char *title;
		bool is_held;
		uint64_t had_since;
		char asker;
		uint64_t since;
		enum claims_verdict verdict;
		char loser;
	} cases[] = {
		{ "a new wish never wins", false, 500, 'b', 0, CLAIMS_TAKEN,
		  0 },
		{ "an older claim wins", false, 500, 'b', 499, CLAIMS_GRANTED,
		  'a' },
		{ "a younger claim loses", false, 500, 'b', 501, CLAIMS_TAKEN,
		  0 },
		{ "of the same age the greater id loses", false, 500, 'b', 500,
		  CLAIMS_TAKEN, 0 },
		{ "of the same age the smaller id wins", false, 500, 'A', 500,
		  CLAIMS_GRANTED, 'a' },
		{ "a new wish dates from now", false, 0, 'b', NOW - 1,
		  CLAIMS_GRANTED, 'a' },
		{ "what dates from now is younger than before", false, 0, 'b',
		  NOW + 1, CLAIMS_TAKEN, 0 },
		{ "what is held yields to a new wish", true, 500, 'b', 0,
		  CLAIMS_GRANTED, 'a' },
		{ "what is held yields to a younger claim", true, 500, 'b', 900,
		  CLAIMS_GRANTED, 'a' },
		{ "what is held yields to an older claim", true, 500, 'b', 100,
		  CLAIMS_GRANTED, 'a' },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		begin();
		come('a');
		come(cases[i].asker);
		bind_at(&everybody['a'], 'r', "Ann", cases[i].had_since, NOW);
		everybody['a'].is_held = cases[i].is_held;
		if (bind_at(&everybody[(int)cases[i].asker], 'r', "ann",
			    cases[i].since, NOW) != cases[i].verdict ||
		    loser != (cases[i].loser == 0 ? NULL : &everybody['a']) ||
		    owner('r', "ANN") != (cases[i].verdict == CLAIMS_GRANTED
					      ? cases[i].asker
					      : 'a')) {
			printf("# %s\n", cases[i].title);
			CHECK(false);
		}
		CHECK_INT(claims_count(claims), 1);
		end();
	}
}

static void
names_are_the_same_as_those_of_users_are(void)
{
	static const struct {
		const char *had;
		const char *wanted;
		enum claims_verdict verdict;
	} cases[] = {
		{ "Ann", "Ann", CLAIMS_TAKEN },
		{ "Ann", "aNN", CLAIMS_TAKEN },
		{ "Zo\xc3\xab", "Zoe\xcc\x88", CLAIMS_TAKEN },
		{ "Ann", "Anna", CLAIMS_GRANTED },
		{ "Ann", "Ann ", CLAIMS_GRANTED },
		{ "\xc3\x84nn", "\xc3\xa4nn", CLAIMS_GRANTED },
		{ "Ann", "", CLAIMS_INVALID },
		{ "Ann", "  ", CLAIMS_INVALID },
		{ "Ann", "A\nB", CLAIMS_INVALID },
		{ "Ann", "\xff", CLAIMS_INVALID },
		{ "Ann",
		  "12345678901234567890123456789012345678901234567890"
		  "123456789012345",
		  CLAIMS_INVALID },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		begin();
		come('a');
		come('b');
		CHECK_INT(wants('a', 'r', cases[i].had), CLAIMS_GRANTED);
		CHECK_INT(wants('b', 'r', cases[i].wanted), cases[i].verdict);
		CHECK(loser == NULL);
		CHECK_INT(owner('r', cases[i].wanted),
			  cases[i].verdict == CLAIMS_TAKEN     ? 'a'
			  : cases[i].verdict == CLAIMS_INVALID ? UNKNOWN
							       : 'b');
		end();
	}
}

static void
a_name_is_one_rooms(void)
{
	begin();
	come('a');
	come('b');
	CHECK_INT(wants('a', 'r', "Ann"), CLAIMS_GRANTED);
	CHECK_INT(wants('b', 's', "Ann"), CLAIMS_GRANTED);
	CHECK_INT(owner('r', "Ann"), 'a');
	CHECK_INT(owner('s', "Ann"), 'b');
	CHECK_INT(owner('t', "Ann"), UNKNOWN);
	end();
}

static void
asking_again_is_harmless(void)
{
	begin();
	come('a');
	come('b');
	CHECK_INT(bind_at(&everybody['a'], 'r', "Ann", 0, 500), CLAIMS_GRANTED);
	CHECK_INT(bind_at(&everybody['a'], 'r', "Ann", 0, 900), CLAIMS_GRANTED);
	CHECK(loser == NULL);
	CHECK_INT(bind_at(&everybody['a'], 'r', "Ann", 800, 900),
		  CLAIMS_GRANTED);
	CHECK_INT(everybody['a'].count, 1);
	/* It still dates from 500. */
	CHECK_INT(bind_at(&everybody['b'], 'r', "Ann", 600, 900), CLAIMS_TAKEN);
	CHECK_INT(bind_at(&everybody['a'], 'r', "Ann", 400, 900),
		  CLAIMS_GRANTED);
	CHECK_INT(bind_at(&everybody['b'], 'r', "Ann", 450, 900), CLAIMS_TAKEN);
	CHECK_INT(bind_at(&everybody['b'], 'r', "Ann", 300, 900),
		  CLAIMS_GRANTED);
	CHECK(loser == &everybody['a']);
	CHECK_INT(everybody['a'].count, 0);
	CHECK_INT(bind_at(&everybody['b'], 'r', "Ann", 300, 900),
		  CLAIMS_GRANTED);
	CHECK(loser == NULL);
	CHECK_INT(bind_at(&everybody['a'], 'r', "Ann", 400, 900), CLAIMS_TAKEN);
	CHECK_INT(owner('r', "Ann"), 'b');
	end();
}

static void
another_name_releases_the_first(void)
{
	begin();
	come('a');
	come('b');
	wants('b', 'r', "Bob");
	CHECK_INT(wants('a', 'r', "Ann"), CLAIMS_GRANTED);
	CHECK_INT(wants('a', 's', "Ann"), CLAIMS_GRANTED);
	CHECK_INT(wants('a', 'r', "Bob"), CLAIMS_TAKEN);
	CHECK_INT(owner('r', "Ann"), 'a');
	CHECK_INT(wants('a', 'r', "Amy"), CLAIMS_GRANTED);
	CHECK_INT(owner('r', "Ann"), UNKNOWN);
	CHECK_INT(owner('r', "Amy"), 'a');
	CHECK_INT(owner('s', "Ann"), 'a');
	everybody['b'].is_held = true;
	CHECK_INT(wants('a', 'r', "Bob"), CLAIMS_GRANTED);
	CHECK(loser == &everybody['b']);
	CHECK_INT(owner('r', "Amy"), UNKNOWN);
	CHECK_INT(owner('r', "Bob"), 'a');
	CHECK_INT(everybody['a'].count, 2);
	end();
}

static void
the_name_is_shown_as_it_was_bound_last(void)
{
	const struct uuid room = { { 'r' } };
	struct frame_person who;

	begin();
	come('a');
	wants('a', 'r', "ann");
	wants('a', 'r', "ANN");
	CHECK(claims_find(claims, &room, slice_of("Ann"), &who));
	CHECK(slice_is(who.user_name, "ANN"));
	CHECK_INT(claims_count(claims), 1);
	end();
}

static void
a_guest_that_was_held_comes_again_as_itself(void)
{
	begin();
	come('a')->is_held = false;
	come('c');
	bind_at(&everybody['a'], 'r', "Ann", 500, NOW);
	bind_at(&everybody['a'], 's', "Ann", 500, NOW);
	everybody['a'].is_held = true;
	come_as('b', 'a');
	CHECK_INT(bind_at(&everybody['b'], 'r', "Ann", 600, NOW),
		  CLAIMS_GRANTED);
	CHECK(loser == NULL);
	CHECK_INT(bind_at(&everybody['b'], 's', "Ann", 0, NOW), CLAIMS_GRANTED);
	CHECK(loser == NULL);
	go('a');
	CHECK_INT(everybody['b'].count, 2);
	/* Both still date from 500. */
	CHECK_INT(bind_at(&everybody['c'], 'r', "Ann", 550, NOW), CLAIMS_TAKEN);
	CHECK_INT(bind_at(&everybody['c'], 's', "Ann", 550, NOW), CLAIMS_TAKEN);
	end();
}

static void
two_connections_of_one_guest_are_two(void)
{
	begin();
	come('a');
	come_as('b', 'a');
	wants('a', 'r', "Ann");
	CHECK_INT(wants('b', 'r', "Ann"), CLAIMS_TAKEN);
	CHECK_INT(bind_at(&everybody['b'], 'r', "Ann", NOW, NOW), CLAIMS_TAKEN);
	CHECK_INT(bind_at(&everybody['b'], 'r', "Ann", NOW - 1, NOW),
		  CLAIMS_GRANTED);
	CHECK(loser == &everybody['a']);
	end();
}

static void
what_is_released_is_free(void)
{
	const struct uuid room = { { 'r' } };

	begin();
	come('a');
	come('b');
	wants('a', 'r', "Ann");
	wants('a', 's', "Ann");
	claims_release(claims, &everybody['a'], &room);
	claims_release(claims, &everybody['a'], &room);
	CHECK_INT(wants('b', 'r', "Ann"), CLAIMS_GRANTED);
	claims_release(claims, &everybody['a'], &room);
	CHECK_INT(owner('r', "Ann"), 'b');
	go('a');
	CHECK_INT(wants('b', 's', "Ann"), CLAIMS_GRANTED);
	end();
}

static void
names_pass_on_to_what_is_held(void)
{
	begin();
	come('a');
	come_as('h', 'a');
	wants('a', 'r', "Ann");
	wants('a', 's', "Amy");
	claims_pass(&everybody['a'], &everybody['h']);
	everybody['h'].is_held = true;
	CHECK_INT(everybody['a'].count, 0);
	CHECK_INT(everybody['h'].count, 2);
	CHECK_INT(owner('r', "Ann"), 'a');
	go('h');
	CHECK_INT(owner('r', "Ann"), UNKNOWN);
	CHECK_INT(owner('s', "Amy"), UNKNOWN);
	end();
}

static void
names_of_one_claimant_are_bounded(void)
{
	char room = 1;

	begin();
	come('a');
	for (; room <= CLAIMS_PER_CLAIMANT; room++)
		CHECK_INT(wants('a', room, "Ann"), CLAIMS_GRANTED);
	CHECK_INT(wants('a', room, "Ann"), CLAIMS_TOO_MANY);
	CHECK_INT(owner(room, "Ann"), UNKNOWN);
	CHECK_INT(wants('a', 1, "Amy"), CLAIMS_GRANTED);
	CHECK_INT(claims_count(claims), CLAIMS_PER_CLAIMANT);
	end();
}

/* Whatever comes in whatever order: a name has one owner, who has one name in a
 * room. */
static void
any_order_of_wishes_leaves_one_owner(void)
{
	static const char *const names[] = { "Ann", "ann", "Bob", "Cy" };
	char names_of['f' + 1]['t' + 1];

	begin();
	memset(names_of, 0, sizeof(names_of));
	srandom(1);
	for (int i = 0; i < 20000; i++) {
		char letter = (char)('a' + random() % 6);
		char room = (char)('r' + random() % 3);
		struct claimant *claimant = &everybody[(int)letter];

		if (claimant->person == NULL)
			come(letter);
		if (random() % 8 == 0)
			go(letter);
		else if (random() % 8 == 0)
			claimant->is_held = true;
		else if (!claimant->is_held &&
			 bind_at(claimant, room, names[random() % 4],
				 (uint64_t)random() % 4 * 300,
				 NOW) == CLAIMS_GRANTED)
			CHECK(loser != claimant);
	}
	for (char room = 'r'; room <= 't'; room++)
		for (size_t i = 1; i < 4; i++) {
			char who = owner(room, names[i]);

			if (who == UNKNOWN)
				continue;
			CHECK_INT(names_of[(int)who][(int)room]++, 0);
		}
	end();
}

int
main(void)
{
	RUN(a_name_that_is_had_goes_by_these_rules);
	RUN(names_are_the_same_as_those_of_users_are);
	RUN(a_name_is_one_rooms);
	RUN(asking_again_is_harmless);
	RUN(another_name_releases_the_first);
	RUN(the_name_is_shown_as_it_was_bound_last);
	RUN(a_guest_that_was_held_comes_again_as_itself);
	RUN(two_connections_of_one_guest_are_two);
	RUN(what_is_released_is_free);
	RUN(names_pass_on_to_what_is_held);
	RUN(names_of_one_claimant_are_bounded);
	RUN(any_order_of_wishes_leaves_one_owner);
	return check_done();
}
