/* SPDX-License-Identifier: MIT */
/* tests/fuzz/gateway/daemons.h - the bus and the daemons behind a gateway,
 * played for the fuzzers that talk to it as its clients do.
 *
 * What is asked must pack. What is answered follows from the question (a field
 * of the same name has the same value) and from dice, whose seed the input
 * sets; rooms have heads that grow by one, as the store's do. An answer comes
 * at the end of a turn, or refused once its time is over.
 */
#ifndef PARLEY_TESTS_FUZZ_GATEWAY_DAEMONS_H
#define PARLEY_TESTS_FUZZ_GATEWAY_DAEMONS_H

#include "gateway/bus_events.h"
#include "gateway/gateway.h"
#include "gateway/listener.h"
#include "tests/fuzz/gateway/loop.h"
#include "tests/fuzz/gateway/made_up.h"
#include "tests/fuzz/must.h"

#include <stdlib.h>
#include <utlist.h>

#define HEADS_MAX 16
#define WINDOW    8 /* questions that wait before a peer has no more room */

enum manner { ANSWERING, REFUSING, SILENT, BACKWARDS, DEAF, MANNERS };

struct peer {
	enum party kind;
	bool is_up;
	size_t waiting;
};

struct question {
	struct peer *to;
	struct frame asked; /* points into `packed` and `arena` */
	struct arena arena;
	struct buffer packed;
	uint64_t due_ms; /* 0: never */
	answer_handler *on_answer;
	void *self, *context;
	struct question *prev, *next;
};

struct bus {
	struct arena arena;
	struct peer peers[4];
	struct question *questions; /* oldest first */
	void *self;
};

static struct bus bus;
static enum manner manner;
static uint64_t last_ask;
static struct {
	struct uuid room;
	uint64_t seq, change;
} heads[HEADS_MAX];

/* --- Rooms and their heads */

static size_t
head_of(const struct uuid *room)
{
	size_t i = 0;

	while (i < HEADS_MAX - 1 && !uuid_is_nil(&heads[i].room) &&
	       !uuid_equal(&heads[i].room, room))
		i++;
	heads[i].room = *room;
	return i;
}

/* Messages in their order, from behind `after` on. */
static void
number_messages(const frame_list *list, uint64_t after)
{
	struct frame_message *messages = (struct frame_message *)list->items;

	for (size_t i = 0; i < list->n; i++) {
		messages[i].seq = messages[i].number = after + 1 + i;
		if (messages[i].deleted)
			messages[i].text = (struct slice){ NULL, 0 };
	}
}

static void
number_history(struct frame *answer, const struct frame *asked)
{
	struct frame_history *history = &answer->history;
	size_t head = head_of(&history->room);
	const struct frame_get_history *get = &asked->get_history;
	uint64_t last = heads[head].seq;
	uint64_t before =
	    get->before > 0 && get->before <= last ? get->before : last + 1;
	uint64_t most = get->forward
			    ? (get->after < last ? last - get->after : 0)
			    : before - 1;

	if (history->messages.n > most)
		history->messages.n = most;
	if (history->messages.n > get->limit)
		history->messages.n = get->limit;
	number_messages(&history->messages,
			get->forward ? get->after
				     : before - 1 - history->messages.n);
	history->head = last;
	history->more = history->messages.n > 0 && history->messages.n < most;
}

/* Changes in their order, likewise. */
static void
number_changes(struct frame_changes *answer, uint64_t after)
{
	struct frame_change *changes =
	    (struct frame_change *)answer->changes.items;

	for (size_t i = 0; i < answer->changes.n; i++)
		changes[i].change = after + 1 + i;
	answer->upto = answer->changes.n == 0 ? 0 : after + answer->changes.n;
}

static void
number_positions(const frame_list *list)
{
	struct frame_position *positions = (struct frame_position *)list->items;

	for (size_t i = 0; i < list->n; i++) {
		size_t head = head_of(&positions[i].room);

		positions[i].seq = heads[head].seq;
		positions[i].change = heads[head].change;
	}
}

static void
name_families(const frame_list *list)
{
	struct frame_family *families = (struct frame_family *)list->items;

	for (size_t i = 0; i < list->n; i++)
		if (roll(8) != 0)
			families[i] = (struct frame_family){
				.name = slice_of("parley_a"),
				.type = slice_of("gauge"),
				.help = slice_of("help"),
				.samples = slice_of("parley_a 1\n"),
			};
}

