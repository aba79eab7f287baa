/* SPDX-License-Identifier: MIT */
/* store/hooks.c - see hooks.h. */
#include "store/hooks.h"

#include "proto/log.h"
#include "store/hook_rows.h"
#include "store/hook_secret.h"
#include "store/hook_url.h"
#include "store/roles.h"

/* --- Who may */

/* A sealed room is not known to its administration either, but by its id. */
static struct room *
enter_room(struct store *store, const struct uuid *id, const struct uuid *actor,
	   struct standing *who, struct frame *answer)
{
	const struct room *room = rooms_find(store, id);

	if (room != NULL && room->kind == ROOM_SEALED && uuid_is_nil(actor)) {
		refuse(answer, ERROR_not_allowed,
		       "what is said in a sealed room is encrypted: no hook "
		       "can hear it");
		return NULL;
	}
	return roles_enter(store, id, actor, DEED_HOOK, ROLE_NONE, who, answer);
}

/* The room of a hook that `actor` may manage, and the hook; `room`, unless it
 * is nil, must be its room. NULL after a refusal. */
static struct room *
enter(struct store *store, const struct uuid *room, const struct uuid *hook,
      const struct uuid *actor, struct frame_hook_info *info,
      struct frame *answer)
{
	struct standing who;

	if (!uuid_is_nil(room) &&
	    enter_room(store, room, actor, &who, answer) == NULL)
		return NULL;
	if (hook_rows_find(store, hook, info) &&
	    (uuid_is_nil(room) || uuid_equal(room, &info->room)))
		return enter_room(store, &info->room, actor, &who, answer);
	refuse(answer, ERROR_hook_not_found, "the room has no such hook");
	return NULL;
}

/* --- What may stand in one */

static bool
check_url(struct slice url, struct frame *answer)
{
	const char *fault = hook_url_fault(url);

	return fault == NULL || refuse_field(answer, "url", fault);
}

static bool
check_secret(struct slice secret, struct frame *answer)
{
	return hook_secret_is_good(secret) ||
	       refuse_field(answer, "secret",
			    "whsec_ and 24 to 64 bytes in base64");
}

static void
answer_with(struct store *store, const struct frame_hook_info *info,
	    struct frame *answer)
{
	struct frame_hook_info *copy =
	    arena_array(&store->arena, 1, sizeof *copy);

	if (copy == NULL) {
		db_note(&store->db, SQLITE_NOMEM);
		return;
	}
	*copy = *info;
	*answer = (struct frame){ .kind = FRAME_hook };
	answer->hook.hooks = (frame_list){ copy, 1 };
}

/* What a tool does is told by its user's name; the address may be a secret. */
static void
note(const char *event, const struct uuid *hook, const struct uuid *room,
     struct slice by)
{
	if (by.n > 0)
		log_info(event, KU("hook", hook), KU("room", room),
			 KS("by", by));
}

/* --- create_hook */

/* The hook that has this id, or room for one more; false after a refusal. */
static bool
find_place(struct store *store, const struct frame_create_hook *wish,
	   const struct room *room, bool *known, struct frame *answer)
{
	struct frame_hook_info there;

	*known = hook_rows_find(store, &wish->hook, &there);
	if (*known && !uuid_equal(&there.room, &room->id)) {
		refuse(answer, ERROR_taken, "that id belongs to a hook");
		return false;
	}
	if (*known || hook_rows_count(store, room) < HOOKS_MAX)
		return store->db.trouble == 0;
	refuse(answer, ERROR_full, "a room has at most 20 hooks; remove one");
	return false;
}

static bool
add(struct store *store, const struct frame_create_hook *wish,
    const struct room *room, const struct standing *who)
{
	char made[HOOK_SECRET_BYTES];
	struct frame_hook_info info = {
		.hook = wish->hook,
		.url = wish->url,
		.secret =
		    wish->secret.n > 0 ? wish->secret : hook_secret_make(made),
		.events = wish->events,
		.seq = (uint64_t)room->head,
		.change = (uint64_t)room->change,
		.at = store->now_ms,
	};

	return hook_rows_add(store, room, who->user_no, &info);
}

void
hooks_create(struct store *store, const struct frame *request,
	     struct frame *answer)
{
	const struct frame_create_hook *wish = &request->create_hook;
	struct frame_hook_info info;
	struct standing who;
	bool known;
	const struct room *room =
	    enter_room(store, &wish->room, &wish->actor, &who, answer);

	if (room == NULL || !check_url(wish->url, answer) ||
	    (wish->secret.n > 0 && !check_secret(wish->secret, answer)) ||
	    !find_place(store, wish, room, &known, answer))
		return;
	if (!known && !add(store, wish, room, &who))
		return;
	if (!hook_rows_find(store, &wish->hook, &info))
		return;
	answer_with(store, &info, answer);
	note("hook_created", &wish->hook, &wish->room, wish->by);
}

/* --- change_hook */

static bool
check_change(const struct frame_change_hook *wish, struct frame *answer)
{
	if (wish->pause && wish->resume)
		return refuse_field(answer, "pause", "one of the two");
	return (wish->url.n == 0 || check_url(wish->url, answer)) &&
	       (wish->secret.n == 0 || check_secret(wish->secret, answer));
}

/* What it has not heard until now, it hears from now on: of messages, or of
 * what has the numbers of changes. */
static void
change_events(uint64_t events, const struct room *room,
	      struct frame_hook_info *info)
{
	const uint64_t changes = HOOK_EDITS | HOOK_MEMBERS;

	if ((info->events & HOOK_MESSAGES) == 0 &&
	    (events & HOOK_MESSAGES) != 0)
		info->seq = (uint64_t)room->head;
	if ((info->events & changes) == 0 && (events & changes) != 0)
		info->change = (uint64_t)room->change;
	info->events = events;
}

