/* SPDX-License-Identifier: MIT */
/* tests/unit/hooks/retry_test.c - how long is waited?
 */
#include "hooks/retry.h"

#include "tests/unit/check.h"

static void
it_doubles_up_to_five_minutes(void)
{
	static const uint64_t means_ms[] = { 1000,   2000,   4000,  8000,
					     16000,  32000,  64000, 128000,
					     256000, 300000, 300000 };

	for (size_t i = 0; i < sizeof means_ms / sizeof *means_ms; i++)
		CHECK_INT(retry_delay_ms(i + 1, (uint32_t)means_ms[i] / 4, 0),
			  means_ms[i]);
	CHECK_INT(retry_delay_ms(UINT64_MAX, 0, 0), 225000);
}

static void
it_varies_by_a_quarter(void)
{
	uint64_t least = UINT64_MAX, most = 0, delay_ms;

	for (uint32_t random = 0; random < 100000; random += 7) {
		delay_ms = retry_delay_ms(3, random, 0);
		least = delay_ms < least ? delay_ms : least;
		most = delay_ms > most ? delay_ms : most;
	}
	CHECK_INT(least, 3000);
	CHECK_INT(most, 5000);
	CHECK(retry_delay_ms(1, UINT32_MAX, 0) <= 1250);
}

static void
what_the_receiver_asks_for_is_heard_up_to_an_hour(void)
{
	CHECK_INT(retry_delay_ms(1, 0, 60), 60000);
	CHECK_INT(retry_delay_ms(10, 0, 1), 225000);
	CHECK_INT(retry_delay_ms(1, 0, 3600), 3600000);
	CHECK_INT(retry_delay_ms(1, 0, UINT64_MAX), 3600000);
}

int
main(void)
{
	RUN(it_doubles_up_to_five_minutes);
	RUN(it_varies_by_a_quarter);
	RUN(what_the_receiver_asks_for_is_heard_up_to_an_hour);
	return check_done();
}
