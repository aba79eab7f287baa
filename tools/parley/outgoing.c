/* SPDX-License-Identifier: MIT */
/* tools/parley/outgoing.c - batches, acknowledgements, and saying it again.
 *
 * A server that refuses a message for the user's rate takes a later one as soon
 * as it has come a little later. What is written at once also arrives at once
 * and is judged in one moment, so that the refused ones are the last of the
 * batch. How much that may be is found out: a packet at first, more with each
 * batch that went well, a packet again after a refusal.
 */
#include "tools/parley/outgoing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define PACKET_BYTES    1200
#define BATCH_BYTES_MAX (16 * 1024)
#define FRAME_BYTES     256   /* of a request beside its content */
#define AGAIN_MS        500   /* after a refusal for now */
#define ANSWER_MS       15000 /* then the connection is given up */

struct parcel {
	char id[UUID_TEXT_BYTES];
	char room[UUID_TEXT_BYTES];
	unsigned long line;
	bool is_refused; /* for now */
	bool is_answered;
	struct parcel *prev, *next;
	char text[]; /* UTF-8, ended by NUL */
};

static void send_batch(struct outgoing *out);

static void
on_due(void *self)
{
	struct outgoing *out = self;

	if (!out->is_open)
		return;
	if (out->under_way == 0)
		send_batch(out);
	else
		channel_restart(out->talk->channel);
}

void
outgoing_init(struct outgoing *out, struct talk *talk, size_t window,
	      const struct outgoing_events *events, void *self)
{
	*out = (struct outgoing){ .talk = talk,
				  .events = events,
				  .self = self,
				  .window = window,
				  .batch_bytes = PACKET_BYTES };
	out->timer = (struct loop_timer){ .on_due = on_due, .self = out };
}

static void
remove_parcel(struct outgoing *out, struct parcel *parcel)
{
	DL_DELETE(out->parcels, parcel);
	out->count--;
	free(parcel);
}

void
outgoing_fini(struct outgoing *out)
{
	if (out->talk != NULL && out->talk->loop != NULL)
		loop_timer_clear(out->talk->loop, &out->timer);
	while (out->parcels != NULL)
		remove_parcel(out, out->parcels);
}

/* --- Out */

static void
send_one(struct outgoing *out, const struct parcel *parcel)
{
	json_t *request = json_pack(
	    "{s:s, s:s, s:s, s:s, s:s}", "type", "CreateMessage", "room_id",
	    parcel->room, "content", parcel->text, "client_message_id",
	    parcel->id, "request_id", parcel->id);

	/* What fails here is noticed by its missing answer. */
	(void)channel_send(out->talk->channel, request);
	json_decref(request);
}

/* At the end of the loop's turn all of it goes in one write. */
static void
send_batch(struct outgoing *out)
{
	struct parcel *parcel;
	size_t bytes = 0;

	out->under_way = 0;
	DL_FOREACH (out->parcels, parcel) {
		bytes += strlen(parcel->text) + FRAME_BYTES;
		if (out->under_way > 0 && bytes > out->batch_bytes)
			break;
		parcel->is_refused = false;
		parcel->is_answered = false;
		send_one(out, parcel);
		out->under_way++;
	}
	if (out->under_way > 0)
		(void)loop_timer_set(out->talk->loop, &out->timer, ANSWER_MS);
}

int
outgoing_add(struct outgoing *out, const char *room, struct slice text,
	     unsigned long line)
{
	struct parcel *parcel;
	struct uuid id;

	if (outgoing_is_full(out)) {
		errno = EAGAIN;
		return -1;
	}
	parcel = calloc(1, sizeof *parcel + text.n + 1);
	if (parcel == NULL)
		return -1;
	uuid_make_v7(&id, loop_unix_ms(out->talk->loop));
	uuid_format(&id, parcel->id);
	snprintf(parcel->room, sizeof parcel->room, "%s", room);
	parcel->line = line;
	memcpy(parcel->text, text.at, text.n);
	DL_APPEND(out->parcels, parcel);
	out->count++;
	/* With others that are added in this turn of the loop. */
	if (out->is_open && out->under_way == 0 && out->timer.place == 0)
		(void)loop_timer_set(out->talk->loop, &out->timer, 0);
	return 0;
}

