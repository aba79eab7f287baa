/* SPDX-License-Identifier: MIT */
/* tests/unit/parley-tap/filter_test.c - which frames are shown.
 */
#include "tools/parley-tap/filter.h"

#include "tests/unit/check.h"
#include "tests/unit/parley-tap/fixture.h"
#include "tools/parley-tap/subject.h"

static struct filter filter;

static bool
takes(const char *way, const struct frame *frame)
{
	struct heard heard = heard_at(1, way, frame);

	return filter_takes(&filter, &heard);
}

static struct frame
post_of(unsigned room, unsigned user)
{
	struct frame frame = { .kind = FRAME_post };

	frame.post.room = id_of(room);
	frame.post.user = id_of(user);
	return frame;
}

static void
a_subject_fits_by_its_beginning_or_as_a_pattern(void)
{
	static const struct {
		const char *word, *subject;
		bool fits;
	} cases[] = {
		{ "", "in.router.post", true },
		{ "in.", "in.router.post", true },
		{ "in.router.post", "in.router.posted", true },
		{ "in.router.post", "in.router.pos", false },
		{ "out.", "in.router.post", false },
		{ "*", "in.router.post", true },
		{ "*.post", "in.router.post", true },
		{ "*.post", "in.router.posted", false },
		{ "in.*.post", "in.gateway-2.post", true },
		{ "in.*.post", "out.gateway.post", false },
		{ "*post*", "in.router.posted", true },
		{ "*o*t*t", "in.router.post", true },
		{ "*o*t*t", "in.rou.pos", false },
		{ "in.*", "in", false },
		{ "**.post", "in.router.post", true },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (subject_fits(cases[i].word, slice_of(cases[i].subject)) !=
		    cases[i].fits) {
			printf("# %s and %s\n", cases[i].word,
			       cases[i].subject);
			CHECK(false);
		}
}

static void
a_word_that_no_subject_can_fit_is_known(void)
{
	static const char *const possible[] = { "",    "i",  "in.",  "in.x.y",
						"out", "o*", "*.xy", "*" };
	static const char *const impossible[] = { "store", "inn", "outer*" };

	for (size_t i = 0; i < sizeof possible / sizeof *possible; i++)
		CHECK(subject_is_possible(possible[i]));
	for (size_t i = 0; i < sizeof impossible / sizeof *impossible; i++)
		CHECK(!subject_is_possible(impossible[i]));
	CHECK_INT(subject_stem("in.*.post"), 3);
	CHECK_INT(subject_stem("in.a"), 4);
}

static void
pulses_are_shown_if_asked_for(void)
{
	const struct frame ping = { .kind = FRAME_ping };
	const struct frame hello = { .kind = FRAME_hello };

	filter = (struct filter){ 0 };
	CHECK(!takes("store in gateway", &ping));
	CHECK(takes("store in gateway", &hello));
	filter.pulses = true;
	CHECK(takes("store in gateway", &ping));
}

static void
daemons_and_subjects_are_both_meant(void)
{
	char *subjects[] = { "in.router.", "*.joined" };
	const struct frame post = post_of(1, 2);
	const struct frame joined = { .kind = FRAME_joined };

	filter = (struct filter){ .daemons = "store gateway.2",
				  .subjects = subjects,
				  .subject_n = 2 };
	CHECK(takes("store in router", &post));
	CHECK(!takes("store out router", &post));
	CHECK(takes("store out router", &joined));
	CHECK(takes("gateway.2 in router", &joined));
	CHECK(!takes("gateway in router", &joined));
	CHECK(!takes("auth in router", &post));
}

static void
a_room_or_user_is_found_in_any_field(void)
{
	const struct frame_position positions[2] = { { .room = id_of(4) },
						     { .room = id_of(1) } };
	const struct uuid users[2] = { id_of(5), id_of(2) };
	struct frame post = post_of(1, 2), frame;

	filter = (struct filter){ .room = id_of(1) };
	CHECK(takes("store in router", &post));
	post = post_of(3, 2);
	CHECK(!takes("store in router", &post));
	frame = (struct frame){ .kind = FRAME_heads };
	frame.heads.rooms = (frame_list){ positions, 2 };
	CHECK(takes("store out router", &frame));
	frame.heads.rooms.n = 1;
	CHECK(!takes("store out router", &frame));
	filter = (struct filter){ .user = id_of(2) };
	frame = (struct frame){ .kind = FRAME_subscribe_users };
	frame.subscribe_users.users = (frame_UUIDS){ users, 2 };
	CHECK(takes("router in gateway", &frame));
	frame.subscribe_users.users.n = 1;
	CHECK(!takes("router in gateway", &frame));
	filter = (struct filter){ .user = id_of(2), .room = id_of(1) };
	post = post_of(1, 2);
	CHECK(takes("store in router", &post));
	post = post_of(1, 3);
	CHECK(!takes("store in router", &post));
}

static void
the_answer_to_a_frame_that_is_shown_is_shown(void)
{
	struct frame post = post_of(1, 2);
	struct frame refused = { .kind = FRAME_refused, .id = 7 };

	filter = (struct filter){ .room = id_of(1) };
	CHECK(!takes("store out router", &refused));
	post.id = 7;
	CHECK(takes("store in router", &post));
	CHECK(takes("router out store", &post));
	CHECK(takes("store out router", &refused));
	CHECK(takes("router in store", &refused));
	CHECK(!takes("store in router", &refused));
	CHECK(!takes("store out gateway", &refused));
	CHECK(!takes("auth out router", &refused));
	refused.id = 8;
	CHECK(!takes("store out router", &refused));
}

int
main(void)
{
	RUN(a_subject_fits_by_its_beginning_or_as_a_pattern);
	RUN(a_word_that_no_subject_can_fit_is_known);
	RUN(pulses_are_shown_if_asked_for);
	RUN(daemons_and_subjects_are_both_meant);
	RUN(a_room_or_user_is_found_in_any_field);
	RUN(the_answer_to_a_frame_that_is_shown_is_shown);
	return check_done();
}
