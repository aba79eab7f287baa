/* SPDX-License-Identifier: MIT */
/* gateway/rest_hooks.c - the hooks of a room over REST, for its owners. Who
 * that is, and which addresses are good, is decided by the store.
 */
#include "gateway/json_hooks.h"
#include "gateway/reply.h"
#include "gateway/rest_internal.h"

#define HOOKS_MAX 100 /* in one answer; a room has fewer */

/* The path's fifth segment. False: replied. */
static bool
read_hook_id(struct connection *c, struct uuid *hook)
{
	char text[UUID_TEXT_BYTES];
	int n = http_path_segment(&c->http->request, 4, text, sizeof text);
	struct slice id = { text, n > 0 ? (size_t)n : 0 };

	if (uuid_parse(hook, id) && !uuid_is_nil(hook))
		return true;
	reply_problem(c, 404, "no such hook", NULL, NULL);
	return false;
}

static void
reply_hook(struct connection *c, int status, const frame_list *hooks)
{
	struct json_writer w = { 0 };

	if (hooks->n != 1) {
		reply_problem(c, 503, "the store did not say which hook", NULL,
			      NULL);
		return;
	}
	json_hook(&w, NULL, hooks->items);
	reply_json(c, status, &w, NULL);
}

/* --- All of a room */

static void
on_hooks(struct errand *errand, struct connection *c,
	 const struct frame *answer)
{
	const struct frame_hook_info *hooks = answer->hooks.hooks.items;
	struct json_writer w = { 0 };

	(void)errand;
	json_open(&w, NULL, '{');
	json_open(&w, "hooks", '[');
	for (size_t i = 0; i < answer->hooks.hooks.n; i++)
		json_hook(&w, NULL, &hooks[i]);
	json_close(&w, ']');
	json_close(&w, '}');
	reply_json(c, 200, &w, NULL);
}

static void
ask_hooks(struct errand *errand, struct connection *c,
	  const struct frame *answer)
{
	struct frame request = { .kind = FRAME_get_hooks };

	(void)answer;
	request.get_hooks.room = errand->room;
	request.get_hooks.actor = errand->user.user;
	request.get_hooks.limit = HOOKS_MAX;
	errand_ask(errand, c, store_of(c), &request, FRAME_hooks, on_hooks);
}

void
serve_hooks(struct errand *errand, struct connection *c,
	    const struct frame *answer)
{
	(void)answer;
	with_room(errand, c, ask_hooks);
}

/* --- A new one */

static void
on_created(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	(void)errand;
	reply_hook(c, 201, &answer->hook.hooks);
}

static void
ask_create(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	struct frame request = { .kind = FRAME_create_hook };
	struct frame_create_hook *wish = &request.create_hook;

	(void)answer;
	if (!errand_read_body(errand, c) ||
	    !is_fine_wish(c, hook_read_new(errand->body, wish)))
		return;
	uuid_make_v7(&wish->hook, loop_unix_ms(c->gateway->loop));
	wish->room = errand->room;
	wish->actor = errand->user.user;
	errand_ask(errand, c, store_of(c), &request, FRAME_hook, on_created);
}

void
serve_new_hook(struct errand *errand, struct connection *c,
	       const struct frame *answer)
{
	(void)answer;
	with_room(errand, c, ask_create);
}

/* --- One of them */

static void
on_hook(struct errand *errand, struct connection *c, const struct frame *answer)
{
	(void)errand;
	reply_hook(c, 200, &answer->hooks.hooks);
}

static void
ask_hook(struct errand *errand, struct connection *c,
	 const struct frame *answer)
{
	struct frame request = { .kind = FRAME_get_hooks };

	(void)answer;
	if (!read_hook_id(c, &request.get_hooks.hook))
		return;
	request.get_hooks.room = errand->room;
	request.get_hooks.actor = errand->user.user;
	request.get_hooks.limit = 1;
	errand_ask(errand, c, store_of(c), &request, FRAME_hooks, on_hook);
}

void
serve_hook(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	(void)answer;
	with_room(errand, c, ask_hook);
}

static void
on_changed(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	(void)errand;
	reply_hook(c, 200, &answer->hook.hooks);
}

static void
ask_change(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	struct frame request = { .kind = FRAME_change_hook };
	struct frame_change_hook *wish = &request.change_hook;

	(void)answer;
	if (!read_hook_id(c, &wish->hook) || !errand_read_body(errand, c) ||
	    !is_fine_wish(c, hook_read_changes(errand->body, wish)))
		return;
	wish->room = errand->room;
	wish->actor = errand->user.user;
	errand_ask(errand, c, store_of(c), &request, FRAME_hook, on_changed);
}

void
serve_hook_change(struct errand *errand, struct connection *c,
		  const struct frame *answer)
{
	(void)answer;
	with_room(errand, c, ask_change);
}

static void
ask_remove(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	struct frame request = { .kind = FRAME_remove_hook };

	(void)answer;
	if (!read_hook_id(c, &request.remove_hook.hook))
		return;
	request.remove_hook.room = errand->room;
	request.remove_hook.actor = errand->user.user;
	errand_ask(errand, c, store_of(c), &request, FRAME_done, reply_nothing);
}

void
serve_hook_end(struct errand *errand, struct connection *c,
	       const struct frame *answer)
{
	(void)answer;
	with_room(errand, c, ask_remove);
}
