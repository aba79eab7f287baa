/* SPDX-License-Identifier: MIT */
/* tools/parley/send.c - send and dm: words of the command line, or lines of
 * standard input, as messages.
 *
 * Standard input is read no faster than the server acknowledges, so that a
 * pipe may run for ever.
 */
#include "tools/client/text.h"
#include "tools/parley/lines.h"
#include "tools/parley/outgoing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WINDOW_MAX 1024

struct sending {
	struct talk talk;
	struct outgoing out;
	struct lines lines;
	struct loop_watch input;
	struct loop_timer reading; /* for a file, which is always ready */
	bool is_input;             /* lines of it are wanted */
	bool is_watching;
	bool is_file;
	bool is_read; /* to its end */
	bool is_refused;
	bool is_over; /* the server takes no more; the talk is about to end */
};

static void read_more(struct sending *s);

/* --- How it ends */

static void
end_if_done(struct sending *s)
{
	int status = STATUS_DONE;

	if (!s->is_read || s->is_over || s->out.count > 0)
		return;
	if (s->out.was_turned)
		status = complain("the server took some messages in another "
				  "order; --window 1 is slower and safe");
	if (s->is_refused)
		status = STATUS_REFUSED;
	talk_stop(&s->talk, status);
}

static void
on_kept(void *self, const json_t *message)
{
	struct sending *s = self;

	(void)message;
	read_more(s);
	end_if_done(s);
}

/* One that has the wrong content is left out; else none would be taken. */
static void
on_refused(void *self, const struct outgoing_refused *refused)
{
	struct sending *s = self;
	const json_t *error = refused->error;
	struct buffer why = { 0 };

	if (strcmp(talk_text(error, "code"), "MESSAGE_CREATION_FAILED") != 0) {
		s->is_over = true;
		talk_refused(&s->talk, error);
		return;
	}
	(void)text_append_safe(&why, slice_of(talk_text(error, "message")), "");
	if (s->is_input)
		complain("line %lu: %.*s", refused->line, (int)why.n,
			 (char *)why.bytes);
	else
		complain("%.*s", (int)why.n, (char *)why.bytes);
	buffer_fini(&why);
	s->is_refused = true;
	/* Looked at again when the batch is done. */
	(void)loop_timer_set(s->talk.loop, &s->reading, 0);
}

/* --- Reading */

static bool
add(struct sending *s, struct slice text, unsigned long line)
{
	struct buffer sendable = { 0 };
	int rc = text_append_sendable(&sendable, text);

	if (rc == 0)
		rc = outgoing_add(
		    &s->out, s->talk.room,
		    (struct slice){ (char *)sendable.bytes, sendable.n }, line);
	buffer_fini(&sendable);
	if (rc != 0)
		talk_stop(&s->talk, complain("out of memory"));
	return rc == 0;
}

/* Lines that have come, as long as the window has room. True if it has more
 * room than lines. */
static bool
take_lines(struct sending *s)
{
	struct slice line;
	enum lines_taken taken;

	while (!outgoing_is_full(&s->out) && !s->talk.is_ending) {
		taken = lines_take(&s->lines, &line);
		if (taken == LINES_NONE)
			return true;
		if (taken == LINES_TOO_LONG) {
			complain("line %lu: too long", s->lines.number);
			s->is_refused = true;
		} else if (line.n > 0 && !add(s, line, s->lines.number)) {
			return false;
		}
	}
	return false;
}

/* A file is always ready, which epoll cannot say; all else is watched while
 * there is room for it. */
static void
watch_input(struct sending *s, bool wanted)
{
	if (s->is_watching && !wanted)
		loop_unwatch(s->talk.loop, &s->input);
	else if (!s->is_watching && wanted && !s->is_file &&
		 loop_watch(s->talk.loop, &s->input, EPOLLIN) != 0)
		s->is_file = true;
	s->is_watching = wanted && !s->is_file;
	if (wanted && s->is_file)
		(void)loop_timer_set(s->talk.loop, &s->reading, 0);
}

static void
read_more(struct sending *s)
{
	if (!s->is_input || s->is_read || s->is_over || s->talk.is_ending ||
	    !s->talk.has_room)
		return;
	if (!take_lines(s)) {
		watch_input(s, false);
	} else if (s->lines.is_ended) {
		s->is_read = true;
		watch_input(s, false);
	} else {
		watch_input(s, true);
	}
}

