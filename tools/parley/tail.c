/* SPDX-License-Identifier: MIT */
/* tools/parley/tail.c - follows a room over all connections: each message once
 * and in order.
 *
 * At each connection the history is read from the last message that was
 * printed; then Resume closes what has come in between, and what is said comes
 * live. Messages of a Resume are printed when it is known that it left none
 * out.
 */
#include "tools/client/text.h"
#include "tools/parley/message.h"
#include "tools/parley/talk.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define PAGE 500 /* messages: as many as a server gives */

struct tail {
	struct talk talk;
	struct loop_watch output;
	bool as_json, with_changes;
	bool has_place; /* `last` is known */
	bool is_quiet;  /* looking for the room's end, not printing */
	bool is_live;
	bool is_watching;
	uint64_t last; /* the place of the last message that was printed */
	json_t *held;  /* messages of a Resume that is going on */
};

static void
fail(struct tail *t, const char *what)
{
	talk_stop(&t->talk, complain("%s: %s", what, strerror(errno)));
}

static void
print(struct tail *t, const json_t *message)
{
	uint64_t seq = message_seq(message);

	if (seq <= t->last)
		return;
	if (!t->is_quiet && message_print(message, t->as_json) != 0)
		fail(t, "cannot print");
	t->last = seq;
}

static void
print_all(struct tail *t, const json_t *messages)
{
	const json_t *message;
	size_t i;

	json_array_foreach(messages, i, message)
	{
		print(t, message);
	}
}

static void
flush(void *self)
{
	struct tail *t = self;

	if (!t->talk.is_ending && output_flush() != 0)
		fail(t, "cannot write");
}

/* --- Catching up */

static void ask_page(struct tail *t);

static void
on_resumed(void *self, const json_t *answer)
{
	struct tail *t = self;
	const json_t *room =
	    json_object_get(json_object_get(answer, "rooms"), t->talk.room);

	if (!talk_is_good(&t->talk, answer))
		return;
	if (room == NULL) {
		complain("you are not in %s any more", t->talk.wanted);
		talk_stop(&t->talk, STATUS_REFUSED);
		return;
	}
	if (json_is_true(json_object_get(room, "has_more"))) {
		/* More came in between than it tells: read on. */
		json_array_clear(t->held);
		channel_restart(t->talk.channel);
		return;
	}
	t->is_live = true;
	print_all(t, t->held);
	json_array_clear(t->held);
	if (message_seq(room) > t->last)
		t->last = message_seq(room);
}

static void
resume(struct tail *t)
{
	t->is_quiet = false;
	t->has_place = true;
	talk_ask(&t->talk,
		 json_pack("{s:s, s:{s:I}}", "type", "Resume", "rooms",
			   t->talk.room, (json_int_t)t->last),
		 on_resumed, t);
}

static void
on_page(void *self, const json_t *answer)
{
	struct tail *t = self;
	const json_t *messages = json_object_get(answer, "messages");

	if (!talk_is_good(&t->talk, answer))
		return;
	print_all(t, messages);
	if (json_array_size(messages) == 0 &&
	    json_is_true(json_object_get(answer, "has_more")))
		t->last += PAGE; /* all of these were taken back */
	if (json_is_true(json_object_get(answer, "has_more")))
		ask_page(t);
	else
		resume(t);
}

static void
ask_page(struct tail *t)
{
	talk_ask(&t->talk,
		 json_pack("{s:s, s:s, s:I, s:I}", "type", "GetHistory",
			   "room_id", t->talk.room, "after",
			   (json_int_t)t->last, "limit", (json_int_t)PAGE),
		 on_page, t);
}

/* From now on: behind the newest message. Where the newest ones were all taken
 * back, the way there leads from the beginning. */
static void
on_newest(void *self, const json_t *answer)
{
	struct tail *t = self;
	const json_t *messages = json_object_get(answer, "messages");
	size_t n = json_array_size(messages);

	if (!talk_is_good(&t->talk, answer))
		return;
	if (n > 0)
		t->last = message_seq(json_array_get(messages, n - 1));
	t->is_quiet = true;
	ask_page(t);
}

