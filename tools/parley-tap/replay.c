/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/replay.c - says to a daemon again what one was once told,
 * and looks whether it answers as that one did.
 *
 * The recording is walked in its order. What the daemon got is said to it;
 * where the recording has an answer, that one is waited for before anything
 * else is said, since what came next may have come because of it.
 */
#include "proto/clock.h"
#include "proto/hash.h"
#include "tools/client/stop.h"
#include "tools/parley-tap/compare.h"
#include "tools/parley-tap/guard.h"
#include "tools/parley-tap/lines.h"
#include "tools/parley-tap/recording_file.h"
#include "tools/parley-tap/said.h"
#include "tools/parley-tap/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#define SPEED_MAX 1000

/* An answer that came and was not compared yet. */
struct answer {
	const struct link *link;
	uint64_t id;
	struct buffer packed;
	struct answer *prev;
	struct answer *next;
};

/* What became of the frames that the daemon got. */
struct tally {
	uint64_t said;
	uint64_t answers;
	uint64_t alike;
	uint64_t differing;
	uint64_t secret; /* left out: what they need is in no recording */
	uint64_t own;    /* left out: from those that the daemon itself asks */
	uint64_t lost;   /* when it was recorded */
};

struct replay {
	const struct settings *settings;
	const char *daemon;
	enum party kind;
	struct recording recording;
	struct said *said;
	struct ids ids;
	struct style style;
	bool compares;
	unsigned long speed; /* 0: as fast as it goes */
	uint64_t first_us;   /* of the recording's clock */
	uint64_t begun_us;   /* of ours */
	struct answer *answers;
	struct tally tally;
	struct buffer line; /* reused */
};

/* --- What is said */

enum fate { FATE_OTHER, FATE_LINK, FATE_OWN, FATE_SECRET, FATE_SAY };

/* Those to which a daemon connects, and whom it asks. */
static enum party
asked_by(enum party daemon)
{
	return daemon == ROUTER ? STORE : daemon == PRESENCE ? ROUTER : PART;
}

/* Tools are called as they please. */
static enum party
kind_of_peer(const struct heard *heard)
{
	enum party kind = heard_kind(heard->peer);

	if (kind == PART)
		kind = TOOL;
	return (frame_from(heard->frame.kind) & kind) != 0 ? kind : PART;
}

static bool
is_link_matter(const struct heard *heard)
{
	switch (heard->frame.kind) {
	case FRAME_hello:
	case FRAME_replay:
	case FRAME_get_metrics:
		return true;
	default:
		return heard_is_pulse(heard);
	}
}

static enum fate
fate_of(const struct replay *r, const struct heard *heard)
{
	enum frame_kind kind = heard->frame.kind;

	if (!heard->is_in || !slice_is(heard->daemon, r->daemon))
		return FATE_OTHER;
	if (is_link_matter(heard))
		return FATE_LINK;
	if (frame_is_answer(kind) || kind == FRAME_done ||
	    kind == FRAME_refused || kind_of_peer(heard) == PART ||
	    kind_of_peer(heard) == asked_by(r->kind) ||
	    (frame_to(kind) & r->kind) == 0)
		return FATE_OWN;
	return frame_hides_something(&heard->frame) ? FATE_SECRET : FATE_SAY;
}

/* --- What is answered */

static int
print(struct replay *r, const struct link *link, const struct frame *frame)
{
	const struct heard heard = {
		.at_us = clock_unix_us(),
		.daemon = slice_of(r->daemon),
		.peer = slice_of(link_peer(link)),
		.frame = *frame,
	};

	buffer_clear(&r->line);
	return lines_print(line_append(&r->line, &r->style, &heard), &r->line);
}

static int
keep(struct replay *r, const struct link *link, const struct frame *frame)
{
	struct answer *answer = calloc(1, sizeof *answer);

	if (answer == NULL || frame_pack_public(frame, &answer->packed) != 0) {
		free(answer);
		complain("%s", strerror(errno));
		return -1;
	}
	answer->link = link;
	answer->id = frame->id;
	DL_APPEND(r->answers, answer);
	return 0;
}

static int
on_heard(void *self, const struct link *link, const struct frame *frame)
{
	struct replay *r = self;

	r->tally.answers += frame->id != 0;
	if (!r->compares)
		return print(r, link, frame);
	return frame->id == 0 ? 0 : keep(r, link, frame);
}