/* What a daemon would not get wrong. */
static void
correct(struct frame *answer, const struct frame *asked)
{
	switch (answer->kind) {
	case FRAME_history:
		number_history(answer, asked);
		break;
	case FRAME_changes:
		number_changes(&answer->changes, asked->get_changes.after);
		break;
	case FRAME_subscribed:
		number_positions(&answer->subscribed.rooms);
		break;
	case FRAME_posted:
		answer->posted.seq = heads[head_of(&answer->posted.room)].seq;
		break;
	case FRAME_metrics:
		name_families(&answer->metrics.families);
		break;
	case FRAME_rooms:
		answer->rooms.next = 0;
		break;
	case FRAME_present:
		answer->present.more = false;
		break;
	default:
		break;
	}
}

static void
hear_frame(const struct frame *frame)
{
	for (const struct route *r = bus_event_routes; r->handler != NULL; r++)
		if (r->kind == frame->kind)
			r->handler(bus.self, &bus.peers[0], frame);
}

/* The router tells of a post before it answers. */
static void
publish(const struct frame *asked)
{
	struct frame event;

	fill(&bus.arena, &event, FRAME_message, asked);
	event.message.seq = ++heads[head_of(&event.message.room)].seq;
	hear_frame(&event);
}

/* --- Answers */

/* clang-format off */
static const struct {
	enum frame_kind asked, answer;
} answers[] = {
	{ FRAME_get_metrics,     FRAME_metrics },
	{ FRAME_post,            FRAME_posted },
	{ FRAME_edit,            FRAME_edited },
	{ FRAME_erase,           FRAME_erased },
	{ FRAME_join,            FRAME_joined },
	{ FRAME_leave,           FRAME_left },
	{ FRAME_open_direct,     FRAME_direct },
	{ FRAME_create_room,     FRAME_rooms },
	{ FRAME_mark,            FRAME_marked },
	{ FRAME_get_memberships, FRAME_rooms },
	{ FRAME_get_rooms,       FRAME_rooms },
	{ FRAME_get_room,        FRAME_rooms },
	{ FRAME_get_unread,      FRAME_rooms },
	{ FRAME_get_history,     FRAME_history },
	{ FRAME_search,          FRAME_found },
	{ FRAME_subscribe,       FRAME_subscribed },
	{ FRAME_find_bound,      FRAME_users },
	{ FRAME_get_present,     FRAME_present },
	{ FRAME_verify,          FRAME_verified },
	{ FRAME_sign_up,         FRAME_signed_up },
	{ FRAME_login,           FRAME_logged_in },
	{ FRAME_refresh,         FRAME_logged_in },
	{ FRAME_find_users,      FRAME_users },
	{ FRAME_seal,            FRAME_unsealed },
	{ FRAME_unseal,          FRAME_unsealed },
	{ FRAME_check_sessions,  FRAME_revoked },
	{ FRAME_moderate,        FRAME_moderated },
	{ FRAME_change_room,     FRAME_room_changed },
	{ FRAME_get_members,     FRAME_members },
	{ FRAME_get_bans,        FRAME_bans },
	{ FRAME_invite,          FRAME_invited },
	{ FRAME_get_invites,     FRAME_invites },
	{ FRAME_check_visits,    FRAME_visits_over },
	{ FRAME_get_changes,     FRAME_changes },
	{ FRAME_create_hook,     FRAME_hook },
	{ FRAME_change_hook,     FRAME_hook },
	{ FRAME_get_hooks,       FRAME_hooks },
};
/* clang-format on */

static enum frame_kind
kind_of_answer(enum frame_kind asked)
{
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		if (answers[i].asked == asked)
			return answers[i].answer;
	return FRAME_done;
}

static struct frame
refusal(enum error_code code)
{
	return (struct frame){
		.kind = FRAME_refused,
		.refused.code = slice_of(error_name(code)),
		.refused.text = slice_of(roll(2) == 0 ? "" : "not \"now\""),
	};
}

static struct frame
answer_to(const struct question *q)
{
	struct frame answer;
	struct buffer packed = { 0 };

	if (manner == REFUSING || roll(16) == 0)
		return refusal(1 + roll(ERROR_CODES - 1));
	if (q->asked.kind == FRAME_post)
		publish(&q->asked);
	fill(&bus.arena, &answer, kind_of_answer(q->asked.kind), &q->asked);
	correct(&answer, &q->asked);
	/* Then it is one that could come. */
	must(frame_pack(&answer, &packed, NULL) == 0);
	buffer_fini(&packed);
	return answer;
}

static void
end_question(struct question *q, const struct frame *answer)
{
	q->to->waiting--;
	DL_DELETE(bus.questions, q);
	q->on_answer(q->self, q->context, answer);
	buffer_fini(&q->packed);
	arena_fini(&q->arena);
	free(q);
}

/* Whether there was anything to answer. What is asked meanwhile is for the next
 * turn. */
