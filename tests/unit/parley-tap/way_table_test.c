/* SPDX-License-Identifier: MIT */
/* tests/unit/parley-tap/way_table_test.c - the table of a message's way goes
 * down as time goes on.
 */
#include "tools/parley-tap/way_table.h"

#include "tests/unit/check.h"
#include "tests/unit/parley-tap/fixture.h"

static struct buffer table;

/* A way of which all was heard; the answer is out before the delivery is in. */
static struct way
whole(void)
{
	struct way way = {
		.seq = 9, .author = "ann", .gateway = "gateway", .delivery_n = 1
	};

	way.room = id_of(1);
	way.message = id_of(4);
	for (int hop = HOP_HEARD; hop <= HOP_ROUTER_BACK; hop++)
		way.at_us[hop] = 1000 + 100 * (uint64_t)hop;
	way.deliveries[0] = (struct delivery){ "gateway", 1610, 2000 };
	way.at_us[HOP_ANSWER_OUT] = 1620;
	way.at_us[HOP_ANSWER_IN] = 1700;
	return way;
}

static const char *
print(const struct way *way)
{
	const struct style style = { 0 };

	buffer_clear(&table);
	CHECK_INT(way_table_append(&table, &style, way, NULL, 0), 0);
	CHECK_INT(buffer_append(&table, "", 1), 0);
	return (const char *)table.bytes;
}

static void
rows_are_in_the_order_of_time(void)
{
	const struct way way = whole();
	const char *text = print(&way);

	CHECK(
	    strstr(
		text,
		"router    → gateway   message          610 µs      10 µs"
		"  publishes\n"
		"router    → gateway   posted           620 µs      20 µs"
		"  answers\n"
		"gateway   ← router    posted           700 µs      80 µs\n"
		"gateway   ← router    message         1.00 ms     390 µs\n") !=
	    NULL);
}

static void
what_was_not_heard_stands_behind_what_it_follows_from(void)
{
	struct way way = whole();
	const char *text;

	way.at_us[HOP_STORE_IN] = 0;
	way.deliveries[0].in_us = 0;
	text = print(&way);
	CHECK(strstr(text, "store     ← router    post         not heard\n"
			   "store     → router    message") != NULL);
	CHECK(strstr(text, "publishes\n"
			   "gateway   ← router    message      not heard\n"
			   "router    → gateway   posted") != NULL);
}

static void
no_line_ends_with_blanks(void)
{
	struct way way = whole();

	CHECK(strstr(print(&way), " \n") == NULL);
	way.at_us[HOP_HEARD] = way.at_us[HOP_GATEWAY_OUT] = 0;
	CHECK(strstr(print(&way), " \n") == NULL);
}

int
main(void)
{
	RUN(rows_are_in_the_order_of_time);
	RUN(what_was_not_heard_stands_behind_what_it_follows_from);
	RUN(no_line_ends_with_blanks);
	buffer_fini(&table);
	return check_done();
}
