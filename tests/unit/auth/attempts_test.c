/* SPDX-License-Identifier: MIT */
/* tests/unit/auth/attempts_test.c - when failed tries lead to a wait. */
#include "auth/attempts.h"

#include "tests/unit/check.h"

#include <stdlib.h>
#include <unistd.h>

#define NOW 1700000000000ull

static char folder[64] = "/tmp/parley-attempts-XXXXXX";
static char path[128];
static struct database *db;

static struct attempt_key
account(const char *name)
{
	struct attempt_key key;

	attempts_key_account(&key, "name", slice_of(name));
	return key;
}

static struct attempt_key
address(const char *text)
{
	struct attempt_key key;

	attempts_key_address(&key, slice_of(text));
	return key;
}

static void
add(struct attempt_key key, uint64_t at_ms, int times)
{
	database_begin(db, true);
	for (int i = 0; i < times; i++)
		attempts_add(db, &key, at_ms);
	CHECK(database_commit(db));
}

static uint64_t
wait_s(const char *name, const char *from, uint64_t now_ms)
{
	struct attempt_key who = account(name), where = address(from);

	return attempts_wait_s(db, &who, &where, now_ms);
}

static void
ten_failures_close_an_account_for_five_minutes(void)
{
	add(account("ann"), NOW, 9);
	CHECK_INT(wait_s("ann", "10.0.0.1", NOW + 1000), 0);
	add(account("ann"), NOW + 1000, 1);
	CHECK_INT(wait_s("ann", "10.0.0.1", NOW + 1000), 299);
	CHECK_INT(wait_s("ann", "10.0.0.1", NOW + 299001), 1);
	CHECK_INT(wait_s("ann", "10.0.0.1", NOW + 300000), 0);
	CHECK_INT(wait_s("bob", "10.0.0.1", NOW + 1000), 0);
}

static void
restarts_forget_nothing(void)
{
	database_close(&db);
	db = database_open(path);
	CHECK_INT(wait_s("ann", "10.0.0.1", NOW + 1000), 299);
}

static void
success_clears_an_account(void)
{
	struct attempt_key ann = account("ann");

	database_begin(db, true);
	attempts_clear(db, &ann);
	CHECK(database_commit(db));
	CHECK_INT(wait_s("ann", "10.0.0.1", NOW + 1000), 0);
}

static void
a_hundred_failures_close_an_address(void)
{
	add(address("10.0.0.2"), NOW, 99);
	CHECK_INT(wait_s("eve", "10.0.0.2", NOW), 0);
	add(address("10.0.0.2"), NOW, 1);
	CHECK_INT(wait_s("eve", "10.0.0.2", NOW), 300);
	CHECK_INT(wait_s("eve", "::ffff:10.0.0.2", NOW), 300);
	CHECK_INT(wait_s("eve", "10.0.0.3", NOW), 0);
}

static void
an_ipv6_client_counts_by_its_network(void)
{
	add(address("2001:db8:0:1::1"), NOW, 100);
	CHECK_INT(wait_s("eve", "2001:db8:0:1:ffff::9", NOW), 300);
	CHECK_INT(wait_s("eve", "2001:db8:0:2::1", NOW), 0);
	add(address("unix"), NOW, 100);
	CHECK_INT(wait_s("eve", "unix", NOW), 300);
}

static uint64_t
join_wait_s(const char *from, uint64_t now_ms)
{
	struct attempt_key joiner;

	attempts_key_joiner(&joiner, slice_of(from));
	return attempts_join_wait_s(db, &joiner, now_ms);
}

static void
ten_failed_joins_close_an_address_for_a_minute(void)
{
	struct attempt_key joiner;

	attempts_key_joiner(&joiner, slice_of("10.0.0.4"));
	add(joiner, NOW, 9);
	CHECK_INT(join_wait_s("10.0.0.4", NOW), 0);
	add(joiner, NOW + 5000, 1);
	CHECK_INT(join_wait_s("10.0.0.4", NOW + 5000), 55);
	CHECK_INT(join_wait_s("::ffff:10.0.0.4", NOW + 5000), 55);
	CHECK_INT(join_wait_s("10.0.0.5", NOW + 5000), 0);
	CHECK_INT(join_wait_s("10.0.0.4", NOW + 59999), 1);
	CHECK_INT(join_wait_s("10.0.0.4", NOW + 60000), 0);
}

static void
log_ins_and_joins_are_counted_apart(void)
{
	add(address("10.0.0.6"), NOW, 100);
	CHECK_INT(wait_s("eve", "10.0.0.6", NOW), 300);
	CHECK_INT(join_wait_s("10.0.0.6", NOW), 0);
	CHECK_INT(wait_s("eve", "10.0.0.4", NOW), 0);
}

static void
a_clock_that_was_set_back_locks_nobody_out(void)
{
	add(account("dan"), NOW + 86400000, 10);
	CHECK_INT(wait_s("dan", "10.0.0.9", NOW), 0);
}

static void
old_failures_are_swept(void)
{
	database_begin(db, true);
	attempts_sweep(db, NOW + 300000);
	CHECK(database_commit(db));
	CHECK_INT(wait_s("eve", "10.0.0.2", NOW), 0);
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/auth.db", folder);
	db = database_open(path);
	if (db == NULL)
		return 1;
	RUN(ten_failures_close_an_account_for_five_minutes);
	RUN(restarts_forget_nothing);
	RUN(success_clears_an_account);
	RUN(a_hundred_failures_close_an_address);
	RUN(an_ipv6_client_counts_by_its_network);
	RUN(ten_failed_joins_close_an_address_for_a_minute);
	RUN(log_ins_and_joins_are_counted_apart);
	RUN(a_clock_that_was_set_back_locks_nobody_out);
	RUN(old_failures_are_swept);
	database_close(&db);
	unlink(path);
	rmdir(folder);
	return check_done();
}
