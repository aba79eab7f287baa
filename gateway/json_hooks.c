/* SPDX-License-Identifier: MIT */
/* gateway/json_hooks.c - see json_hooks.h. Which addresses and secrets are
 * good is known to the store.
 */
#include "gateway/json_hooks.h"

#include "proto/frame_values.h"

#define URL_MAX    2048 /* bytes */
#define SECRET_MAX 256

static const struct wish_fault fine;

/* --- Shown */

static void
write_events(struct json_writer *w, uint64_t events)
{
	json_open(w, "events", '[');
	for (size_t i = 0; i < HOOK_EVENTS; i++)
		if ((events & hook_events[i].bit) != 0)
			json_text(w, NULL, slice_of(hook_events[i].word));
	json_close(w, ']');
}

static void
write_failures(struct json_writer *w, const struct frame_hook_info *hook)
{
	json_number(w, "failures", hook->failures);
	if (hook->retry_at == 0)
		json_nil(w, "retry_at");
	else
		json_time(w, "retry_at", hook->retry_at);
	if (hook->last_error.n == 0)
		json_nil(w, "last_error");
	else
		json_text(w, "last_error", hook->last_error);
}

void
json_hook(struct json_writer *w, const char *key,
	  const struct frame_hook_info *hook)
{
	json_open(w, key, '{');
	json_uuid(w, "id", &hook->hook);
	json_text(w, "url", hook->url);
	write_events(w, hook->events);
	json_text(w, "state",
		  slice_of(hook_state_word(hook->paused, hook->failures)));
	write_failures(w, hook);
	json_number(w, "delivered_seq", hook->seq);
	json_time(w, "created_at", hook->at);
	if (uuid_is_nil(&hook->actor))
		json_nil(w, "by");
	else
		json_uuid(w, "by", &hook->actor);
	if (hook->secret.n > 0)
		json_text(w, "secret", hook->secret);
	json_close(w, '}');
}

/* --- Wanted */

static bool
read_filled(const json_t *value, size_t max, struct slice *text)
{
	return wish_read_text(value, max, text) && text->n > 0;
}

static uint64_t
bit_of(const json_t *word)
{
	struct slice text;

	if (!read_filled(word, 16, &text))
		return 0;
	for (size_t i = 0; i < HOOK_EVENTS; i++)
		if (slice_is(text, hook_events[i].word))
			return hook_events[i].bit;
	return 0;
}

static bool
read_events(const json_t *value, uint64_t *events)
{
	*events = 0;
	for (size_t i = 0; i < json_array_size(value); i++) {
		uint64_t bit = bit_of(json_array_get(value, i));

		if (bit == 0)
			return false;
		*events |= bit;
	}
	return *events != 0;
}

/* What a new hook and a change have in common; what is missing stays empty. */
static struct wish_fault
read_parts(const json_t *object, struct slice *url, uint64_t *events,
	   struct slice *secret)
{
	const json_t *value;

	if ((value = wish_member(object, "url")) != NULL &&
	    !read_filled(value, URL_MAX, url))
		return (struct wish_fault){ "url",
					    "wants 1 to 2,048 characters" };
	if ((value = wish_member(object, "events")) != NULL &&
	    !read_events(value, events))
		return (struct wish_fault){
			"events", "wants a list of messages, edits, members"
		};
	if ((value = wish_member(object, "secret")) != NULL &&
	    !read_filled(value, SECRET_MAX, secret))
		return (struct wish_fault){
			"secret", "wants whsec_ and 24 to 64 bytes in base64"
		};
	return fine;
}

struct wish_fault
hook_read_new(const json_t *object, struct frame_create_hook *wish)
{
	struct wish_fault fault;

	wish->events = HOOK_MESSAGES;
	fault = read_parts(object, &wish->url, &wish->events, &wish->secret);
	if (fault.words == NULL && wish->url.n == 0)
		return (struct wish_fault){ "url", "is needed" };
	return fault;
}

static bool
read_state(const json_t *value, struct frame_change_hook *wish)
{
	struct slice word;

	if (!read_filled(value, 16, &word))
		return false;
	wish->resume = slice_is(word, "active");
	wish->pause = slice_is(word, "paused");
	return wish->resume || wish->pause;
}

static bool
read_flag(const json_t *value, bool *flag)
{
	*flag = json_is_true(value);
	return value == NULL || json_is_boolean(value);
}

static bool
is_empty(const json_t *object)
{
	static const char *const names[] = { "url",        "events", "secret",
					     "new_secret", "state",  "skip" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (wish_member(object, names[i]) != NULL)
			return false;
	return true;
}

struct wish_fault
hook_read_changes(const json_t *object, struct frame_change_hook *wish)
{
	const json_t *state = wish_member(object, "state");
	struct wish_fault fault =
	    read_parts(object, &wish->url, &wish->events, &wish->secret);

	if (fault.words != NULL)
		return fault;
	if (state != NULL && !read_state(state, wish))
		return (struct wish_fault){ "state", "wants active or paused" };
	if (!read_flag(wish_member(object, "new_secret"), &wish->renew))
		return (struct wish_fault){ "new_secret",
					    "wants true or false" };
	if (!read_flag(wish_member(object, "skip"), &wish->skip))
		return (struct wish_fault){ "skip", "wants true or false" };
	if (is_empty(object))
		return (struct wish_fault){ "state",
					    "or another member is wanted" };
	return fine;
}
