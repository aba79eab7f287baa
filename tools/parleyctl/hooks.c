/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/hooks.c - the hooks of rooms: addresses that hear what
 * happens there.
 */
#include "proto/frame_values.h"
#include "tools/parleyctl/ask.h"
#include "tools/parleyctl/find.h"
#include "tools/parleyctl/list.h"
#include "tools/parleyctl/password.h"
#include "tools/parleyctl/reach.h"

#include <string.h>
#include <time.h>

#define PAGE 500

static const struct column columns[] = {
	{ "id", "ID" },          { "room", "ROOM" },
	{ "state", "STATE" },    { "failures", "FAILURES" },
	{ "events", "EVENTS" },  { "url", "URL" },
	{ "last_error", "WHY" }, { 0 },
};

/* --- Printing */

static json_t *
words_of(uint64_t events)
{
	char text[64] = "";

	for (size_t i = 0; i < HOOK_EVENTS; i++) {
		if ((events & hook_events[i].bit) == 0)
			continue;
		if (*text != '\0')
			strcat(text, ",");
		strcat(text, hook_events[i].word);
	}
	return json_string(text);
}

static json_t *
record_of(const struct frame_hook_info *hook)
{
	json_t *record = json_pack(
	    "{s:o,s:o,s:o,s:o,s:s,s:I,s:o,s:o,s:o,s:I,s:o,s:o}", "id",
	    list_id(&hook->hook), "room", list_text(hook->room_name), "url",
	    list_text(hook->url), "events", words_of(hook->events), "state",
	    hook_state_word(hook->paused, hook->failures), "failures",
	    (json_int_t)hook->failures, "last_error",
	    list_text(hook->last_error), "room_id", list_id(&hook->room),
	    "retry_at", list_time(hook->retry_at), "delivered_seq",
	    (json_int_t)hook->seq, "created_at", list_time(hook->at), "by",
	    list_text(hook->actor_name));

	if (record != NULL && hook->secret.n > 0 &&
	    json_object_set_new(record, "secret", list_text(hook->secret)) !=
		0) {
		json_decref(record);
		return NULL;
	}
	return record;
}

/* --- Listing */

struct listing {
	json_t *records;
	const struct uuid *only; /* NULL: all; of this room, or this hook */
	struct uuid last;
	bool more;
};

static bool
is_wanted(const struct listing *listing, const struct frame_hook_info *hook)
{
	return listing->only == NULL ||
	       uuid_equal(listing->only, &hook->hook) ||
	       uuid_equal(listing->only, &hook->room);
}

static int
hear_hooks(struct call *call, void *self, const struct frame *answer)
{
	struct listing *listing = self;
	const frame_list *list = &answer->hooks.hooks;
	const struct frame_hook_info *each = list->items;
	int status = 0;

	for (size_t i = 0; i < list->n && status == 0; i++) {
		if (is_wanted(listing, &each[i]))
			status = list_add(call, listing->records,
					  record_of(&each[i]));
		listing->last = each[i].hook;
	}
	listing->more = list->n > 0 && answer->hooks.more;
	return status;
}

/* `room` nil: of all. */
static int
read_hooks(struct call *call, const struct uuid *room, struct listing *listing)
{
	struct frame asked = { .kind = FRAME_get_hooks };
	int status;

	asked.get_hooks.room = *room;
	asked.get_hooks.limit = PAGE;
	do {
		asked.get_hooks.after = listing->last;
		status =
		    ask(call, STORE, &asked, FRAME_hooks, hear_hooks, listing);
	} while (status == 0 && listing->more);
	return status;
}

/* An id may be that of a room or of a hook. Where it is neither a hook's nor
 * that of a room that has some, the store says whether there is such a room. */
static int
read_of_id(struct call *call, const struct uuid *id, struct listing *listing)
{
	const struct uuid all = { 0 };
	int status;

	listing->only = id;
	status = read_hooks(call, &all, listing);
	if (status != 0 || json_array_size(listing->records) > 0)
		return status;
	listing->last = all;
	return read_hooks(call, id, listing);
}

int
hooks_list(struct call *call)
{
	struct listing listing = { .records = json_array() };
	struct uuid id = { 0 };
	int status = 0;

	if (call->n > 0 && uuid_parse(&id, slice_of(call->words[0]))) {
		status = read_of_id(call, &id, &listing);
	} else {
		if (call->n > 0)
			status = find_room(call, call->words[0], &id);
		if (status == 0)
			status = read_hooks(call, &id, &listing);
	}
	if (status == 0)
		return list_print(call, columns, listing.records);
	json_decref(listing.records);
	return status;
}

/* --- Making */

static bool
find_kind(const char *word, size_t n, uint64_t *events)
{
	for (size_t i = 0; i < HOOK_EVENTS; i++)
		if (strlen(hook_events[i].word) == n &&
		    strncmp(hook_events[i].word, word, n) == 0) {
			*events |= hook_events[i].bit;
			return true;
		}
	return false;
}

/* *events stays as it is where the flag is not given. */
static int
read_events(struct call *call, uint64_t *events)
{
	const char *list = call_flag(call, "events");
	uint64_t found = 0;

	if (list == NULL)
		return 0;
	for (const char *at = list;; at++) {
		size_t n = strcspn(at, ",");

		if (!find_kind(at, n, &found))
			return wrong_usage(call,
					   "--events cannot be '%s' (messages,"
					   "edits,members)",
					   list);
		at += n;
		if (*at == '\0')
			break;
	}
	*events = found;
	return 0;
}

