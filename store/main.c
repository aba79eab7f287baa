/* SPDX-License-Identifier: MIT */
/* store/main.c - keeps what was said, and who may read it.
 *
 * Owns:   rooms, memberships and roles, bans, mutes, invites, messages,
 *         last-seen marks, hooks and how far each is: chat.db.
 * Hears:  post, edit, erase, join, leave, open_direct, moderate, change_room,
 *         get_heads from the router; create_room, mark, invite, create_hook
 *         and all that reads from gateways and tools; what it delivered from
 *         hooks.
 * Tells:  answers, and of a write nothing before it is synced; hook_changed
 *         and hook_removed to hooks.
 * Not:    who hears a message, who somebody is, what is live.
 */
#include "proto/daemon.h"
#include "proto/quiet.h"
#include "proto/restoring.h"
#include "proto/rights.h"
#include "store/all_rooms.h"
#include "store/changes.h"
#include "store/checkpoint.h"
#include "store/group.h"
#include "store/hooks.h"
#include "store/invites.h"
#include "store/listings.h"
#include "store/members.h"
#include "store/messages.h"
#include "store/moderation.h"
#include "store/rooms.h"
#include "store/sanctions.h"
#include "store/search.h"

/* So little in that time is no load: what it is answered from is read again. */
#define QUIET_MS  2000
#define QUIET_FEW 200

static struct {
	const char *url;
	struct loop *loop;
	struct bus *bus;
	struct store store;
	struct group group;
	struct checkpoint *checkpoint;
	struct search *search;
	struct quiet quiet;
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
	[FRAME_create_hook] = hooks_create,
	[FRAME_change_hook] = hooks_change,
	[FRAME_remove_hook] = hooks_remove,
	[FRAME_hook_delivered] = hooks_delivered,
	[FRAME_hook_failed] = hooks_failed,
};

static void
on_write(void *unused, struct peer *from, const struct frame *frame)
{
	(void)unused;
	if (rights_refuse(from, frame))
		return;
	self.store.now_ms = loop_unix_ms(self.loop);
	quiet_stir(&self.quiet);
	group_write(&self.group, from, frame, acts[frame->kind]);
}

static void
on_read(void *unused, struct peer *from, const struct frame *frame)
{
	(void)unused;
	if (rights_refuse(from, frame))
		return;
	self.store.now_ms = loop_unix_ms(self.loop);
	quiet_stir(&self.quiet);
	group_read(&self.group, from, frame, acts[frame->kind]);
}

/* The secrets are for who signs with them. */
static void
on_hooks(void *unused, struct peer *from, const struct frame *frame)
{
	(void)unused;
	if (rights_refuse(from, frame))
		return;
	self.store.now_ms = loop_unix_ms(self.loop);
	quiet_stir(&self.quiet);
	group_read(&self.group, from, frame,
		   peer_kind(from) == HOOKS ? hooks_list_secrets : hooks_list);
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
tell_hooks(void *unused, struct frame *event)
{
	struct peer *peer = NULL;

	(void)unused;
	while ((peer = bus_each(self.bus, HOOKS, peer)) != NULL)
		bus_tell_numbered(peer, event);
}

static void
turn(void *unused)
{
	(void)unused;
	if (group_turn(&self.group))
		search_wake(self.search);
	hook_news_tell(&self.store, tell_hooks, NULL);
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
	struct store_figures *figures = &self.group.figures;
	int64_t last = messages_last(&self.store);

	(void)unused;
	figures->duplicates = self.store.duplicates;
	figures->failing = self.group.cause != 0;
	if (last >= 0)
		figures->messages = (uint64_t)last;
	store_measure(&self.store, &figures->database, &figures->wal);
}

static void
on_quiet(void *unused)
{
	(void)unused;
	store_give_back(&self.store);
}

static void
stop(void *unused)
{
	(void)unused;
	quiet_stop(&self.quiet);
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
	self.bus = runtime->bus;
	self.quiet = (struct quiet){ .loop = runtime->loop,
				     .on_quiet = on_quiet,
				     .after_ms = QUIET_MS,
				     .few = QUIET_FEW };
	if (!restoring_is_over(runtime->data))
		return -1;
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
	{ on_write,  FRAME_create_hook     },
	{ on_write,  FRAME_change_hook     },
	{ on_write,  FRAME_remove_hook     },
	{ on_write,  FRAME_hook_delivered  },
	{ on_write,  FRAME_hook_failed     },
	{ on_hooks,  FRAME_get_hooks       },
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
