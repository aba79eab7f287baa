/* SPDX-License-Identifier: MIT */
/* tools/parley/chat.c - `parley chat`: what belongs together is brought
 * together here, begins and ends.
 *
 * One turn of the loop takes what has come from keyboard, server and timers;
 * at its end the screen is drawn once, if it changed.
 */
#include "tools/parley/chat.h"

#include "tools/client/terminal.h"
#include "tools/client/text.h"
#include "tools/parley/message.h"
#include "tools/parley/rest.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define NOTICE_MS 8000
#define WINDOW    64

/* --- Words for the person */

void
chat_note(struct chat *chat, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(chat->notice, sizeof chat->notice, format, args);
	va_end(args);
	(void)loop_timer_set(chat->talk.loop, &chat->notice_timer, NOTICE_MS);
	chat->is_dirty = true;
}

void
chat_note_lasting(struct chat *chat, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(chat->notice, sizeof chat->notice, format, args);
	va_end(args);
	loop_timer_clear(chat->talk.loop, &chat->notice_timer);
	chat->is_dirty = true;
}

void
chat_hush(struct chat *chat)
{
	chat->notice[0] = '\0';
	loop_timer_clear(chat->talk.loop, &chat->notice_timer);
	chat->is_dirty = true;
}

void
chat_note_error(struct chat *chat, const json_t *error)
{
	struct buffer safe = { 0 };

	(void)text_append_safe(&safe, slice_of(talk_text(error, "message")),
			       "");
	chat_note(chat, "%.*s", (int)safe.n,
		  safe.n > 0 ? (char *)safe.bytes : "");
	buffer_fini(&safe);
}

static void
on_notice_due(void *self)
{
	chat_hush(self);
}

static void
on_typing_due(void *self)
{
	chat_stop_typing(self);
}

/* What the newest message in sight says was seen. */
void
chat_mark_now(struct chat *chat)
{
	const struct pane *pane;
	const struct pane_message *newest;
	json_t *frame;

	if (chat->here == NULL || !chat->here->is_member)
		return;
	pane = &chat->here->pane;
	if (pane->count == 0 || pane->bottom != 0)
		return;
	newest = pane->messages[pane->count - 1];
	if (newest->seq <= chat->seen || newest->is_gone)
		return;
	frame = json_pack("{s:s, s:s}", "type", "UpdateLastSeen", "message_id",
			  newest->id);
	if (channel_send(chat->talk.channel, frame) == 0)
		chat->seen = newest->seq;
	json_decref(frame);
}

static void
on_seen_due(void *self)
{
	chat_mark_now(self);
}

static void
on_count_due(void *self)
{
	struct chat *chat = self;

	if (chat->out.is_open)
		chat_count_unread(chat);
}

static void
on_named(void *self)
{
	((struct chat *)self)->is_dirty = true;
}

/* --- The connection */

static void
on_resumed(void *self, const json_t *answer)
{
	struct chat *chat = self;
	const char *id;
	json_t *told;

	if (talk_is_error(answer)) {
		talk_again_soon(&chat->talk);
		return;
	}
	json_object_foreach (json_object_get(answer, "rooms"), id, told) {
		struct chat_room *room = chat_find(chat, id);

		/* What was left out is read when it is looked at. */
		if (room != NULL &&
		    json_is_true(json_object_get(told, "has_more")))
			pane_clear(&room->pane);
	}
	outgoing_open(&chat->out);
	if (chat->here != NULL && chat->here->is_member)
		chat_read_newest(chat, chat->here);
}

static json_t *
places(const struct chat *chat)
{
	json_t *rooms = json_object();

	for (size_t i = 0; i < chat->room_count; i++) {
		struct chat_room *room = chat->rooms[i];

		room->is_stale = room->is_loaded;
		room->is_reading = false;
		if (room->is_loaded && room->is_member)
			(void)json_object_set_new(
			    rooms, room->id,
			    json_integer(
				(json_int_t)pane_last_seq(&room->pane)));
	}
	return rooms;
}

static void
on_ready(void *self)
{
	struct chat *chat = self;

	snprintf(chat->state, sizeof chat->state, "connected");
	if (chat->here == NULL)
		snprintf(chat->wanted, sizeof chat->wanted, "%s",
			 chat->talk.room);
	talk_ask(
	    &chat->talk,
	    json_pack("{s:s, s:o}", "type", "Resume", "rooms", places(chat)),
	    on_resumed, chat);
	chat_list_rooms(chat);
	chat->is_dirty = true;
}

static void
on_down(void *self, const struct channel_end *end)
{
	struct chat *chat = self;
	struct buffer why = { 0 };

	(void)text_append_safe(&why, slice_of(end->why), "");
	snprintf(chat->state, sizeof chat->state, "offline, trying again");
	chat_note(chat, "%.*s", (int)why.n, why.n > 0 ? (char *)why.bytes : "");
	buffer_fini(&why);
	outgoing_close(&chat->out);
	chat->is_typing = false;
	for (size_t i = 0; i < chat->room_count; i++)
		chat->rooms[i]->typing_count = 0;
	chat->is_dirty = true;
}

static void
on_kept(void *self, const json_t *message)
{
	(void)message;
	((struct chat *)self)->is_dirty = true;
}

/* The words are in the editor's history too. They go back to where they were
 * written, unless something else is there now. */
static void
put_back(struct chat *chat, const struct outgoing_refused *refused)
{
	struct buffer line = { 0 };

	if (editor_text(&chat->editor).n > 0 || chat->here == NULL ||
	    strcmp(chat->here->id, refused->room) != 0)
		return;
	if (buffer_printf(&line, "%s%s", refused->text[0] == '/' ? "/" : "",
			  refused->text) == 0)
		(void)editor_set(&chat->editor,
				 (struct slice){ (char *)line.bytes, line.n });
	buffer_fini(&line);
}