/* One that is brought along: never an argument, others could read that. Empty
 * where the flag is not given: the store makes one. */
static int
read_secret(struct call *call, char into[PASSWORD_ROOM])
{
	into[0] = '\0';
	return call_flag(call, "secret-stdin") != NULL
		   ? password_get_secret(call, into)
		   : 0;
}

/* Its id and its secret, in one line, so that `read -r id secret` gets both;
 * the secret is never shown again. */
static int
hear_created(struct call *call, void *self, const struct frame *answer)
{
	const struct frame_hook_info *hook = answer->hook.hooks.items;
	char id[UUID_TEXT_BYTES];
	json_t *records;
	int status;

	(void)self;
	if (answer->hook.hooks.n != 1)
		return fail(call, "the store made no hook");
	if (call_flag(call, "json") == NULL) {
		printf("%s %.*s\n", uuid_format(&hook->hook, id),
		       (int)hook->secret.n, hook->secret.at);
		return 0;
	}
	records = json_array();
	status = list_add(call, records, record_of(hook));
	if (status == 0)
		return list_print(call, columns, records);
	json_decref(records);
	return status;
}

int
hooks_create(struct call *call)
{
	struct frame asked = {
		.kind = FRAME_create_hook,
		.create_hook = {
			.url = slice_of(call->words[1]),
			.events = HOOK_MESSAGES,
			.by = slice_of(who_asks()),
		},
	};
	char secret[PASSWORD_ROOM];
	int status = read_events(call, &asked.create_hook.events);

	if (status == 0)
		status =
		    find_room(call, call->words[0], &asked.create_hook.room);
	if (status == 0)
		status = read_secret(call, secret);
	if (status != 0)
		return status;
	asked.create_hook.secret = slice_of(secret);
	uuid_make_v7(&asked.create_hook.hook, (uint64_t)time(NULL) * 1000);
	status = ask(call, STORE, &asked, FRAME_hook, hear_created, NULL);
	explicit_bzero(secret, sizeof secret);
	if (status == 0)
		reach_warn(call, call->words[1]);
	return status;
}

/* --- Changing */

static int
read_hook(struct call *call, struct uuid *hook)
{
	if (uuid_parse(hook, slice_of(call->words[0])))
		return 0;
	return wrong_usage(call, "'%s' is no hook's id", call->words[0]);
}

static int
hear_changed(struct call *call, void *self, const struct frame *answer)
{
	const struct frame_hook_info *hook = answer->hook.hooks.items;

	(void)self;
	if (answer->hook.hooks.n != 1)
		return fail(call, "the store changed no hook");
	if (hook->secret.n > 0)
		printf("%.*s\n", (int)hook->secret.n, hook->secret.at);
	return 0;
}

/* `wish` says what else is wanted. */
static int
change(struct call *call, struct frame_change_hook wish)
{
	struct frame asked = { .kind = FRAME_change_hook };
	int status = read_hook(call, &wish.hook);

	if (status != 0)
		return status;
	wish.by = slice_of(who_asks());
	asked.change_hook = wish;
	return ask(call, STORE, &asked, FRAME_hook, hear_changed, NULL);
}

int
hooks_change(struct call *call)
{
	const char *url = call_flag(call, "url");
	struct frame_change_hook wish = {
		.url = slice_of(url),
		.renew = call_flag(call, "new-secret") != NULL,
	};
	char secret[PASSWORD_ROOM];
	int status = read_events(call, &wish.events);

	if (status == 0)
		status = read_secret(call, secret);
	if (status != 0)
		return status;
	wish.secret = slice_of(secret);
	if (wish.renew && wish.secret.n > 0)
		return wrong_usage(call, "one of --new-secret and "
					 "--secret-stdin is enough");
	if (wish.url.n == 0 && wish.events == 0 && !wish.renew &&
	    wish.secret.n == 0)
		return wrong_usage(call, "nothing to change: give --url, "
					 "--events, --new-secret or "
					 "--secret-stdin");
	status = change(call, wish);
	explicit_bzero(secret, sizeof secret);
	if (status == 0 && url != NULL)
		reach_warn(call, url);
	return status;
}

int
hooks_pause(struct call *call)
{
	return change(call, (struct frame_change_hook){ .pause = true });
}

int
hooks_resume(struct call *call)
{
	return change(call, (struct frame_change_hook){
				.resume = true,
				.skip = call_flag(call, "skip") != NULL,
			    });
}

/* The store takes a hook that is not there for one that is removed already; who
 * mistyped its id wants to know. */
int
hooks_remove(struct call *call)
{
	struct frame seen = { .kind = FRAME_get_hooks };
	struct frame asked = { .kind = FRAME_remove_hook };
	int status = read_hook(call, &seen.get_hooks.hook);

	if (status != 0)
		return status;
	seen.get_hooks.limit = 1;
	status = ask(call, STORE, &seen, FRAME_hooks, NULL, NULL);
	if (status != 0)
		return status;
	asked.remove_hook.hook = seen.get_hooks.hook;
	asked.remove_hook.by = slice_of(who_asks());
	return ask(call, STORE, &asked, FRAME_done, NULL, NULL);
}
