/* SPDX-License-Identifier: MIT */
/* store/main.c - keeps what was said, and who may read it.
 *
 * Owns:   rooms, memberships and roles, bans, mutes, invites, messages,
 *         last-seen marks: chat.db.
 * Hears:  post, edit, erase, join, leave, open_direct, moderate, change_room,
 *         get_heads from the router; create_room, mark, invite and all that
 *         reads from gateways and tools.
 * Tells:  answers, and of a write nothing before it is synced.
 * Not:    who hears a message, who somebody is, what is live.
 */
#include "proto/daemon.h"
#include "proto/rights.h"
#include "store/all_rooms.h"
#include "store/changes.h"
#include "store/checkpoint.h"
#include "store/group.h"
#include "store/invites.h"
#include "store/listings.h"
#include "store/members.h"
#include "store/messages.h"
#include "store/moderation.h"
#include "store/rooms.h"
#include "store/sanctions.h"
#include "store/search.h"

static struct {
	const char *url;
	struct loop *loop;
	struct store store;
	struct group group;
	struct checkpoint *checkpoint;
	struct search *search;
	uint64_t
	    failed; /* groups that had failed at the end of the last turn */
} self;

static store_act *const acts[FRAME_KINDS] = {
	[FRAME_post] = messages_post,
	[FRAME_edit] = messages_edit,
	[FRAME_erase] = messages_erase,
	[FRAME_join] = members_join,
	[FRAME_leave] = members_leave,
	[FRAME_mark] = members_mark,
	[FRAME_open_direct] = rooms_open_direct,
	[FRAME_create_room] = all_rooms_create,
	[FRAME_get_heads] = rooms_get_heads,
	[FRAME_get_memberships] = listings_get_memberships,
	[FRAME_get_rooms] = listings_get_rooms,
	[FRAME_list_rooms] = all_rooms_list,
	[FRAME_get_room] = listings_get_room,
	[FRAME_get_unread] = listings_get_unread,
	[FRAME_get_history] = messages_get_history,
	[FRAME_get_changes] = changes_get,
	[FRAME_moderate] = moderation_moderate,
	[FRAME_change_room] = moderation_change_room,
	[FRAME_get_members] = moderation_get_members,
	[FRAME_check_visits] = moderation_check_visits,
	[FRAME_get_bans] = sanctions_get_bans,
	[FRAME_invite] = invites_make,
	[FRAME_revoke_invite] = invites_revoke,
	[FRAME_get_invites] = invites_list,
};

static void
on_write(void *unused, struct peer *from, const struct frame *frame)
{
	(void)unused;
	if (rights_refuse(from, frame))
		return;
	self.store.now_ms = loop_unix_ms(self.loop);
	group_write(&self.group, from, frame, acts[frame->kind]);
}

static void
on_read(void *unused, struct peer *from, const struct frame *frame)
{
	(void)unused;
	if (rights_refuse(from, frame))
		return;
	self.store.now_ms = loop_unix_ms(self.loop);
	group_read(&self.group, from, frame, acts[frame->kind]);
}

static void
on_search(void *unused, struct peer *from, const struct frame *frame)
{
	(void)unused;
	self.group.figures.searches++;
	search_ask(self.search, from, frame);
}

static void
give(void *unused, struct peer *to, uint64_t id, struct frame *answer)
{
	(void)unused;
	bus_answer(to, id, answer);
}

static void
turn(void *unused)
{
	(void)unused;
	if (group_turn(&self.group))
		search_wake(self.search);
	if (self.failed != self.group.figures.failed)
		checkpoint_now(self.checkpoint);
	self.failed = self.group.figures.failed;
}

static void
on_peer(void *unused, struct peer *peer, enum peer_news news)
{
	(void)unused;
	if (news != PEER_DOWN)
		return;
	group_forget(&self.group, peer);
	search_forget(self.search, peer);
}

static void
measure(void *unused)
{
	(void)unused;
	self.group.figures.duplicates = self.store.duplicates;
	self.group.figures.failing = self.group.cause != 0;
}

static void
stop(void *unused)
{
	(void)unused;
	group_turn(&self.group);
	search_free(&self.search);
	checkpoint_free(&self.checkpoint);
	group_fini(&self.group);
	/* The last connection empties the wal as it closes. */
	store_close(&self.store);
}

static int
start(void *unused, struct runtime *runtime)
{
	int rc;

	(void)unused;
	self.loop = runtime->loop;
	if ((rc = store_open(&self.store, self.url, runtime->data)) != 0)
		return rc;
	self.group.store = &self.store;
	self.group.give = give;
	self.checkpoint = checkpoint_new(runtime->loop, self.store.db.handle);
	if (self.checkpoint != NULL)
		self.search =
		    search_new(runtime->loop, &self.store, give, NULL);
	if (self.search != NULL)
		return 0;
	checkpoint_free(&self.checkpoint);
	store_close(&self.store);
	return -1;
}

/* clang-format off */
static const struct option_row options[] = {
	{ "database", &self.url, "sqlite:chat.db", "where messages are kept: sqlite:PATH, from the data folder on", .variable = "DATABASE_URL" },
	{ 0 },
};

static const struct route routes[] = {
	{ on_write,  FRAME_post            },
	{ on_write,  FRAME_edit            },
	{ on_write,  FRAME_erase           },
	{ on_write,  FRAME_join            },
	{ on_write,  FRAME_leave           },
	{ on_write,  FRAME_mark            },
	{ on_write,  FRAME_open_direct     },
	{ on_write,  FRAME_create_room     },
	{ on_read,   FRAME_get_heads       },
	{ on_read,   FRAME_get_memberships },
	{ on_read,   FRAME_get_rooms       },
	{ on_read,   FRAME_list_rooms      },
	{ on_read,   FRAME_get_room        },
	{ on_read,   FRAME_get_unread      },
	{ on_read,   FRAME_get_history     },
	{ on_read,   FRAME_get_changes     },
	{ on_write,  FRAME_moderate        },
	{ on_write,  FRAME_change_room     },
	{ on_write,  FRAME_invite          },
	{ on_write,  FRAME_revoke_invite   },
	{ on_read,   FRAME_get_members     },
	{ on_read,   FRAME_get_bans        },
	{ on_read,   FRAME_get_invites     },
	{ on_read,   FRAME_check_visits    },
	{ on_search, FRAME_search          },
	{ 0 },
};

static const struct sandbox_row needs[] = {
	{ SANDBOX_DATABASE, &self.url, store_path },
	{ 0 },
};

#define FIGURES struct store_figures
static const struct metric_row metrics[] = {
#include "proto/metrics_rows.h"

#include "store/metrics.def"
	{ 0 },
};
/* clang-format on */

int
main(int argc, char **argv)
{
	static const struct daemon d = {
		.name = "store",
		.summary = "keeps what was said, and who may read it",
		.party = STORE,
		.binds = true,
		.options = options,
		.routes = routes,
		.metrics = { metrics, &self.group.figures },
		.measure = measure,
		.needs = needs,
		.start = start,
		.stop = stop,
		.turn = turn,
		.on_peer = on_peer,
	};

	return daemon_main(&d, argc, argv);
}