/* --- Whether it is the same */

static int
append_difference(struct replay *r, const struct heard *was,
		  const struct frame *now, const struct buffer *names)
{
	if (buffer_printf(&r->line, "%s → %s #%" PRIu64 ":%.*s\n- ", r->daemon,
			  link_peer(said_find(r->said, was->peer)), now->id,
			  (int)names->n, (const char *)names->bytes) != 0 ||
	    frame_print_json(&was->frame, &r->line) != 0 ||
	    buffer_append_text(&r->line, "\n+ ") != 0 ||
	    frame_print_json(now, &r->line) != 0)
		return -1;
	return buffer_append_text(&r->line, "\n");
}

static int
tell_difference(struct replay *r, const struct heard *was,
		const struct frame *now, const struct buffer *names)
{
	buffer_clear(&r->line);
	return lines_print(append_difference(r, was, now, names), &r->line);
}

static int
compare_with(struct replay *r, const struct heard *was,
	     const struct answer *answer, struct arena *arena)
{
	struct buffer names = { 0 };
	struct frame now;
	int differs = -1, rc = 0;

	if (frame_unpack_public(&now, arena, answer->packed.bytes,
				answer->packed.n, NULL) > 0)
		differs = answers_compare(&r->ids, &was->frame, &now, &names);
	if (differs < 0)
		complain("%s", strerror(errno));
	if (differs > 0)
		rc = tell_difference(r, was, &now, &names);
	r->tally.alike += differs == 0;
	r->tally.differing += differs > 0;
	buffer_fini(&names);
	return differs < 0 ? -1 : rc;
}

static void
answer_free(struct replay *r, struct answer *answer)
{
	DL_DELETE(r->answers, answer);
	buffer_fini(&answer->packed);
	free(answer);
}

/* An answer of the recording: ours has to be there before anything follows. */
static int
meet_answer(struct replay *r, const struct heard *was, struct arena *arena)
{
	struct link *link = said_find(r->said, was->peer);
	unsigned which = link == NULL ? 0 : link_take(link, was->frame.id);
	struct answer *answer;
	int rc;

	if (which == 0)
		return 0;
	if (said_wait(r->said, link, was->frame.id, which) != 0)
		return -1;
	DL_FOREACH (r->answers, answer)
		if (answer->link == link && answer->id == was->frame.id)
			break;
	if (answer == NULL)
		return 0;
	rc = compare_with(r, was, answer, arena);
	answer_free(r, answer);
	return rc;
}

/* --- The walk */

/* When it was heard is of no use to those who measure now. */
static int
say(struct replay *r, struct heard *heard, struct arena *arena)
{
	struct link *link = said_find(r->said, heard->peer);

	if (r->tally.said++ == 0) {
		r->first_us = heard->clock_us;
		r->begun_us = clock_us();
	}
	if (r->speed != 0 && heard->clock_us > r->first_us &&
	    said_pause(r->said, r->begun_us + (heard->clock_us - r->first_us) /
						  r->speed) != 0)
		return -1;
	if (ids_translate(&r->ids, &heard->frame, arena) != 0) {
		complain("%s", strerror(errno));
		return -1;
	}
	if (heard->frame.kind == FRAME_post)
		heard->frame.post.since = 0;
	return said_say(r->said, link, &heard->frame);
}

static int
walk_one(struct replay *r, struct heard *heard, struct arena *arena)
{
	if (!heard->is_in && heard->frame.id != 0 &&
	    slice_is(heard->daemon, r->daemon))
		return meet_answer(r, heard, arena);
	return fate_of(r, heard) == FATE_SAY ? say(r, heard, arena) : 0;
}

static int
walk(struct replay *r)
{
	struct arena arena = { 0 };
	struct heard heard;
	int rc = 0;

	while (rc == 0 && !stop_wanted() &&
	       recording_read(&r->recording, &heard) > 0) {
		arena_reset(&arena);
		if (!heard_is_loss(&heard) && heard_read(&heard, &arena))
			rc = walk_one(r, &heard, &arena);
	}
	arena_fini(&arena);
	if (rc == 0 && !stop_wanted())
		rc = said_wait(r->said, NULL, 0, 0);
	return stop_wanted() ? -1 : rc;
}

/* --- What there is to say */

