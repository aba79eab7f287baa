/* SPDX-License-Identifier: MIT */
/* tests/unit/auth/unseal_test.c - who gets into a sealed room, and how often
 * one may guess.
 */
#include "tests/unit/auth/fixture.h"

#include "auth/attempts.h"

#include <argon2.h>

/* As if `n` joins from an address had failed `ago_ms` before now. */
static void
fail_before(const char *address, int n, uint64_t ago_ms)
{
	struct attempt_key key;

	attempts_key_joiner(&key, slice_of(address));
	CHECK(database_begin(auth.db, true));
	for (int i = 0; i < n; i++)
		attempts_add(auth.db, &key, loop_unix_ms(auth.loop) - ago_ms);
	CHECK(database_commit(auth.db));
}

static void
a_join_key_opens_its_room(void)
{
	struct uuid id = id_of(1);
	char open[64], closed[64];
	struct told t;

	set_up();
	make(1, NULL, open);
	make(2, PASSWORD, closed);
	ask_unseal(open, NULL, HOME);
	CHECK_INT(told_n, 1); /* at once */
	await(1);
	t = told[0];
	CHECK_INT(t.kind, FRAME_unsealed);
	CHECK(uuid_equal(&t.room, &id));
	CHECK_STR(t.join_key, open);
	CHECK_INT(t.key_n, 32);
	CHECK(!t.has_password);
	ask_unseal(open, "not asked for", HOME);
	CHECK_INT(told_n, 1);
	await(1);
	CHECK_INT(told[0].kind, FRAME_unsealed);
	ask_unseal(closed, PASSWORD, HOME);
	CHECK_INT(told_n, 0); /* not before the hash */
	await(1);
	CHECK_INT(told[0].kind, FRAME_unsealed);
	CHECK(told[0].has_password);
	CHECK_INT(auth.count.unsealed, 3);
	tear_down();
}

static void
an_empty_password_is_none(void)
{
	char join_key[64];

	set_up();
	CHECK(!seal(1, "", false)->has_password);
	memcpy(join_key, told[0].join_key, sizeof join_key);
	CHECK_INT(unseal(join_key, NULL, HOME)->kind, FRAME_unsealed);
	tear_down();
}

static void
every_failure_looks_the_same(void)
{
	static const struct {
		bool right_key;
		const char *join_key, *password;
	} rows[] = {
		{ false, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", PASSWORD },
		{ false, "nonsense", NULL },
		{ false, NULL, PASSWORD },
		{ false, NULL, NULL },
		{ true, NULL, "wrong" },
		{ true, NULL, NULL },
	};
	char join_key[64];

	set_up();
	make(1, PASSWORD, join_key);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		ask_unseal(rows[i].right_key ? join_key : rows[i].join_key,
			   rows[i].password, HOME);
		CHECK_INT(told_n, 0); /* each one costs a hash */
		await(1);
		CHECK_STR(told[0].code, "not_allowed");
		CHECK_STR(told[0].text, "wrong join key or password");
		CHECK_INT(told[0].retry_after, 0);
	}
	CHECK_INT(auth.count.unseal_failures, 6);
	tear_down();
}

static void
ten_failures_close_an_address(void)
{
	char open[64], closed[64];
	const struct told *t;

	set_up();
	make(1, NULL, open);
	make(2, PASSWORD, closed);
	for (int i = 0; i < 10; i++)
		CHECK_STR(
		    unseal(i % 2 ? closed : "nonsense", "wrong", HOME)->code,
		    "not_allowed");
	t = unseal(closed, PASSWORD, HOME);
	CHECK_STR(t->code, "too_many");
	CHECK(t->retry_after > 0 && t->retry_after <= 60);
	CHECK_STR(unseal(open, NULL, HOME)->code, "too_many");
	CHECK_STR(unseal("nonsense", NULL, HOME)->code, "too_many");
	CHECK_INT(unseal(open, NULL, "10.0.0.2")->kind, FRAME_unsealed);
	close_all();
	open_all();
	CHECK_STR(unseal(open, NULL, HOME)->code, "too_many");
	tear_down();
}

static void
a_minute_later_it_is_open_again(void)
{
	char open[64];

	set_up();
	make(1, NULL, open);
	fail_before(HOME, 10, 59000);
	CHECK_STR(unseal(open, NULL, HOME)->code, "too_many");
	CHECK_INT(told[0].retry_after, 1);
	fail_before("10.0.0.2", 10, 60001);
	CHECK_INT(unseal(open, NULL, "10.0.0.2")->kind, FRAME_unsealed);
	tear_down();
}

