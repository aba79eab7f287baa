/* SPDX-License-Identifier: MIT */
/* tools/parley/history.c - history and export: what was said, page by page. */
#include "tools/parley/message.h"
#include "tools/parley/talk.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define PAGE 500 /* messages: as many as a server gives */

struct reading {
	struct talk talk;
	bool as_json;
	json_t *pages;       /* history: newest first */
	unsigned long left;  /* history: how many more to read */
	unsigned long place; /* history: only before; export: only after */
};

static unsigned long
page_size(const struct reading *r)
{
	return r->left < PAGE ? r->left : PAGE;
}

static bool
has_more(const json_t *answer)
{
	return json_is_true(json_object_get(answer, "has_more"));
}

static bool
print_all(struct reading *r, const json_t *messages)
{
	const json_t *message;
	size_t i;

	json_array_foreach(messages, i,
			   message) if (message_print(message, r->as_json) != 0)
	{
		talk_stop(&r->talk, complain("out of memory"));
		return false;
	}
	if (output_flush() == 0)
		return true;
	talk_stop(&r->talk, complain("cannot write: %s", strerror(errno)));
	return false;
}

/* --- history: backwards, then printed forwards */

static void ask_older(void *self);

static void
print_pages(struct reading *r)
{
	for (size_t i = json_array_size(r->pages); i > 0; i--)
		if (!print_all(r, json_array_get(r->pages, i - 1)))
			return;
	talk_stop(&r->talk, STATUS_DONE);
}

static void
on_older(void *self, const json_t *answer)
{
	struct reading *r = self;
	json_t *messages = json_object_get(answer, "messages");
	size_t n = json_array_size(messages);

	if (!talk_is_good(&r->talk, answer))
		return;
	if (json_array_append(r->pages, messages) != 0) {
		talk_stop(&r->talk, complain("out of memory"));
		return;
	}
	r->left -= n < r->left ? n : r->left;
	if (n > 0)
		r->place = message_seq(json_array_get(messages, 0));
	else
		r->place -= page_size(r) < r->place ? page_size(r) : r->place;
	/* Without a message there is no place to go on from. */
	if (r->left > 0 && has_more(answer) && r->place > 1 &&
	    r->place < LONG_MAX)
		ask_older(r);
	else
		print_pages(r);
}

static void
ask_older(void *self)
{
	struct reading *r = self;
	json_t *request =
	    json_pack("{s:s, s:s, s:I}", "type", "GetHistory", "room_id",
		      r->talk.room, "limit", (json_int_t)page_size(r));

	if (r->place < LONG_MAX)
		(void)json_object_set_new(request, "before",
					  json_integer((json_int_t)r->place));
	talk_ask(&r->talk, request, on_older, r);
}

int
command_history(const struct options *options)
{
	static const struct talk_part part = { .on_ready = ask_older,
					       .wants_member = true };
	struct reading r = { .as_json = options->json, .place = LONG_MAX };
	int status;

	if (!usage_number("limit", options->limit, 1, 1000000, &r.left) ||
	    (options->before != NULL &&
	     !usage_number("before", options->before, 1, LONG_MAX - 1,
			   &r.place)))
		return STATUS_USAGE;
	r.pages = json_array();
	status = talk_init(&r.talk, options, options->words[0], &part, &r);
	if (status == 0)
		status = talk_run(&r.talk);
	talk_fini(&r.talk);
	json_decref(r.pages);
	return status;
}

/* --- export: forwards, a page at a time in memory */

static void ask_newer(void *self);

static void
on_newer(void *self, const json_t *answer)
{
	struct reading *r = self;
	const json_t *messages = json_object_get(answer, "messages");
	size_t n = json_array_size(messages);

	if (!talk_is_good(&r->talk, answer) || !print_all(r, messages))
		return;
	r->place = n > 0 ? message_seq(json_array_get(messages, n - 1))
			 : r->place + PAGE;
	if (has_more(answer))
		ask_newer(r);
	else
		talk_stop(&r->talk, STATUS_DONE);
}

static void
ask_newer(void *self)
{
	struct reading *r = self;

	talk_ask(&r->talk,
		 json_pack("{s:s, s:s, s:I, s:I}", "type", "GetHistory",
			   "room_id", r->talk.room, "after",
			   (json_int_t)r->place, "limit", (json_int_t)PAGE),
		 on_newer, r);
}

int
command_export(const struct options *options)
{
	static const struct talk_part part = { .on_ready = ask_newer,
					       .wants_member = true };
	struct reading r = { .as_json = true };
	int status;

	status = talk_init(&r.talk, options, options->words[0], &part, &r);
	if (status == 0)
		status = talk_run(&r.talk);
	talk_fini(&r.talk);
	return status;
}
