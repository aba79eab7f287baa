/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/guard.c - see guard.h. */
#include "tools/parley-tap/guard.h"

#include "tools/parley-tap/said.h"

#define ASK_MS 5000

/* The links of a replay that has just ended are no gateways. */
static void
count_gateways(void *self, const struct frame *answer)
{
	const frame_list *list = &answer->metrics.gateways;
	const struct frame_instance *gateways = list->items;

	for (size_t i = 0; i < list->n; i++)
		*(size_t *)self += gateways[i].name.n < strlen(LINK_NAME) ||
				   memcmp(gateways[i].name.at, LINK_NAME,
					  strlen(LINK_NAME)) != 0;
}

static void
count_rooms(void *self, const struct frame *answer)
{
	*(size_t *)self = answer->rooms.rooms.n;
}

static void
count_users(void *self, const struct frame *answer)
{
	*(size_t *)self = answer->accounts.accounts.n;
}

/* Whether a daemon answers that there are none. */
static bool
has_none(const struct settings *s, enum party kind, struct frame *question,
	 enum frame_kind wanted, asker_hear_fn *count, const char *what)
{
	size_t n = 0;

	if (asker_ask(s->asker, kind, endpoints_of(&s->endpoints, kind), ASK_MS,
		      question, wanted, count, &n) != 0) {
		complain("%s: %s", party_name(kind), asker_wrong(s->asker));
		return false;
	}
	if (n > 0)
		complain("%s %s: a replay would change what is there; take "
			 "a fresh one with a folder of its own (--run), or "
			 "--force",
			 party_name(kind), what);
	return n == 0;
}

/* What goes to the router ends up in its store. */
bool
guard_allows(const struct settings *s, enum party kind)
{
	struct frame metrics = { .kind = FRAME_get_metrics };
	struct frame rooms = { .kind = FRAME_list_rooms };
	struct frame accounts = { .kind = FRAME_get_accounts };

	if (!has_none(s, kind, &metrics, FRAME_metrics, count_gateways,
		      "serves gateways"))
		return false;
	switch (kind) {
	case ROUTER:
	case STORE:
		return has_none(s, STORE, &rooms, FRAME_rooms, count_rooms,
				"has rooms");
	case AUTH:
		return has_none(s, AUTH, &accounts, FRAME_accounts, count_users,
				"has users");
	default:
		return true;
	}
}
