/* SPDX-License-Identifier: MIT */
/* tests/unit/parley-tap/hops_test.c - a message's way out of what taps tell, in
 * whatever order they are heard.
 */
#include "tools/parley-tap/hops.h"

#include "tests/unit/check.h"
#include "tests/unit/parley-tap/fixture.h"
#include "tools/parley-tap/way_table.h"

static struct hops hops;

/* The message of author 2 in room 1, by the client's id 3; its own id is 4. */
static struct frame
post(uint64_t id)
{
	struct frame frame = { .kind = FRAME_post, .id = id };

	frame.post.room = id_of(1);
	frame.post.user = id_of(2);
	frame.post.nonce = id_of(3);
	frame.post.user_name = slice_of("ann");
	frame.post.text = slice_of("hello");
	return frame;
}

static struct frame
message(uint64_t id, uint64_t event)
{
	struct frame frame = { .kind = FRAME_message,
			       .id = id,
			       .event = event };

	frame.message.room = id_of(1);
	frame.message.user = id_of(2);
	frame.message.nonce = id_of(3);
	frame.message.message = id_of(4);
	frame.message.seq = 9;
	return frame;
}

static struct frame
posted(uint64_t id)
{
	struct frame frame = { .kind = FRAME_posted, .id = id };

	frame.posted.message = id_of(4);
	frame.posted.seq = 9;
	return frame;
}

static struct frame
refused(uint64_t id, const char *code)
{
	struct frame frame = { .kind = FRAME_refused, .id = id };

	frame.refused.code = slice_of(code);
	return frame;
}

static struct way *
hear(uint64_t at_us, const char *way, struct frame frame)
{
	struct heard heard = heard_at(at_us, way, &frame);

	return hops_take(&hops, &heard);
}

static void
hear_the_way_in(void)
{
	hear(1000, "gateway.2 out router", post(17));
	hear(1050, "router in gateway-2", post(17));
	hear(1060, "router out store", post(5));
	hear(1100, "store in router", post(5));
}

static void
hear_the_way_out(void)
{
	hear(1900, "store out router", message(5, 0));
	hear(1950, "router in store", message(5, 0));
	hear(1960, "router out gateway", message(0, 31));
	hear(1961, "router out gateway-2", message(0, 77));
	hear(1965, "router out gateway-2", posted(17));
	hear(2010, "gateway in router", message(0, 31));
	hear(2020, "gateway.2 in router", message(0, 77));
}

static void
the_way_of_a_message_is_whole_when_all_of_it_was_heard(void)
{
	struct way *way;

	hops_fini(&hops);
	hear_the_way_in();
	hear_the_way_out();
	way = hear(2030, "gateway.2 in router", posted(17));
	CHECK(way == &hops.ways[0]);
	CHECK_INT(hops.count, 1);
	CHECK(way_is_whole(way));
	CHECK_STR(way->author, "ann");
	CHECK_STR(way->gateway, "gateway-2");
	CHECK_INT(way->seq, 9);
	CHECK_INT(way->delivery_n, 2);
	CHECK_INT(way_end(way) - way_begin(way), 1030);
	CHECK_INT(way->at_us[HOP_STORE_OUT] - way_before(way, HOP_STORE_OUT),
		  800);
	CHECK_INT(way_before(way, HOP_ROUTER_IN), 1000);
	CHECK(way_is_called(way, slice_of("33333333")));
	CHECK(way_is_called(way,
			    slice_of("44444444-4444-4444-4444-444444444444")));
	CHECK(!way_is_called(way, slice_of("3333333")));
	CHECK(!way_is_called(way, slice_of("53333333")));
}

static void
each_hop_is_missed_if_it_is_not_heard(void)
{
	for (int missing = HOP_GATEWAY_OUT; missing < HOPS; missing++) {
		struct way *way;

		hops_fini(&hops);
		hear_the_way_in();
		hear_the_way_out();
		way = hear(2030, "gateway.2 in router", posted(17));
		way->at_us[missing] = 0;
		CHECK(!way_is_whole(way));
		CHECK_INT(way_is_answered(way), missing != HOP_ANSWER_IN);
	}
}

