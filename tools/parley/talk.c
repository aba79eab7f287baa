/* SPDX-License-Identifier: MIT */
/* tools/parley/talk.c - connects, finds the room, becomes a member, and lets
 * the command begin; again after each loss of the connection.
 */
#include "tools/parley/talk.h"

#include "proto/names.h"
#include "tools/client/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define PATIENCE_MS 15000 /* of commands that do not wait for ever */
#define AGAIN_MS    1000

struct talk_ask {
	json_int_t id;
	talk_answer_fn *on_answer;
	void *self;
	struct talk_ask *prev, *next;
};

/* --- Small things */

bool
talk_is(const json_t *frame, const char *type)
{
	return strcmp(talk_text(frame, "type"), type) == 0;
}

const char *
talk_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

bool
talk_is_here(const struct talk *talk, const json_t *room_owner)
{
	return talk->has_room &&
	       strcmp(talk_text(room_owner, "room_id"), talk->room) == 0;
}

bool
talk_is_error(const json_t *answer)
{
	return talk_is(answer, "Error");
}

bool
talk_is_for_now(const json_t *answer)
{
	const char *code = talk_text(answer, "code");

	return strcmp(code, "SERVICE_UNAVAILABLE") == 0 ||
	       strcmp(code, "RATE_LIMITED") == 0;
}

void
talk_complain(const struct talk *talk, const char *words)
{
	const char *what = talk->wanted != NULL ? talk->wanted : "";
	struct buffer safe = { 0 };

	(void)text_append_safe(&safe, slice_of(words), "");
	complain("%s%s%.*s", what, *what != '\0' ? ": " : "", (int)safe.n,
		 safe.n > 0 ? (char *)safe.bytes : "");
	buffer_fini(&safe);
}

/* --- Questions */

static void
drop_asks(struct talk *talk)
{
	struct talk_ask *ask, *next;

	DL_FOREACH_SAFE (talk->asks, ask, next) {
		DL_DELETE(talk->asks, ask);
		free(ask);
	}
}

void
talk_ask(struct talk *talk, json_t *request, talk_answer_fn *on_answer,
	 void *self)
{
	struct talk_ask *ask = calloc(1, sizeof *ask);

	if (ask == NULL || request == NULL) {
		free(ask);
		json_decref(request);
		talk_stop(talk, complain("out of memory"));
		return;
	}
	ask->id = (json_int_t)++talk->next_id;
	ask->on_answer = on_answer;
	ask->self = self;
	DL_APPEND(talk->asks, ask);
	(void)json_object_set_new(request, "request_id", json_integer(ask->id));
	/* Without a connection it is dropped with that. */
	(void)channel_send(talk->channel, request);
	json_decref(request);
}

void
talk_ask_history(struct talk *talk, talk_answer_fn *on_answer, void *self)
{
	talk_ask(talk,
		 json_pack("{s:s, s:s, s:i}", "type", "GetHistory", "room_id",
			   talk->room, "limit", 1),
		 on_answer, self);
}

static bool
take_answer(struct talk *talk, const json_t *frame)
{
	const json_t *id = json_object_get(frame, "request_id");
	struct talk_ask *ask;

	if (!json_is_integer(id))
		return false;
	DL_FOREACH (talk->asks, ask)
		if (ask->id == json_integer_value(id))
			break;
	if (ask == NULL)
		return false;
	DL_DELETE(talk->asks, ask);
	ask->on_answer(ask->self, frame);
	free(ask);
	return true;
}

/* --- The room */

static void
be_ready(struct talk *talk)
{
	talk->is_ready = true;
	talk->was_ready = true;
	/* Who is removed later does not come back unasked. */
	talk->part.wants_join = false;
	talk->part.on_ready(talk->self);
}

bool
talk_is_good(struct talk *talk, const json_t *answer)
{
	if (!talk_is_error(answer))
		return true;
	if (talk_is_for_now(answer))
		talk_again_soon(talk);
	else
		talk_refused(talk, answer);
	return false;
}