/* What failed before says nothing about another address. */
static void
apply(const struct frame_change_hook *wish, const struct room *room,
      char made[HOOK_SECRET_BYTES], struct frame_hook_info *info)
{
	if (wish->url.n > 0)
		info->url = wish->url;
	if (wish->secret.n > 0)
		info->secret = wish->secret;
	if (wish->renew)
		info->secret = hook_secret_make(made);
	if (wish->events != 0)
		change_events(wish->events, room, info);
	if (wish->skip) {
		info->seq = (uint64_t)room->head;
		info->change = (uint64_t)room->change;
	}
	if (wish->resume || wish->skip || wish->url.n > 0) {
		info->failures = info->retry_at = info->failing_since = 0;
		info->last_error = (struct slice){ 0 };
	}
	if (wish->pause || wish->resume)
		info->paused = wish->pause;
}

void
hooks_change(struct store *store, const struct frame *request,
	     struct frame *answer)
{
	const struct frame_change_hook *wish = &request->change_hook;
	char made[HOOK_SECRET_BYTES];
	struct frame_hook_info info;
	const struct room *room =
	    enter(store, &wish->room, &wish->hook, &wish->actor, &info, answer);

	if (room == NULL || !check_change(wish, answer))
		return;
	apply(wish, room, made, &info);
	if (!hook_rows_set(store, &info) ||
	    !hook_rows_find(store, &wish->hook, &info))
		return;
	if (!wish->renew)
		info.secret = (struct slice){ 0 };
	answer_with(store, &info, answer);
	note("hook_changed", &info.hook, &info.room, wish->by);
}

/* --- remove_hook */

void
hooks_remove(struct store *store, const struct frame *request,
	     struct frame *answer)
{
	const struct frame_remove_hook *wish = &request->remove_hook;
	struct frame_hook_info info;
	const struct room *room =
	    enter(store, &wish->room, &wish->hook, &wish->actor, &info, answer);

	if (room != NULL) {
		if (!db_run(&store->db, SQL_drop_hook, "u", &wish->hook) ||
		    !hook_news_add(store, &wish->hook))
			return;
		note("hook_removed", &info.hook, &info.room, wish->by);
	} else if (error_find(answer->refused.code) != ERROR_hook_not_found) {
		return;
	}
	*answer = (struct frame){ .kind = FRAME_done };
}

/* --- get_hooks */

static void
list_one(struct store *store, const struct frame_get_hooks *wish,
	 struct frame_hook_info *infos, struct frame *answer)
{
	if (enter(store, &wish->room, &wish->hook, &wish->actor, infos,
		  answer) == NULL)
		return;
	*answer = (struct frame){ .kind = FRAME_hooks };
	answer->hooks.hooks = (frame_list){ infos, 1 };
}

static void
list_page(struct store *store, const struct frame_get_hooks *wish,
	  struct frame_hook_info *infos, struct frame *answer)
{
	const struct room *room = NULL;
	struct standing who;
	bool more;
	size_t n;

	if (uuid_is_nil(&wish->room) && !uuid_is_nil(&wish->actor)) {
		refuse_field(answer, "room", "which room?");
		return;
	}
	if (!uuid_is_nil(&wish->room) &&
	    (room = enter_room(store, &wish->room, &wish->actor, &who,
			       answer)) == NULL)
		return;
	n = hook_rows_list(store, room, &wish->after, infos, wish->limit,
			   &more);
	*answer = (struct frame){ .kind = FRAME_hooks };
	answer->hooks.hooks = (frame_list){ infos, n };
	answer->hooks.more = more;
}

void
hooks_list_secrets(struct store *store, const struct frame *request,
		   struct frame *answer)
{
	const struct frame_get_hooks *wish = &request->get_hooks;
	struct frame_hook_info *infos =
	    arena_array(&store->arena, wish->limit, sizeof *infos);

	if (infos == NULL)
		db_note(&store->db, SQLITE_NOMEM);
	else if (uuid_is_nil(&wish->hook))
		list_page(store, wish, infos, answer);
	else
		list_one(store, wish, infos, answer);
}

void
hooks_list(struct store *store, const struct frame *request,
	   struct frame *answer)
{
	struct frame_hook_info *infos;

	hooks_list_secrets(store, request, answer);
	if (answer->kind != FRAME_hooks)
		return;
	infos = (struct frame_hook_info *)answer->hooks.hooks.items;
	for (size_t i = 0; i < answer->hooks.hooks.n; i++)
		infos[i].secret = (struct slice){ 0 };
}

/* --- How far one is */

static void
answer_moved(struct store *store, struct frame *answer)
{
	if (sqlite3_changes(store->db.handle) > 0)
		*answer = (struct frame){ .kind = FRAME_done };
	else
		refuse(answer, ERROR_hook_not_found, "there is no such hook");
}

void
hooks_delivered(struct store *store, const struct frame *request,
		struct frame *answer)
{
	const struct frame_hook_delivered *what = &request->hook_delivered;

	if (db_run(&store->db, SQL_hook_delivered, "uii", &what->hook,
		   (int64_t)what->seq, (int64_t)what->change))
		answer_moved(store, answer);
}

/* One that is paused is told of: somebody may just have resumed it. */
void
hooks_failed(struct store *store, const struct frame *request,
	     struct frame *answer)
{
	const struct frame_hook_failed *what = &request->hook_failed;

	if (db_run(&store->db, SQL_hook_failed, "uiinii", &what->hook,
		   (int64_t)what->failures, (int64_t)what->retry_at,
		   what->last_error, (int64_t)what->paused,
		   (int64_t)what->failing_since) &&
	    (!what->paused || hook_news_add(store, &what->hook)))
		answer_moved(store, answer);
}