static void
on_refused(void *self, const struct outgoing_refused *refused)
{
	struct chat *chat = self;
	struct chat_room *room = chat_find(chat, refused->room);

	put_back(chat, refused);
	if (room != NULL &&
	    (!room->is_member ||
	     strcmp(talk_text(refused->error, "code"), "NOT_A_MEMBER") == 0))
		chat_lose(chat, room);
	else
		chat_note_error(chat, refused->error);
}

/* --- The terminal */

void
chat_quit(struct chat *chat)
{
	screen_close();
	talk_stop(&chat->talk, STATUS_DONE);
}

void
chat_suspend(struct chat *chat)
{
	screen_close();
	terminal_stop();
	screen_renew(chat);
}

static void
on_input(void *self, uint32_t events)
{
	struct chat *chat = self;

	if ((events & EPOLLIN) != 0)
		chat_read_keys(chat);
	else
		chat_quit(chat); /* the terminal is gone */
}

static void
on_signal(void *self, uint32_t events)
{
	struct chat *chat = self;
	struct signalfd_siginfo info;

	(void)events;
	if (read(chat->signals.fd, &info, sizeof info) != sizeof info)
		return;
	if (info.ssi_signo == SIGWINCH) {
		screen_renew(chat);
	} else if (info.ssi_signo == SIGTSTP) {
		chat_suspend(chat);
	} else {
		chat->died_of = (int)info.ssi_signo;
		chat_quit(chat);
	}
}

static void
on_turn(void *self)
{
	struct chat *chat = self;

	if (!chat->is_dirty || chat->talk.is_ending)
		return;
	chat->is_dirty = false;
	screen_draw(chat);
	people_ask(&chat->people);
}

/* --- Begin and end */

static int
watch_all(struct chat *chat)
{
	chat->signals = (struct loop_watch){ .fd = terminal_watch_signals(),
					     .on_ready = on_signal,
					     .self = chat };
	chat->input = (struct loop_watch){ .fd = STDIN_FILENO,
					   .on_ready = on_input,
					   .self = chat };
	if (chat->signals.fd < 0 ||
	    loop_watch(chat->talk.loop, &chat->signals, EPOLLIN) != 0 ||
	    loop_watch(chat->talk.loop, &chat->input, EPOLLIN) != 0)
		return -1;
	return loop_add_turn(chat->talk.loop, on_turn, chat);
}

/* Who we are is needed to tell our own messages; a bare token does not say. */
static int
find_self(struct chat *chat)
{
	struct account *account = &chat->talk.account;
	struct rest_answer answer = { 0 };
	int status = 0;

	if (account->user_id != NULL)
		return 0;
	status = rest_ask_as(account, "GET", "/auth/me", NULL, &answer);
	if (status == 0) {
		account->user_id = strdup(talk_text(answer.body, "user_id"));
		account->username = strdup(talk_text(answer.body, "username"));
		if (account->user_id == NULL || account->username == NULL)
			status = complain("out of memory");
	}
	rest_fini(&answer);
	return status;
}

static int
prepare(struct chat *chat)
{
	static const struct outgoing_events events = { on_kept, on_refused };
	struct talk *talk = &chat->talk;
	int status = find_self(chat);

	if (status != 0)
		return status;
	outgoing_init(&chat->out, talk, WINDOW, &events, chat);
	chat->notice_timer =
	    (struct loop_timer){ .on_due = on_notice_due, .self = chat };
	chat->typing_timer =
	    (struct loop_timer){ .on_due = on_typing_due, .self = chat };
	chat->seen_timer =
	    (struct loop_timer){ .on_due = on_seen_due, .self = chat };
	chat->count_timer =
	    (struct loop_timer){ .on_due = on_count_due, .self = chat };
	snprintf(chat->state, sizeof chat->state, "connecting");
	chat->is_dirty = true;
	if (watch_all(chat) != 0 ||
	    people_init(&chat->people, talk->loop, &talk->account, on_named,
			chat) != 0)
		return complain("cannot begin: %s", strerror(errno));
	people_learn(&chat->people, talk->account.user_id,
		     talk->account.username);
	return screen_open();
}

static int
run(struct chat *chat, const struct options *options)
{
	static const struct talk_part part = { .on_ready = on_ready,
					       .on_frame = chat_hear,
					       .on_down = on_down,
					       .wants_join = true,
					       .is_patient = true,
					       .is_silent = true };
	int status;

	if (isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1) {
		complain("chat wants a terminal; for pipes there are tail and "
			 "send");
		return STATUS_USAGE;
	}
	status =
	    talk_init(&chat->talk, options, options->words[0], &part, chat);
	if (status == 0)
		status = prepare(chat);
	if (status != 0)
		return status;
	complain_later(true);
	status = talk_run(&chat->talk);
	screen_close();
	complain_later(false);
	return status;
}

static void
tear_down(struct chat *chat)
{
	outgoing_fini(&chat->out);
	editor_fini(&chat->editor);
	people_fini(&chat->people);
	chat_free_rooms(chat);
	talk_fini(&chat->talk);
	if (chat->signals.fd > 0)
		close(chat->signals.fd);
}

int
command_chat(const struct options *options)
{
	struct chat *chat = calloc(1, sizeof *chat);
	int status, died_of;

	if (chat == NULL)
		return complain("out of memory");
	/* Widths of characters are known to locales of UTF-8 alone. */
	if (!terminal_has_utf8())
		(void)setlocale(LC_CTYPE, "C.UTF-8");
	status = run(chat, options);
	died_of = chat->died_of;
	tear_down(chat);
	free(chat);
	if (died_of != 0)
		terminal_die_of(died_of);
	return status;
}