static void
on_joined(void *self, const json_t *answer)
{
	struct talk *talk = self;

	if (talk_is_good(talk, answer))
		be_ready(talk);
}

/* Whoever is banned is told so; all others can join. */
static void
on_outside(void *self, const json_t *answer)
{
	struct talk *talk = self;

	if (!talk_is_error(answer)) {
		be_ready(talk);
	} else if (talk_is_for_now(answer)) {
		talk->has_room = false;
		talk_again_soon(talk);
	} else if (strcmp(talk_text(answer, "code"), "NOT_A_MEMBER") != 0) {
		talk_refused(talk, answer);
	} else {
		complain("you are not in %s: parley join '%s'", talk->wanted,
			 talk->wanted);
		talk_stop(talk, STATUS_REFUSED);
	}
}

static void
enter(struct talk *talk, bool is_member)
{
	talk->has_room = true;
	if (talk->part.wants_join && !is_member) {
		talk_ask(talk,
			 json_pack("{s:s, s:s}", "type", "JoinRoom", "room_id",
				   talk->room),
			 on_joined, talk);
	} else if (talk->part.wants_member && !is_member) {
		talk_ask_history(talk, on_outside, talk);
	} else {
		be_ready(talk);
	}
}

static void
on_direct(void *self, const json_t *answer)
{
	struct talk *talk = self;

	if (!talk_is_good(talk, answer))
		return;
	snprintf(talk->room, sizeof talk->room, "%s",
		 talk_text(answer, "room_id"));
	enter(talk, true);
}

/* By its UUID or by its name, of which there are many spellings. */
static bool
is_wanted(const struct talk *talk, const json_t *room)
{
	char key[NAME_KEY_BYTES], wanted[NAME_KEY_BYTES];
	const char *name = talk_text(room, "name");

	if (strcasecmp(talk_text(room, "id"), talk->wanted) == 0)
		return true;
	return name_key(slice_of(name), key) &&
	       name_key(slice_of(talk->wanted), wanted) &&
	       strcmp(key, wanted) == 0;
}

static void
on_rooms(void *self, const json_t *answer)
{
	struct talk *talk = self;
	const json_t *room;
	size_t i;

	if (!talk_is_good(talk, answer))
		return;
	json_array_foreach(json_object_get(answer, "rooms"), i, room)
	{
		if (!is_wanted(talk, room))
			continue;
		snprintf(talk->room, sizeof talk->room, "%s",
			 talk_text(room, "id"));
		enter(talk, json_is_true(json_object_get(room, "member")));
		return;
	}
	complain("there is no room %s; parley rooms lists them", talk->wanted);
	talk_stop(talk, STATUS_REFUSED);
}

static void
find_room(struct talk *talk)
{
	if (talk->wanted[0] == '@')
		talk_ask(talk,
			 json_pack("{s:s, s:s}", "type", "OpenDirect",
				   "username", talk->wanted + 1),
			 on_direct, talk);
	else
		talk_ask(talk, json_pack("{s:s}", "type", "GetRooms"), on_rooms,
			 talk);
}

static void
prepare(struct talk *talk)
{
	if (talk->wanted != NULL && !talk->has_room)
		find_room(talk);
	else if (talk->has_room && talk->part.wants_join)
		enter(talk, false);
	else
		be_ready(talk);
}

static void
on_again(void *self)
{
	struct talk *talk = self;

	if (channel_is_open(talk->channel) && !talk->is_ending)
		prepare(talk);
}

void
talk_again_soon(struct talk *talk)
{
	talk->is_ready = false;
	if (talk->lost_ms == 0)
		talk->lost_ms = loop_now_ms(talk->loop);
	if (!talk->part.is_patient &&
	    loop_now_ms(talk->loop) - talk->lost_ms > PATIENCE_MS) {
		complain("the server is not well; try again later");
		talk_stop(talk, STATUS_FAILED);
		return;
	}
	(void)loop_timer_set(talk->loop, &talk->again, AGAIN_MS);
}

/* --- The connection */

