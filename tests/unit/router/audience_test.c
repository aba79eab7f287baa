/* SPDX-License-Identifier: MIT */
/* tests/unit/router/audience_test.c - each id has those who listen to it, once
 * each, whether they are one, few or many. */
#include "router/audience.h"

#include "tests/unit/check.h"

#include <malloc.h>

#define GATEWAYS 5

/* Nobody looks into a peer. */
static char gateways[GATEWAYS];

static struct peer *
gateway(size_t i)
{
	return (struct peer *)&gateways[i];
}

static struct uuid
id_of(unsigned i)
{
	return (struct uuid){ { (uint8_t)i, (uint8_t)(i >> 8) } };
}

static void
hear(struct audience *audience, unsigned id, size_t by)
{
	struct uuid uuid = id_of(id);

	CHECK_INT(audience_add(audience, &uuid, gateway(by)), 0);
}

static void
hear_no_more(struct audience *audience, unsigned id, size_t by)
{
	struct uuid uuid = id_of(id);

	audience_remove(audience, &uuid, gateway(by));
}

/* The listeners of an id as digits, in the order of the gateways; one that is
 * there twice shows. */
static const char *
heard_by(const struct audience *audience, unsigned id)
{
	static char text[64];
	struct uuid uuid = id_of(id);
	size_t n, length = 0;
	struct peer *const *listeners = audience_of(audience, &uuid, &n);

	for (size_t g = 0; g < GATEWAYS; g++)
		for (size_t i = 0; i < n; i++)
			if (listeners[i] == gateway(g))
				text[length++] = (char)('0' + g);
	text[length] = '\0';
	CHECK_INT(length, n);
	return text;
}

static void
listeners_come_and_go(void)
{
	struct audience audience;

	audience_init(&audience);
	CHECK_STR(heard_by(&audience, 1), "");
	for (size_t g = 0; g < GATEWAYS; g++) {
		hear(&audience, 1, g);
		hear(&audience, 1, g);
	}
	hear(&audience, 2, 3);
	CHECK_STR(heard_by(&audience, 1), "01234");
	CHECK_STR(heard_by(&audience, 2), "3");
	hear_no_more(&audience, 1, 1);
	hear_no_more(&audience, 1, 1);
	CHECK_STR(heard_by(&audience, 1), "0234");
	hear_no_more(&audience, 1, 0);
	CHECK_STR(heard_by(&audience, 1), "234");
	hear_no_more(&audience, 1, 3);
	CHECK_STR(heard_by(&audience, 1), "24");
	hear(&audience, 1, 0);
	CHECK_STR(heard_by(&audience, 1), "024");
	hear_no_more(&audience, 1, 4);
	hear_no_more(&audience, 1, 0);
	CHECK_STR(heard_by(&audience, 1), "2");
	CHECK_INT(audience_count(&audience), 2);
	hear_no_more(&audience, 1, 2);
	hear_no_more(&audience, 1, 2);
	CHECK_STR(heard_by(&audience, 1), "");
	CHECK_INT(audience_count(&audience), 1);
	audience_fini(&audience);
	CHECK_INT(audience_count(&audience), 0);
}

/* Gateway g hears each id that g + 1 divides. */
static void
fill(struct audience *audience, unsigned ids)
{
	audience_init(audience);
	for (unsigned id = 1; id <= ids; id++)
		for (size_t g = 0; g < GATEWAYS; g++)
			if (id % (g + 1) == 0)
				hear(audience, id, g);
}

static void
one_who_is_gone_is_forgotten_everywhere(void)
{
	struct audience audience;

	fill(&audience, 3000);
	CHECK_STR(heard_by(&audience, 60), "01234");
	audience_forget(&audience, gateway(0));
	audience_forget(&audience, gateway(3));
	CHECK_STR(heard_by(&audience, 60), "124");
	CHECK_STR(heard_by(&audience, 8), "1");
	CHECK_STR(heard_by(&audience, 7), "");
	/* Those that 2, 3 or 5 divides. */
	CHECK_INT(audience_count(&audience), 2200);
	audience_fini(&audience);
}

static void
who_listens_alone_takes_at_most_64_bytes(void)
{
	struct mallinfo2 before = mallinfo2(), after;
	struct audience audience;

	audience_init(&audience);
	for (unsigned id = 1; id <= 20000; id++)
		hear(&audience, id, 0);
	after = mallinfo2();
	/* A sanitizer's malloc() counts nothing. */
	CHECK(after.uordblks + after.hblkhd - before.uordblks - before.hblkhd <=
	      64 * 20000);
	audience_fini(&audience);
}

int
main(void)
{
	RUN(listeners_come_and_go);
	RUN(one_who_is_gone_is_forgotten_everywhere);
	RUN(who_listens_alone_takes_at_most_64_bytes);
	return check_done();
}