static void
on_ready(void *self)
{
	struct tail *t = self;

	t->is_live = false;
	json_array_clear(t->held);
	if (t->has_place)
		ask_page(t);
	else
		talk_ask(&t->talk,
			 json_pack("{s:s, s:s, s:i}", "type", "GetHistory",
				   "room_id", t->talk.room, "limit", 50),
			 on_newest, t);
}

/* --- Live */

static void
print_change(struct tail *t, const json_t *frame)
{
	const json_t *message = json_object_get(frame, "message");
	struct buffer line = { 0 };

	if (t->as_json) {
		if (message_print_json(frame) != 0)
			fail(t, "cannot print");
		return;
	}
	if (message == NULL) {
		printf("* a message was taken back\n");
		return;
	}
	if (text_append_safe(
		&line, slice_of(talk_text(message, "creator_name")), "") != 0 ||
	    buffer_append_text(&line, " changed: ") != 0 ||
	    text_append_safe(&line, slice_of(talk_text(message, "content")),
			     "\t") != 0)
		fail(t, "cannot print");
	else
		printf("* %.*s\n", (int)line.n, (char *)line.bytes);
	buffer_fini(&line);
}

static void
on_message(struct tail *t, const json_t *message)
{
	if (!talk_is_here(&t->talk, message))
		return;
	if (t->is_live)
		print(t, message);
	else if (json_array_append(t->held, (json_t *)message) != 0)
		fail(t, "cannot keep a message");
}

static void
on_frame(void *self, const json_t *frame)
{
	struct tail *t = self;
	const json_t *message = json_object_get(frame, "message");
	bool is_ours =
	    talk_is_here(&t->talk, frame) || talk_is_here(&t->talk, message);

	talk_hear_removal(&t->talk, frame);
	if (talk_is(frame, "NewMessage"))
		on_message(t, message);
	else if (is_ours && t->with_changes && t->is_live &&
		 (talk_is(frame, "MessageEdited") ||
		  talk_is(frame, "MessageDeleted")))
		print_change(t, frame);
}

/* --- Begin */

/* Whoever read us is gone: there is no need to wait for the next message. */
static void
on_output(void *self, uint32_t events)
{
	struct tail *t = self;

	if ((events & (EPOLLERR | EPOLLHUP)) == 0)
		return;
	loop_unwatch(t->talk.loop, &t->output);
	t->is_watching = false;
	talk_stop(&t->talk, STATUS_DONE);
}

static int
run(struct tail *t, const struct options *options)
{
	const struct talk_part part = { .on_ready = on_ready,
					.on_frame = on_frame,
					.wants_join = options->join,
					.wants_member = true,
					.is_patient = true };
	unsigned long since = 0;
	int status;

	if (options->since != NULL &&
	    !usage_number("since", options->since, 0, LONG_MAX, &since))
		return STATUS_USAGE;
	t->last = since;
	t->has_place = options->since != NULL;
	status = talk_init(&t->talk, options, options->words[0], &part, t);
	if (status != 0)
		return status;
	t->output = (struct loop_watch){ .fd = STDOUT_FILENO,
					 .on_ready = on_output,
					 .self = t };
	/* A file cannot be watched, and needs not. */
	t->is_watching = loop_watch(t->talk.loop, &t->output, 0) == 0;
	if (t->held == NULL || loop_add_turn(t->talk.loop, flush, t) != 0)
		return complain("out of memory");
	return talk_run(&t->talk);
}

int
command_tail(const struct options *options)
{
	struct tail t = { .as_json = options->json,
			  .with_changes = options->changes,
			  .held = json_array() };
	int status = run(&t, options);

	if (t.is_watching)
		loop_unwatch(t.talk.loop, &t.output);
	talk_fini(&t.talk);
	json_decref(t.held);
	return status;
}
