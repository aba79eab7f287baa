/* SPDX-License-Identifier: MIT */
/* store/hook_news.h - which hooks have changed, until that is on disk and told.
 *
 * Told is what the table says then: a change that was rolled back is told as
 * what it was before, which harms nobody.
 */
#ifndef PARLEY_STORE_HOOK_NEWS_H
#define PARLEY_STORE_HOOK_NEWS_H

#include "proto/frame.h"

struct store;

struct hook_news {
	struct uuid *hooks;
	size_t n;
	size_t room;
};

typedef void hook_teller(void *self, struct frame *event);

/* Something of this hook has changed. False: trouble. */
bool hook_news_add(struct store *store, const struct uuid *hook);

/* Tells hook_changed or hook_removed of each. Where the database cannot be
 * read, what is left is told the next time. */
void hook_news_tell(struct store *store, hook_teller *tell, void *self);

void hook_news_fini(struct hook_news *news);

#endif