static void
tell_left_out(const struct replay *r)
{
	const struct tally *t = &r->tally;

	if (t->secret > 0)
		complain("%" PRIu64 " were left out, since they hold secrets",
			 t->secret);
	if (t->own > 0)
		complain("%" PRIu64 " were left out: what others told %s "
			 "because it asked them",
			 t->own, r->daemon);
	if (t->lost > 0)
		complain("%" PRIu64 " frames had been lost in recording",
			 t->lost);
}

static int
survey_one(struct replay *r, const struct heard *heard)
{
	switch (fate_of(r, heard)) {
	case FATE_SAY:
		return said_link(r->said, heard->peer, kind_of_peer(heard)) !=
			       NULL
			   ? 1
			   : -1;
	case FATE_OWN:
		r->tally.own++;
		return 0;
	case FATE_SECRET:
		r->tally.secret++;
		return 0;
	default:
		return 0;
	}
}

/* Reads all of it once: nothing is said from a recording that is damaged. */
static int
survey(struct replay *r)
{
	struct arena arena = { 0 };
	struct heard heard;
	uint64_t n = 0;
	int got, rc = 0;

	while (rc >= 0 && (got = recording_read(&r->recording, &heard)) > 0) {
		arena_reset(&arena);
		if (heard_is_loss(&heard))
			r->tally.lost += heard.number;
		else if (heard_read(&heard, &arena))
			rc = survey_one(r, &heard);
		n += rc == 1;
	}
	arena_fini(&arena);
	if (rc < 0)
		return -1;
	if (got < 0)
		complain("nothing of it was replayed");
	if (got == 0 && n == 0) {
		complain("%s: there is nothing in it to say to %s",
			 r->recording.path, r->daemon);
		tell_left_out(r);
	}
	return got == 0 && n > 0 ? recording_rewind(&r->recording) : -1;
}

static int
tell_end(const struct replay *r)
{
	const struct tally *t = &r->tally;

	complain("%" PRIu64 " frames were said to %s, %" PRIu64 " answers came",
		 t->said, r->daemon, t->answers);
	tell_left_out(r);
	if (!r->compares)
		return 0;
	if (t->alike + t->differing == 0)
		return complain("the recording has no answers to compare");
	complain("%" PRIu64 " answers are as they were, %" PRIu64 " differ",
		 t->alike, t->differing);
	return t->differing == 0 ? 0 : 1;
}

static int
act(struct replay *r)
{
	const struct settings *s = r->settings;

	r->said = said_new(r->kind, endpoints_of(&s->endpoints, r->kind),
			   s->curve_dir, s->timeout_ms, on_heard, r);
	if (r->said == NULL)
		return complain("%s", strerror(errno));
	if (chdir(s->run) != 0)
		return complain("%s: %s", s->run, strerror(errno));
	if (survey(r) != 0)
		return 1;
	if (!settings_is_on(s->force) && !guard_allows(s, r->kind))
		return 1;
	if (said_greet(r->said) != 0 || walk(r) != 0) {
		tell_end(r);
		return 1;
	}
	return tell_end(r);
}

static int
read_speed(struct replay *r)
{
	const char *speed = r->settings->speed;

	if (strcmp(speed, "max") == 0 ||
	    option_number(speed, 1, SPEED_MAX, &r->speed))
		return 0;
	return wrong_usage("--speed is max or a number from 1 to %d, not '%s'",
			   SPEED_MAX, speed);
}

int
replay(const struct settings *settings, const char *file, const char *daemon)
{
	struct replay r = {
		.settings = settings,
		.daemon = daemon,
		.kind = heard_kind(slice_of(daemon)),
		.compares = settings_is_on(settings->compare),
		.style = style_of_stdout(settings_is_on(settings->json),
					 settings_is_on(settings->text)),
	};
	int status = read_speed(&r);

	if (status != 0)
		return status;
	if (endpoints_of(&settings->endpoints, r.kind) == NULL)
		return wrong_usage("replay to router, presence, store or auth, "
				   "not to '%s'",
				   daemon);
	status = recording_open(&r.recording, file) == 0 ? act(&r) : 1;
	said_free(&r.said);
	recording_close(&r.recording);
	ids_fini(&r.ids);
	while (r.answers != NULL)
		answer_free(&r, r.answers);
	buffer_fini(&r.line);
	return status;
}