void
outgoing_open(struct outgoing *out)
{
	out->is_open = true;
	send_batch(out);
}

void
outgoing_close(struct outgoing *out)
{
	out->is_open = false;
	out->under_way = 0;
	loop_timer_clear(out->talk->loop, &out->timer);
}

/* --- In */

/* Whether a refused one stands before an acknowledged one. */
static bool
is_turned(const struct outgoing *out)
{
	const struct parcel *parcel;
	size_t left = out->under_way;
	bool has_refused = false;

	DL_FOREACH (out->parcels, parcel) {
		if (left-- == 0)
			break;
		if (parcel->is_refused)
			has_refused = true;
		else if (has_refused)
			return true;
	}
	return false;
}

/* Removes what is done; returns how many must go again. */
static size_t
clear_batch(struct outgoing *out)
{
	struct parcel *parcel, *next;
	size_t refused = 0, left = out->under_way;

	DL_FOREACH_SAFE (out->parcels, parcel, next) {
		if (left-- == 0)
			break;
		if (parcel->is_refused)
			refused++;
		else
			remove_parcel(out, parcel);
	}
	out->under_way = 0;
	return refused;
}

static void
end_batch(struct outgoing *out)
{
	if (is_turned(out))
		out->was_turned = true;
	if (clear_batch(out) > 0) {
		out->batch_bytes = PACKET_BYTES;
		(void)loop_timer_set(out->talk->loop, &out->timer, AGAIN_MS);
		return;
	}
	if (out->batch_bytes < BATCH_BYTES_MAX)
		out->batch_bytes *= 2;
	if (out->count > 0)
		send_batch(out);
	else
		loop_timer_clear(out->talk->loop, &out->timer);
}

static void
settle(struct outgoing *out, struct parcel *parcel, bool is_refused)
{
	struct parcel *other;
	size_t left = out->under_way;

	parcel->is_answered = true;
	parcel->is_refused = is_refused;
	DL_FOREACH (out->parcels, other) {
		if (left-- == 0)
			break;
		if (!other->is_answered)
			return;
	}
	end_batch(out);
}

/* The one under way with this id. */
static struct parcel *
find(const struct outgoing *out, const char *id)
{
	struct parcel *parcel;
	size_t left = out->under_way;

	DL_FOREACH (out->parcels, parcel) {
		if (left-- == 0)
			return NULL;
		if (!parcel->is_answered && strcmp(parcel->id, id) == 0)
			return parcel;
	}
	return NULL;
}

static void
tell_refused(const struct outgoing *out, const struct parcel *parcel,
	     const json_t *error)
{
	const struct outgoing_refused refused = { .line = parcel->line,
						  .room = parcel->room,
						  .text = parcel->text,
						  .error = error };

	out->events->on_refused(out->self, &refused);
}

void
outgoing_hear(struct outgoing *out, const json_t *frame)
{
	const json_t *message = json_object_get(frame, "message");
	struct parcel *parcel;

	if (talk_is(frame, "NewMessage")) {
		parcel = find(out, talk_text(message, "client_message_id"));
		if (parcel == NULL)
			return;
		settle(out, parcel, false);
		out->events->on_kept(out->self, message);
	} else if (talk_is_error(frame)) {
		parcel = find(out, talk_text(frame, "request_id"));
		if (parcel == NULL)
			return;
		if (!talk_is_for_now(frame))
			tell_refused(out, parcel, frame);
		settle(out, parcel, talk_is_for_now(frame));
	}
}

void
outgoing_each(const struct outgoing *out,
	      void (*each)(void *self, const char *room, const char *text),
	      void *self)
{
	const struct parcel *parcel;

	DL_FOREACH (out->parcels, parcel)
		if (!parcel->is_answered || parcel->is_refused)
			each(self, parcel->room, parcel->text);
}
