/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/sources_test.c - which addresses are the same, and who has
 * waited longest where most wait?
 */
#include "gateway/sources.h"

#include "tests/unit/check.h"

#define MANY (2 * SOURCES_RANKS)

static bool
are_one(const char *one, const char *other)
{
	struct sources sources = { 0 };
	struct source *first = sources_hold(&sources, one);
	struct source *second = sources_hold(&sources, other);
	bool is_same = first == second;

	sources_drop(&sources, &first);
	sources_drop(&sources, &second);
	CHECK(sources.by_key == NULL);
	return is_same;
}

static void
an_ipv4_address_is_itself_however_it_is_written(void)
{
	CHECK(are_one("192.0.2.1", "192.0.2.1"));
	CHECK(are_one("192.0.2.1", "::ffff:192.0.2.1"));
	CHECK(!are_one("192.0.2.1", "192.0.2.2"));
	CHECK(!are_one("192.0.2.1", "::192.0.2.1"));
}

static void
of_ipv6_the_network_counts(void)
{
	CHECK(are_one("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff"));
	CHECK(!are_one("2001:db8::1", "2001:db8:0:1::1"));
	CHECK(are_one("fe80::1", "fe80::2"));
}

static bool
is_local(const char *address)
{
	struct sources sources = { 0 };
	struct source *source = sources_hold(&sources, address);
	bool is = source->key.is_local;

	sources_drop(&sources, &source);
	return is;
}

static void
the_loopback_is_local_and_nothing_else(void)
{
	CHECK(is_local("127.0.0.1"));
	CHECK(is_local("127.9.9.9"));
	CHECK(is_local("::ffff:127.0.0.1"));
	CHECK(is_local("::1"));
	CHECK(!is_local("::2"));
	CHECK(!are_one("::1", "::2"));
	CHECK(!is_local("128.0.0.1"));
	CHECK(!is_local("?"));
}

static void
stand(struct sources *sources, struct waiter *waiter, const char *address)
{
	waiter->source = sources_hold(sources, address);
	sources_wait(sources, waiter);
}

static void
go(struct sources *sources, struct waiter *waiter)
{
	sources_serve(sources, waiter);
	sources_drop(sources, &waiter->source);
}

static void
the_longest_line_gives_its_oldest(void)
{
	struct sources sources = { 0 };
	struct waiter a[3] = { 0 }, b[2] = { 0 };

	CHECK(sources_longest(&sources) == NULL);
	stand(&sources, &b[0], "192.0.2.2");
	stand(&sources, &a[0], "192.0.2.1");
	stand(&sources, &a[1], "192.0.2.1");
	stand(&sources, &b[1], "192.0.2.2");
	stand(&sources, &a[2], "192.0.2.1");
	CHECK_INT(sources.waiting, 5);
	CHECK(sources_longest(&sources) == &a[0]);
	go(&sources, &a[0]);
	/* Both have two: who has had them longer. */
	CHECK(sources_longest(&sources) == &b[0]);
	go(&sources, &b[0]);
	CHECK(sources_longest(&sources) == &a[1]);
	go(&sources, &a[1]);
	go(&sources, &a[2]);
	CHECK(sources_longest(&sources) == &b[1]);
	go(&sources, &b[1]);
	CHECK(sources_longest(&sources) == NULL);
	CHECK_INT(sources.waiting, 0);
	CHECK(sources.by_key == NULL);
}

static void
who_is_served_comes_back_to_the_end_of_the_line(void)
{
	struct sources sources = { 0 };
	struct waiter a[2] = { 0 };

	stand(&sources, &a[0], "192.0.2.1");
	stand(&sources, &a[1], "192.0.2.1");
	sources_serve(&sources, &a[0]);
	sources_serve(&sources, &a[0]);
	CHECK_INT(sources.waiting, 1);
	sources_wait(&sources, &a[0]);
	sources_wait(&sources, &a[0]);
	CHECK_INT(sources.waiting, 2);
	CHECK(sources_longest(&sources) == &a[1]);
	go(&sources, &a[0]);
	go(&sources, &a[1]);
}

static void
a_line_longer_than_the_ranks_is_still_the_longest(void)
{
	static struct waiter crowd[MANY];
	struct sources sources = { 0 };
	struct waiter other = { 0 };

	stand(&sources, &other, "192.0.2.2");
	for (size_t i = 0; i < MANY; i++)
		stand(&sources, &crowd[i], "192.0.2.1");
	for (size_t i = 0; i + 1 < MANY; i++) {
		CHECK(sources_longest(&sources) == &crowd[i]);
		go(&sources, &crowd[i]);
	}
	CHECK(sources_longest(&sources) == &other);
	go(&sources, &other);
	go(&sources, &crowd[MANY - 1]);
	CHECK(sources.by_key == NULL);
}

int
main(void)
{
	RUN(an_ipv4_address_is_itself_however_it_is_written);
	RUN(of_ipv6_the_network_counts);
	RUN(the_loopback_is_local_and_nothing_else);
	RUN(the_longest_line_gives_its_oldest);
	RUN(who_is_served_comes_back_to_the_end_of_the_line);
	RUN(a_line_longer_than_the_ranks_is_still_the_longest);
	return check_done();
}
