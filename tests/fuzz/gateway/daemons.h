/* SPDX-License-Identifier: MIT */
/* tests/fuzz/gateway/daemons.h - the bus, the loop and the daemons behind a
 * gateway, played for the fuzzers that talk to it as its clients do.
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
#include "proto/frame_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <utlist.h>

#define WATCHES_MAX 8
#define HEADS_MAX   16
#define WINDOW      8 /* questions that wait before a peer has no more room */

/* Optimisers make one abort() of many: say which it was. */
#define must(condition)                                                        \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__,     \
				#condition);                                   \
			abort();                                               \
		}                                                              \
	} while (0)

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

struct loop {
	uint64_t now_ms;
	bool again;
	struct loop_watch *watches[WATCHES_MAX];
	struct loop_timer *timer; /* there is one at most */
};

static struct bus bus;
static struct loop loop;
static enum manner manner;
static uint64_t dice;
static uint64_t last_ask;
static struct {
	struct uuid room;
	uint64_t seq, change;
} heads[HEADS_MAX];

/* --- Dice */

static void
seed_dice(const uint8_t *bytes, size_t n)
{
	dice = 14695981039346656037u;
	for (size_t i = 0; i < n; i++)
		dice = (dice ^ bytes[i]) * 1099511628211u;
	dice |= 1;
}

/* Below `sides`. */
static unsigned
roll(unsigned sides)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (unsigned)(dice >> 32) % sides;
}

/* --- What frames hold */

static struct uuid
make_id(void)
{
	struct uuid id;

	memset(id.bytes, 1 + (int)roll(5), sizeof id.bytes);
	return id;
}

static struct slice
make_text(struct arena *arena, const struct field_row *field)
{
	static const char *const words[] = {
		"ada",  "bob",          "a",
		"hall", "\"\\\n\t\x01", "zoë \xf0\x9f\x98\x80",
		"{}",   "unavailable"
	};
	struct slice text = slice_of(words[roll(sizeof words / sizeof *words)]);
	char *fill;

	if (roll(32) != 0 && text.n >= field->min && text.n <= field->max)
		return text;
	text.n = roll(8) == 0 ? field->max : field->min;
	fill = arena_get(arena, text.n + 1);
	must(fill != NULL);
	memset(fill, 'x', text.n);
	text.at = fill;
	return text;
}

static uint64_t
make_number(const struct field_row *field)
{
	if (roll(64) == 0)
		return field->max;
	return field->max - field->min < 4
		   ? field->min + roll((unsigned)(field->max - field->min + 1))
		   : field->min + roll(4);
}

static void fill_part(struct arena *arena, enum frame_kind kind, void *at,
		      const struct frame *asked);

static const struct field_row *
find_field(enum frame_kind kind, const char *name, enum field_type type)
{
	const struct frame_row *row = &frame_rows[kind];

	for (size_t i = 0; i < row->field_count; i++)
		if (row->fields[i].type == type &&
		    strcmp(row->fields[i].name, name) == 0)
			return &row->fields[i];
	return NULL;
}

/* The ids of a question that are to be answered one by one; or none. */
static frame_UUIDS
ids_asked(const struct frame *asked, const char *name)
{
	const struct field_row *field =
	    asked == NULL ? NULL : find_field(asked->kind, name, TYPE_UUIDS);

	if (field == NULL)
		return (frame_UUIDS){ NULL, 0 };
	return *(const frame_UUIDS *)((const char *)frame_payload(asked) +
				      field->offset);
}

static frame_list
make_list(struct arena *arena, const struct field_row *field,
	  const struct frame *asked)
{
	const frame_UUIDS ids = ids_asked(asked, field->name);
	size_t size = frame_rows[field->part].struct_bytes;
	size_t n = ids.n > 0 ? ids.n : roll(4);
	char *items;

	if (n < field->min || (asked != NULL && n == 0 && roll(2) == 0))
		n = 1;
	if (n > field->max)
		n = field->max;
	items = arena_array(arena, n + 1, size);
	must(items != NULL);
	for (size_t i = 0; i < n; i++) {
		fill_part(arena, field->part, items + i * size, asked);
		/* What a part begins with is its id. */
		if (i < ids.n)
			memcpy(items + i * size, &ids.at[i], sizeof *ids.at);
	}
	return (frame_list){ items, n };
}

static frame_UUIDS
make_ids(struct arena *arena, const struct field_row *field)
{
	size_t n = field->min + roll(2);
	struct uuid *ids = arena_array(arena, n + 1, sizeof *ids);

	must(ids != NULL);
	for (size_t i = 0; i < n; i++)
		ids[i] = make_id();
	return (frame_UUIDS){ ids, n };
}

