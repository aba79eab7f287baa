/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/rate_test.c - how many messages pass, and when?
 */
#include "gateway/rate.h"

#include "tests/unit/check.h"

static struct uuid
user(unsigned number)
{
	struct uuid id = { { 0 } };

	memcpy(id.bytes, &number, sizeof number);
	return id;
}

/* How many of `tries` pass at this time, at 10 a second with a burst of 5. */
static unsigned
passing(struct rates *rates, unsigned number, unsigned tries, uint64_t now_ms)
{
	const struct uuid id = user(number);
	unsigned passed = 0;

	for (unsigned i = 0; i < tries; i++)
		passed += rates_take(rates, &id, 10, 5, now_ms);
	return passed;
}

static void
a_burst_passes_and_no_more(void)
{
	struct rates rates = { 0 };

	CHECK_INT(passing(&rates, 1, 20, 1000), 5);
	rates_fini(&rates);
}

static void
tokens_come_back_at_the_rate(void)
{
	struct rates rates = { 0 };

	(void)passing(&rates, 1, 5, 1000);
	CHECK_INT(passing(&rates, 1, 1, 1099), 0);
	CHECK_INT(passing(&rates, 1, 1, 1101), 1);
	CHECK_INT(passing(&rates, 1, 9, 1402), 3);
	CHECK_INT(passing(&rates, 1, 9, 60000), 5);
	rates_fini(&rates);
}

static void
what_is_refused_does_not_count(void)
{
	struct rates rates = { 0 };

	(void)passing(&rates, 1, 5, 1000);
	for (uint64_t now_ms = 1000; now_ms < 1100; now_ms++)
		CHECK_INT(passing(&rates, 1, 1, now_ms), 0);
	CHECK_INT(passing(&rates, 1, 2, 1101), 1);
	rates_fini(&rates);
}

static void
users_have_a_bucket_each(void)
{
	struct rates rates = { 0 };

	CHECK_INT(passing(&rates, 1, 9, 1000), 5);
	CHECK_INT(passing(&rates, 2, 9, 1000), 5);
	rates_fini(&rates);
}

static void
full_buckets_are_forgotten(void)
{
	struct rates rates = { 0 };

	for (unsigned i = 1; i <= 1000; i++)
		(void)passing(&rates, i, 1, 1000);
	CHECK_INT(rates_count(&rates), 1000);
	for (unsigned i = 0; i < 1000; i++)
		(void)passing(&rates, 2000, 1, 1499);
	CHECK_INT(rates_count(&rates), 1001);
	for (unsigned i = 0; i < 1000; i++)
		(void)passing(&rates, 2000, 1, 1500);
	CHECK_INT(rates_count(&rates), 1);
	rates_fini(&rates);
	CHECK_INT(rates_count(&rates), 0);
}

int
main(void)
{
	RUN(a_burst_passes_and_no_more);
	RUN(tokens_come_back_at_the_rate);
	RUN(what_is_refused_does_not_count);
	RUN(users_have_a_bucket_each);
	RUN(full_buckets_are_forgotten);
	return check_done();
}