static void
on_open(void *self)
{
	struct talk *talk = self;

	if (talk->lost_ms != 0 && !talk->part.is_silent)
		complain("connected again");
	talk->lost_ms = 0;
	talk_forget_removal(talk);
	prepare(talk);
}

/* Who is there is told to everybody, also as the answer to a join. */
static void
on_frame(void *self, const json_t *frame)
{
	struct talk *talk = self;
	bool is_answer = !talk->is_ending && take_answer(talk, frame);

	if (talk->is_ending || talk->part.on_frame == NULL)
		return;
	if (!is_answer || talk_is(frame, "PresenceUpdate"))
		talk->part.on_frame(talk->self, frame);
}

static void
on_down(void *self, const struct channel_end *end)
{
	struct talk *talk = self;
	uint64_t now_ms = loop_now_ms(talk->loop);
	bool is_first = talk->lost_ms == 0;

	drop_asks(talk);
	loop_timer_clear(talk->loop, &talk->again);
	talk->is_ready = false;
	if (is_first)
		talk->lost_ms = now_ms;
	if (is_first && !talk->part.is_silent)
		complain("%s: %s%s", talk->account.server.base, end->why,
			 talk->part.is_patient ? "; trying again" : "");
	if (!talk->part.is_patient &&
	    (!talk->was_ready || now_ms - talk->lost_ms > PATIENCE_MS))
		talk_stop(talk, STATUS_FAILED);
	else if (talk->part.on_down != NULL)
		talk->part.on_down(talk->self, end);
}

static void
on_over(void *self, const struct channel_end *end)
{
	struct talk *talk = self;
	const char *server = talk->account.server.base;

	drop_asks(talk);
	talk->is_ready = false;
	if (end->status != 401 && end->code != 4401) {
		complain("%s: %s", server, end->why);
		talk_stop(talk, end->status != 0 || end->code != 0
				    ? STATUS_REFUSED
				    : STATUS_FAILED);
		return;
	}
	complain("the session at %s is over: parley login --server %s", server,
		 server);
	talk_stop(talk, STATUS_REFUSED);
}

/* --- Begin and end */

int
talk_init(struct talk *talk, const struct options *options, const char *wanted,
	  const struct talk_part *part, void *self)
{
	static const struct channel_events events = { on_open, on_frame,
						      on_down, on_over };
	struct channel_target target = { .query = "v=2&resume=1" };
	int status;

	*talk = (struct talk){ .part = *part, .self = self, .wanted = wanted };
	talk->again = (struct loop_timer){ .on_due = on_again, .self = talk };
	status = account_load(&talk->account, options);
	if (status != 0)
		return status;
	target.server = &talk->account.server;
	target.cacert = talk->account.cacert;
	/* A connection ends with what was shown for it: the session lasts a
	 * month, its JWT an hour. */
	target.token = talk->account.session_token != NULL
			   ? talk->account.session_token
			   : talk->account.token;
	talk->loop = loop_new();
	if (talk->loop == NULL)
		return complain("cannot begin: %s", strerror(errno));
	talk->channel = channel_new(talk->loop, &target, &events, talk);
	if (talk->channel == NULL)
		return complain("cannot begin: %s", strerror(errno));
	return 0;
}

static void
on_closed(void *self)
{
	loop_stop(((struct talk *)self)->loop);
}

int
talk_run(struct talk *talk)
{
	channel_open(talk->channel);
	if (loop_run(talk->loop) != 0)
		talk->status = complain("cannot wait: %s", strerror(errno));
	return talk->status;
}

void
talk_stop(struct talk *talk, int status)
{
	if (talk->is_ending)
		return;
	talk->is_ending = true;
	talk->status = status;
	channel_close(talk->channel, on_closed);
}

void
talk_fini(struct talk *talk)
{
	drop_asks(talk);
	talk_forget_removal(talk);
	channel_free(&talk->channel);
	if (talk->loop != NULL) {
		loop_timer_clear(talk->loop, &talk->again);
		loop_timer_clear(talk->loop, &talk->refusing);
		loop_free(&talk->loop);
	}
	json_decref(talk->refusal);
	account_fini(&talk->account);
}