static void
a_delivery_that_does_not_arrive_is_missed(void)
{
	struct way *way;

	hops_fini(&hops);
	hear_the_way_in();
	hear(1900, "store out router", message(5, 0));
	hear(1950, "router in store", message(5, 0));
	hear(1960, "router out gateway", message(0, 31));
	hear(1965, "router out gateway-2", posted(17));
	way = hear(2030, "gateway.2 in router", posted(17));
	CHECK(!way_is_whole(way));
	CHECK_INT(way_undelivered(way), 1);
	hear(2040, "gateway in router", message(0, 31));
	CHECK(way_is_whole(way));
}

/* Taps are read one by one. */
static void
what_came_first_may_be_heard_last(void)
{
	struct way *way;

	hops_fini(&hops);
	hear(1890, "gateway in router", message(0, 31));
	hear(1900, "store in router", post(5));
	hear(1901, "store out router", message(5, 0));
	hear(1902, "router in gateway-2", post(17));
	hear(1903, "router out store", post(5));
	hear(1904, "router in store", message(5, 0));
	hear(1904, "router out gateway", message(0, 31));
	hear(1905, "router out gateway-2", posted(17));
	hear(1906, "gateway.2 out router", post(17));
	way = hear(1907, "gateway.2 in router", posted(17));
	CHECK_INT(hops.count, 1);
	CHECK(way_is_whole(way));
	way_settle(way);
	for (int hop = HOP_GATEWAY_OUT; hop < HOPS; hop++)
		CHECK(way->at_us[hop] >= way_before(way, (enum hop)hop));
	CHECK_INT(way->at_us[HOP_GATEWAY_OUT], 1890);
	CHECK_INT(way->at_us[HOP_ROUTER_BACK], 1890);
	CHECK_INT(way->at_us[HOP_ANSWER_IN], 1907);
}

static void
no_delivery_is_later_than_what_followed(void)
{
	struct way *way;

	hops_fini(&hops);
	hear_the_way_in();
	hear(1900, "store out router", message(5, 0));
	hear(2990, "router in store", message(5, 0));
	hear(2991, "router out gateway", message(0, 31));
	hear(2992, "router out gateway-2", posted(17));
	hear(2010, "gateway in router", message(0, 31));
	way = hear(2030, "gateway.2 in router", posted(17));
	way_settle(way);
	CHECK_INT(way->deliveries[0].out_us, 2010);
	CHECK_INT(way->at_us[HOP_ROUTER_BACK], 2010);
	CHECK_INT(way->at_us[HOP_ANSWER_OUT], 2030);
	CHECK_INT(way->at_us[HOP_STORE_OUT], 1900);
}

static void
the_gateways_own_stamp_is_the_beginning(void)
{
	struct frame frame = post(17);
	struct way *way;

	hops_fini(&hops);
	frame.post.since = 1700000000000000 + 400;
	way = hear(1000, "gateway out router", frame);
	CHECK_INT(way->at_us[HOP_HEARD], 400);
	hops_fini(&hops);
	/* Of a clock that is ahead, or far behind. */
	frame.post.since = 1700000000000000 + 5000;
	way = hear(1000, "gateway out router", frame);
	CHECK_INT(way->at_us[HOP_HEARD], 0);
	hops_fini(&hops);
	frame.post.since = 1600000000000000;
	way = hear(1000, "gateway out router", frame);
	CHECK_INT(way->at_us[HOP_HEARD], 0);
}