static void
read_once(struct sending *s)
{
	size_t room;
	char *into = lines_room(&s->lines, &room);
	ssize_t n = read(STDIN_FILENO, into, room);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0) {
		complain("cannot read standard input: %s", strerror(errno));
		s->is_refused = true;
	}
	lines_add(&s->lines, n > 0 ? (size_t)n : 0);
	read_more(s);
	end_if_done(s);
}

static void
on_input(void *self, uint32_t events)
{
	(void)events;
	read_once(self);
}

static void
on_reading(void *self)
{
	struct sending *s = self;

	if (s->is_file && !s->is_read && !outgoing_is_full(&s->out) &&
	    !s->lines.is_ended)
		read_once(s);
	else
		read_more(s);
	end_if_done(s);
}

/* --- Talking */

static void
on_resumed(void *self, const json_t *answer)
{
	struct sending *s = self;

	if (talk_is_error(answer)) {
		talk_again_soon(&s->talk);
		return;
	}
	outgoing_open(&s->out);
	read_more(s);
	end_if_done(s);
}

/* Without it the connection does not hear its own words. */
static void
on_ready(void *self)
{
	struct sending *s = self;

	talk_ask(&s->talk, json_pack("{s:s, s:{}}", "type", "Resume", "rooms"),
		 on_resumed, s);
}

static void
on_frame(void *self, const json_t *frame)
{
	struct sending *s = self;

	talk_hear_removal(&s->talk, frame);
	outgoing_hear(&s->out, frame);
}

static void
on_down(void *self, const struct channel_end *end)
{
	struct sending *s = self;

	(void)end;
	outgoing_close(&s->out);
}

/* All words with blanks between them, to be freed; NULL if there are none, or
 * `-`. */
static char *
join_words(char **words, int n)
{
	struct buffer text = { 0 };

	if (n == 0 || (n == 1 && strcmp(words[0], "-") == 0))
		return NULL;
	for (int i = 0; i < n; i++)
		if (buffer_printf(&text, "%s%s", i > 0 ? " " : "", words[i]) !=
		    0) {
			buffer_fini(&text);
			return NULL;
		}
	if (buffer_append(&text, "", 1) != 0)
		buffer_fini(&text);
	return (char *)text.bytes;
}

static int
run(struct sending *s, const struct options *options, const char *room,
    const struct talk_part *part)
{
	static const struct outgoing_events events = { on_kept, on_refused };
	unsigned long window;
	int status;

	if (!usage_number("window", options->window, 1, WINDOW_MAX, &window))
		return STATUS_USAGE;
	status = talk_init(&s->talk, options, room, part, s);
	if (status != 0)
		return status;
	outgoing_init(&s->out, &s->talk, window, &events, s);
	s->input = (struct loop_watch){ .fd = STDIN_FILENO,
					.on_ready = on_input,
					.self = s };
	s->reading = (struct loop_timer){ .on_due = on_reading, .self = s };
	return talk_run(&s->talk);
}

/* The text of the command line waits for the room. */
struct said {
	struct sending sending;
	char *text;
};

static void
on_ready_to_say(void *self)
{
	struct said *said = self;
	struct sending *s = &said->sending;

	if (said->text != NULL && *said->text == '\0') {
		complain("there is nothing to say");
		talk_stop(&s->talk, STATUS_USAGE);
		return;
	}
	if (said->text != NULL && !s->is_read) {
		s->is_read = true;
		if (!add(s, slice_of(said->text), 1))
			return;
	}
	on_ready(s);
}

static int
say(const struct options *options, const char *room)
{
	const struct talk_part part = { .on_ready = on_ready_to_say,
					.on_frame = on_frame,
					.on_down = on_down,
					.wants_join = options->join,
					.wants_member = true,
					.is_patient = true };
	struct said *said = calloc(1, sizeof *said);
	int status;

	if (said == NULL)
		return complain("out of memory");
	said->text = join_words(options->words + 1, options->word_count - 1);
	said->sending.is_input = said->text == NULL;
	status = run(&said->sending, options, room, &part);
	if (said->sending.is_watching)
		loop_unwatch(said->sending.talk.loop, &said->sending.input);
	outgoing_fini(&said->sending.out);
	talk_fini(&said->sending.talk);
	free(said->text);
	free(said);
	return status;
}

int
command_send(const struct options *options)
{
	return say(options, options->words[0]);
}

int
command_dm(const struct options *options)
{
	char *room = NULL;
	int status;

	if (options->words[0][0] == '@')
		return say(options, options->words[0]);
	if (asprintf(&room, "@%s", options->words[0]) < 0)
		return complain("out of memory");
	status = say(options, room);
	free(room);
	return status;
}