static bool
daemons_answer(void)
{
	const uint64_t last = last_ask;
	struct question *q = bus.questions, *next;
	bool some = false;

	if (manner == SILENT || q == NULL)
		return false;
	if (manner == BACKWARDS)
		q = q->prev;
	for (; q != NULL && q->asked.id <= last; q = next) {
		struct frame answer;

		next = manner != BACKWARDS  ? q->next
		       : q == bus.questions ? NULL
					    : q->prev;
		if (!q->to->is_up)
			continue;
		answer = answer_to(q);
		end_question(q, &answer);
		some = true;
	}
	return some;
}

static void
daemons_expire(bool all)
{
	struct question *q, *next;

	DL_FOREACH_SAFE (bus.questions, q, next)
		if (all || (q->due_ms > 0 && q->due_ms <= loop.now_ms)) {
			struct frame refused = refusal(ERROR_unavailable);

			end_question(q, &refused);
		}
}

/* An event that nobody asked for. */
static inline void
daemons_tell(unsigned which)
{
	struct frame event;
	size_t n = 0, head;

	while (bus_event_routes[n].handler != NULL)
		n++;
	fill(&bus.arena, &event, bus_event_routes[which % n].kind, NULL);
	if (event.kind == FRAME_message) {
		head = head_of(&event.message.room);
		event.message.seq = heads[head].seq + roll(3);
		if (event.message.seq > heads[head].seq)
			heads[head].seq = event.message.seq;
		if (event.message.seq == 0)
			return;
	} else if (event.kind == FRAME_unbound) {
		event.unbound.connection = 1 + roll(3);
	}
	hear_frame(&event);
}

static inline void
daemons_toggle(unsigned which)
{
	struct peer *peer = &bus.peers[which % 4];

	peer->is_up = !peer->is_up;
	bus_event_peer(bus.self, peer, peer->is_up ? PEER_UP : PEER_DOWN);
}

static void
daemons_begin(struct gateway *gateway)
{
	static const enum party kinds[] = { ROUTER, PRESENCE, STORE, AUTH };

	bus = (struct bus){ .self = gateway };
	for (int i = 0; i < 4; i++)
		bus.peers[i] = (struct peer){ kinds[i], true, 0 };
	loop = (struct loop){ .now_ms = 1000000 };
	memset(heads, 0, sizeof heads);
	manner = ANSWERING;
	seed_dice((const uint8_t *)"", 0);
	gateway->bus = &bus;
	gateway->loop = &loop;
}

/* --- The bus as the gateway calls it */

uint64_t
bus_ask(struct peer *to, struct frame *request, unsigned timeout_ms,
	answer_handler *on_answer, void *self, void *context)
{
	struct question *q;

	if (manner == DEAF)
		return 0;
	q = calloc(1, sizeof *q);
	must(to != NULL && q != NULL);
	request->id = ++last_ask;
	must((frame_to(request->kind) & to->kind) != 0);
	must(frame_pack(request, &q->packed, NULL) == 0);
	must(frame_unpack(&q->asked, &q->arena, q->packed.bytes, q->packed.n,
			  NULL) == (ssize_t)q->packed.n);
	q->to = to;
	q->due_ms = timeout_ms == 0 ? 0 : loop.now_ms + timeout_ms;
	q->on_answer = on_answer;
	q->self = self;
	q->context = context;
	DL_APPEND(bus.questions, q);
	to->waiting++;
	return q->asked.id;
}

void
bus_tell(struct peer *to, struct frame *frame)
{
	struct buffer packed = { 0 };

	must((frame_to(frame->kind) & to->kind) != 0);
	must(frame_pack(frame, &packed, NULL) == 0);
	buffer_fini(&packed);
}

bool
bus_has_room(const struct peer *peer)
{
	return peer->waiting < WINDOW;
}

bool
bus_has_drained(const struct peer *peer)
{
	return peer->waiting <= WINDOW / 2;
}

struct peer *
bus_next(struct bus *from, enum party kind)
{
	return bus_each(from, kind, NULL);
}

struct peer *
bus_owner(struct bus *from, enum party kind, const struct uuid *key)
{
	(void)key;
	return bus_each(from, kind, NULL);
}

struct peer *
bus_each(struct bus *from, enum party kind, struct peer *after)
{
	for (int i = 0; i < 4 && after == NULL; i++)
		if (from->peers[i].kind == kind)
			return &from->peers[i];
	return NULL;
}

struct arena *
bus_arena(struct bus *from)
{
	return &from->arena;
}

bool
peer_is_up(const struct peer *peer)
{
	return peer->is_up;
}

enum party
peer_kind(const struct peer *peer)
{
	return peer->kind;
}

const char *
peer_name(const struct peer *peer)
{
	return party_name(peer->kind);
}

/* --- Listeners, of which there are none */

void
listeners_close(struct gateway *gateway)
{
	(void)gateway;
}

/* Whatever the client came by carries no dialect. */
const struct dialect *
listener_dialect(const struct listener *listener)
{
	(void)listener;
	return NULL;
}

#endif
