/* SPDX-License-Identifier: MIT */
/* store/hook_news.c - see hook_news.h. */
#include "store/hook_news.h"

#include "store/hook_rows.h"

#include <stdlib.h>

static bool
has(const struct hook_news *news, const struct uuid *hook)
{
	for (size_t i = 0; i < news->n; i++)
		if (uuid_equal(&news->hooks[i], hook))
			return true;
	return false;
}

static bool
grow(struct hook_news *news)
{
	size_t more = news->room == 0 ? 16 : 2 * news->room;
	struct uuid *grown = reallocarray(news->hooks, more, sizeof *grown);

	if (grown == NULL)
		return false;
	news->hooks = grown;
	news->room = more;
	return true;
}

bool
hook_news_add(struct store *store, const struct uuid *hook)
{
	struct hook_news *news = &store->hook_news;

	if (has(news, hook))
		return true;
	if (news->n == news->room && !grow(news)) {
		db_note(&store->db, SQLITE_NOMEM);
		return false;
	}
	news->hooks[news->n++] = *hook;
	return true;
}

static bool
tell_one(struct store *store, const struct uuid *hook, hook_teller *tell,
	 void *self)
{
	struct frame event = { .kind = FRAME_hook_removed };
	struct frame_hook_info info;
	bool there = hook_rows_find(store, hook, &info);

	if (store->db.trouble != 0) {
		store->db.trouble = 0;
		return false;
	}
	event.hook_removed.hook = *hook;
	if (there)
		event = (struct frame){
			.kind = FRAME_hook_changed,
			.hook_changed.hooks = { &info, 1 },
		};
	tell(self, &event);
	return true;
}

void
hook_news_tell(struct store *store, hook_teller *tell, void *self)
{
	struct hook_news *news = &store->hook_news;

	while (news->n > 0 &&
	       tell_one(store, &news->hooks[news->n - 1], tell, self))
		news->n--;
	arena_reset(&store->arena);
}

void
hook_news_fini(struct hook_news *news)
{
	free(news->hooks);
	*news = (struct hook_news){ 0 };
}