static void
a_success_forgives_nobody(void)
{
	char closed[64];

	set_up();
	make(1, PASSWORD, closed);
	fail_before(HOME, 9, 1000);
	CHECK_INT(unseal(closed, PASSWORD, HOME)->kind, FRAME_unsealed);
	CHECK_STR(unseal(closed, "wrong", HOME)->code, "not_allowed");
	CHECK_STR(unseal(closed, PASSWORD, HOME)->code, "too_many");
	tear_down();
}

static void
a_flood_gets_ten_answers(void)
{
	char open[64], closed[64];

	set_up();
	make(1, NULL, open);
	make(2, PASSWORD, closed);
	for (int i = 0; i < 20; i++)
		ask_unseal(i % 2 ? closed : "nonsense", "wrong", HOME);
	CHECK_INT(told_n, 0);
	ask_unseal(open, NULL, "10.0.0.2");
	CHECK_INT(told_n, 1); /* nobody else waits */
	await(21);
	CHECK_INT(count(21, "not_allowed"), 10);
	CHECK_INT(count(21, "too_many"), 10);
	/* Right ones behind them are told nothing, of whatever room. */
	CHECK_STR(unseal(closed, PASSWORD, HOME)->code, "too_many");
	CHECK_STR(unseal(open, NULL, HOME)->code, "too_many");
	tear_down();
}

static void
many_who_know_come_in_at_once(void)
{
	char open[64], closed[64];

	set_up();
	make(1, NULL, open);
	make(2, PASSWORD, closed);
	for (int i = 0; i < 40; i++)
		ask_unseal(i % 2 ? closed : open, PASSWORD, HOME);
	await(40);
	CHECK_INT(count(40, ""), 40);
	CHECK_INT(auth.count.unsealed, 40);
	CHECK_INT(auth.count.throttled, 0);
	tear_down();
}

/* Of weaker parameters, as an older version might have made it. */
static void
an_old_hash_is_renewed(void)
{
	struct sealed_room room = { .room = id_of(1) };
	char join_key[JOIN_KEY_TEXT_BYTES];

	set_up();
	CHECK_INT(argon2id_hash_encoded(1, 8, 1, PASSWORD, strlen(PASSWORD),
					"0123456789abcdef", 16, 32,
					room.password, sizeof room.password),
		  ARGON2_OK);
	CHECK(room_keys_join(auth.room_keys, &room.room, join_key));
	CHECK(database_begin(auth.db, true));
	CHECK(sealed_rooms_add(auth.db, &room, slice_of(join_key)));
	CHECK(database_commit(auth.db));
	CHECK_STR(unseal(join_key, "wrong", HOME)->code, "not_allowed");
	CHECK(sealed_rooms_find(auth.db, &room.room, &room));
	CHECK(password_hash_is_old(room.password));
	CHECK_INT(unseal(join_key, PASSWORD, HOME)->kind, FRAME_unsealed);
	CHECK(sealed_rooms_find(auth.db, &room.room, &room));
	CHECK(!password_hash_is_old(room.password));
	CHECK_INT(unseal(join_key, PASSWORD, HOME)->kind, FRAME_unsealed);
	tear_down();
}

static void
who_is_gone_is_not_answered(void)
{
	char closed[64];

	set_up();
	make(1, PASSWORD, closed);
	ask_unseal(closed, PASSWORD, HOME);
	ask_seal(2, PASSWORD, false);
	hashing_forget(auth.hashing, somebody());
	ask_unseal(closed, "wrong", HOME);
	await(1);
	CHECK_STR(told[0].code, "not_allowed");
	tear_down();
}

static void
run_all(void)
{
	RUN(a_join_key_opens_its_room);
	RUN(an_empty_password_is_none);
	RUN(every_failure_looks_the_same);
	RUN(ten_failures_close_an_address);
	RUN(a_minute_later_it_is_open_again);
	RUN(a_success_forgives_nobody);
	RUN(a_flood_gets_ten_answers);
	RUN(many_who_know_come_in_at_once);
	RUN(an_old_hash_is_renewed);
	RUN(who_is_gone_is_not_answered);
}

int
main(void)
{
	return run_in_folder(run_all);
}