static void
fill_field(struct arena *arena, const struct field_row *field, void *at,
	   const struct frame *asked)
{
	switch (field->type) {
	case TYPE_UUID:
		*(struct uuid *)at = make_id();
		break;
	case TYPE_UUIDS:
		*(frame_UUIDS *)at = make_ids(arena, field);
		break;
	case TYPE_TEXT:
	case TYPE_BYTES:
		*(struct slice *)at = make_text(arena, field);
		break;
	case TYPE_U64:
		*(uint64_t *)at = make_number(field);
		break;
	case TYPE_BOOL:
		*(bool *)at = roll(2) == 0;
		break;
	case TYPE_LIST:
		*(frame_list *)at = make_list(arena, field, asked);
		break;
	}
}

static size_t
bytes_of(enum field_type type)
{
	return type == TYPE_UUID   ? sizeof(struct uuid)
	       : type == TYPE_U64  ? sizeof(uint64_t)
	       : type == TYPE_BOOL ? sizeof(bool)
				   : sizeof(struct slice);
}

/* Whether the field is what the question says it is. A nil id says nothing. */
static bool
copy_asked(const struct field_row *field, void *at, const struct frame *asked)
{
	const struct field_row *same =
	    asked == NULL || field->type == TYPE_LIST
		? NULL
		: find_field(asked->kind, field->name, field->type);
	const char *from;

	if (same == NULL)
		return false;
	from = (const char *)frame_payload(asked) + same->offset;
	if (field->type == TYPE_UUID && uuid_is_nil((const struct uuid *)from))
		return false;
	if (field->type == TYPE_TEXT &&
	    ((const struct slice *)from)->n < field->min)
		return false;
	memcpy(at, from, bytes_of(field->type));
	return true;
}

static void
fill_part(struct arena *arena, enum frame_kind kind, void *at,
	  const struct frame *asked)
{
	const struct frame_row *row = &frame_rows[kind];

	for (size_t i = 0; i < row->field_count; i++) {
		const struct field_row *field = &row->fields[i];
		void *place = (char *)at + field->offset;

		if (!copy_asked(field, place, asked))
			fill_field(arena, field, place, asked);
	}
}

static void
fill(struct arena *arena, struct frame *frame, enum frame_kind kind,
     const struct frame *asked)
{
	*frame = (struct frame){ .kind = kind };
	fill_part(arena, kind, (void *)frame_payload(frame), asked);
}

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

/* --- The loop */

static struct loop_watch **
place_of(const struct loop_watch *watch)
{
	for (int i = 0; i < WATCHES_MAX; i++)
		if (loop.watches[i] == watch)
			return &loop.watches[i];
	return NULL;
}

int
loop_watch(struct loop *l, struct loop_watch *watch, uint32_t events)
{
	struct loop_watch **place = place_of(NULL);

	(void)l;
	must(place != NULL);
	*place = watch;
	watch->events = events;
	return 0;
}

int
loop_rewatch(struct loop *l, struct loop_watch *watch, uint32_t events)
{
	(void)l;
	must(place_of(watch) != NULL);
	watch->events = events;
	return 0;
}

void
loop_unwatch(struct loop *l, struct loop_watch *watch)
{
	struct loop_watch **place = place_of(watch);

	(void)l;
	must(place != NULL);
	*place = NULL;
}

int
loop_timer_set(struct loop *l, struct loop_timer *timer, uint64_t in_ms)
{
	must(l->timer == NULL || l->timer == timer);
	timer->due_us = (l->now_ms + in_ms) * 1000;
	l->timer = timer;
	return 0;
}

void
loop_timer_clear(struct loop *l, struct loop_timer *timer)
{
	if (l->timer == timer)
		l->timer = NULL;
}

/* The heap is looked after by nobody. */
void
quiet_stir(struct quiet *quiet)
{
	(void)quiet;
}

static void
fire_timer(void)
{
	struct loop_timer *timer = loop.timer;

	if (timer == NULL || timer->due_us > loop.now_ms * 1000)
		return;
	loop.timer = NULL;
	timer->on_due(timer->self);
}

void
loop_again(struct loop *l)
{
	l->again = true;
}

uint64_t
loop_now_ms(const struct loop *l)
{
	return l->now_ms;
}

uint64_t
loop_drained_ms(const struct loop *l)
{
	return l->now_ms;
}

uint64_t
loop_unix_ms(const struct loop *l)
{
	return 1700000000000u + l->now_ms;
}

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