static void
a_refusal_is_a_whole_way_too(void)
{
	struct way *way;

	hops_fini(&hops);
	hear_the_way_in();
	CHECK(hear(1200, "store out gateway", refused(5, "not_allowed")) ==
	      NULL);
	hear(1200, "store out router", refused(5, "not_a_member"));
	hear(1210, "router in store", refused(5, "not_a_member"));
	CHECK(hear(1215, "router out gateway", refused(17, "not_a_member")) ==
	      NULL);
	hear(1215, "router out gateway-2", refused(17, "not_a_member"));
	way = hear(1220, "gateway.2 in router", refused(17, "not_a_member"));
	CHECK(way_is_whole(way));
	CHECK_STR(way->refused, "not_a_member");
	CHECK_INT(way->delivery_n, 0);
}

static void
a_known_message_is_its_own_answer(void)
{
	struct frame known = message(5, 0);
	struct way *way;

	hops_fini(&hops);
	hear_the_way_in();
	known.message.duplicate = true;
	hear(1200, "store out router", known);
	hear(1210, "router in store", known);
	known.id = 17;
	hear(1215, "router out gateway-2", known);
	way = hear(1220, "gateway.2 in router", known);
	CHECK(way_is_whole(way));
	CHECK(way->is_known);
	CHECK_INT(way->delivery_n, 0);
}

static void
what_comes_again_is_counted_once(void)
{
	struct way *way;

	hops_fini(&hops);
	hear_the_way_in();
	way = hear(5000, "store in router", post(5));
	CHECK_INT(way->at_us[HOP_STORE_IN], 1100);
	CHECK_INT(way->repeats, 1);
}

static void
other_frames_are_part_of_no_way(void)
{
	hops_fini(&hops);
	CHECK(hear(1, "gateway in router", posted(17)) == NULL);
	CHECK(hear(1, "auth in gateway", refused(17, "taken")) == NULL);
	CHECK(hear(1, "store out parleyctl-9", message(5, 0)) == NULL);
	CHECK_INT(hops.count, 0);
}

static void
the_one_that_is_kept_is_not_forgotten(void)
{
	struct way *way;

	hops_fini(&hops);
	way = hear(1000, "gateway out router", post(17));
	hops_keep(&hops, way);
	for (unsigned i = 0; i < 3 * WAYS_MAX; i++) {
		struct frame frame = post(100 + i);

		memcpy(&frame.post.nonce, &i, sizeof i);
		hear(1001 + i, "gateway out router", frame);
	}
	CHECK(uuid_equal(&way->nonce, &(struct uuid){ { 0 } }) == false);
	CHECK(hear(9000, "router in gateway", post(17)) == way);
}

static void
times_are_told_in_three_digits(void)
{
	static const struct {
		uint64_t us;
		const char *text;
	} cases[] = { { 0, "0 µs" },
		      { 999, "999 µs" },
		      { 1234, "1.23 ms" },
		      { 2500000, "2.50 s" } };
	struct buffer text = { 0 };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buffer_clear(&text);
		CHECK_INT(way_append_us(&text, cases[i].us), 0);
		CHECK_INT(buffer_append(&text, "", 1), 0);
		CHECK_STR((const char *)text.bytes, cases[i].text);
	}
	buffer_fini(&text);
}

int
main(void)
{
	RUN(the_way_of_a_message_is_whole_when_all_of_it_was_heard);
	RUN(each_hop_is_missed_if_it_is_not_heard);
	RUN(a_delivery_that_does_not_arrive_is_missed);
	RUN(what_came_first_may_be_heard_last);
	RUN(no_delivery_is_later_than_what_followed);
	RUN(the_gateways_own_stamp_is_the_beginning);
	RUN(a_refusal_is_a_whole_way_too);
	RUN(a_known_message_is_its_own_answer);
	RUN(what_comes_again_is_counted_once);
	RUN(other_frames_are_part_of_no_way);
	RUN(the_one_that_is_kept_is_not_forgotten);
	RUN(times_are_told_in_three_digits);
	hops_fini(&hops);
	return check_done();
}
