/* SPDX-License-Identifier: MIT */
/* gateway/fanout.c - see fanout.h. */
#include "gateway/fanout.h"

#include "gateway/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#define GATHERED_MAX (64 * 1024) /* bytes */

/* A send takes some 7 us: ten times as long until the next one. */
#define HOLD_US_EACH 70
#define HOLD_MAX_MS  100

/* Memory that nobody has touched for a while is slow: what so many seats on
 * need of it is on its way meanwhile. */
#define FETCH_AHEAD 2
#define CACHE_LINE  64 /* bytes */

/* A voice is a dialect in one of its variants; a set of them, bits. */
#define VOICES (DIALECTS_MAX * VARIANTS_MAX)

/* A message, framed for each voice that is present, in their order; NULL: that
 * one has no words for it. */
struct said {
	struct said *next;
	uint64_t seq;
	uint64_t since;
	uint32_t bytes; /* of the longest frame */
	uint16_t lost;  /* voices, for want of memory */
	struct parcel *frames[];
};

struct fanout {
	struct room *room;
	struct fanout *prev, *next; /* gateway->fanouts */
	struct said *first, *last;
	size_t count;
	size_t bytes; /* of the longest frames */
	uint16_t voices;
	uint16_t lost;
	struct parcel *whole[VOICES]; /* all frames in one, once it is made */
};

/* A write of its own for this room's messages pays where nothing else is told
 * in the same turn: to all who hear it, to those who hear no other room, or
 * else at the turn's end. */
enum write { WRITE_ALL, WRITE_SOLE, WRITE_LATER };

static void leave(struct fanout *f, enum write write);

/* --- Voices */

static uint16_t
voice_of(const struct client *client)
{
	size_t place = dialect_place(client->dialect) * VARIANTS_MAX;

	return (uint16_t)(1u << (place + client->variant));
}

static unsigned
count_of(unsigned voices)
{
	return (unsigned)__builtin_popcount(voices);
}

/* Where its frames are. */
static unsigned
place_of(const struct fanout *f, uint16_t voice)
{
	return count_of(f->voices & (voice - 1u));
}

void
fanout_admit(struct room *room, const struct client *client)
{
	fanout_flush(room);
	room->voices |= voice_of(client);
}

/* --- Gathering */

static void
said_free(struct said *said, uint16_t voices)
{
	for (unsigned i = 0; i < count_of(voices); i++)
		parcel_drop(said->frames[i]);
	free(said);
}

static void
frame_for(struct said *said, unsigned place, const struct event *event,
	  unsigned voice)
{
	struct parcel *frame = dialect_encode(dialect_at(voice / VARIANTS_MAX),
					      event, voice % VARIANTS_MAX);

	said->frames[place] = frame;
	if (frame == NULL && errno == ENOMEM)
		said->lost |= (uint16_t)(1u << voice);
	else if (frame != NULL && frame->n > said->bytes)
		said->bytes = frame->n;
}

static struct said *
said_new(uint16_t voices, const struct event *event, uint64_t since)
{
	unsigned n = count_of(voices), place = 0;
	struct said *said = calloc(1, sizeof *said + n * sizeof *said->frames);

	if (said == NULL)
		return NULL;
	said->seq = event->seq;
	said->since = since;
	for (unsigned voice = 0; place < n; voice++)
		if ((voices >> voice & 1) != 0)
			frame_for(said, place++, event, voice);
	return said;
}

/* Those who lack something come back and read what they missed. */
static void
lose_all(struct room *room)
{
	for (uint32_t i = 0; i < room->seat_count; i++)
		if (room->seats[i]->state == SEAT_LIVE)
			connection_fail(room->seats[i]->client->connection);
}

static size_t
room_for(const struct room *room)
{
	size_t most = room->gateway->outbox_max;

	return most < GATHERED_MAX ? most : GATHERED_MAX;
}

static struct fanout *
begin(struct room *room, uint16_t voices)
{
	struct fanout *f = calloc(1, sizeof *f);

	if (f == NULL)
		return NULL;
	f->room = room;
	f->voices = voices;
	room->fanout = f;
	DL_APPEND(room->gateway->fanouts, f);
	return f;
}

static void
append(struct fanout *f, struct said *said)
{
	if (f->first == NULL)
		f->first = said;
	else
		f->last->next = said;
	f->last = said;
	f->count++;
	f->bytes += said->bytes;
	f->lost |= said->lost;
}

void
fanout_add(struct room *room, const struct event *event, uint64_t since)
{
	const uint16_t voices = room->voices;
	struct said *said = said_new(voices, event, since);

	if (said == NULL) {
		lose_all(room);
		return;
	}
	if (room->fanout != NULL &&
	    room->fanout->bytes + said->bytes > room_for(room))
		leave(room->fanout, WRITE_ALL);
	if (room->fanout != NULL || begin(room, voices) != NULL) {
		append(room->fanout, said);
		return;
	}
	said_free(said, voices);
	lose_all(room);
}

/* --- Leaving */

/* All frames of a voice in one; NULL: there are none, or no memory. */
static struct parcel *
join(const struct fanout *f, unsigned place)
{
	struct parcel *whole;
	uint8_t *at;
	size_t n = 0;

	for (const struct said *s = f->first; s != NULL; s = s->next)
		n += s->frames[place] == NULL ? 0 : s->frames[place]->n;
	if (n == 0 || (whole = parcel_new(n)) == NULL)
		return NULL;
	at = whole->bytes;
	for (const struct said *s = f->first; s != NULL; s = s->next) {
		if (s->frames[place] == NULL)
			continue;
		memcpy(at, s->frames[place]->bytes, s->frames[place]->n);
		at += s->frames[place]->n;
	}
	return whole;
}

static struct parcel *
whole_of(struct fanout *f, unsigned place)
{
	struct parcel *first = f->first->frames[place];

	if (f->whole[place] == NULL)
		f->whole[place] = f->count == 1 && first != NULL
				      ? parcel_hold(first)
				      : join(f, place);
	return f->whole[place];
}

/* To a seat that was told some of it, to one for which frames are compressed,
 * and without memory for the whole. Returns how many. */
static size_t
tell_singly(const struct fanout *f, const struct seat *seat, unsigned place)
{
	size_t told = 0;

	for (const struct said *s = f->first; s != NULL; s = s->next) {
		if (s->seq <= seat->seq || s->frames[place] == NULL)
			continue;
		connection_send(seat->client->connection, s->frames[place]);
		told++;
	}
	return told;
}

/* Returns how many messages were told. */
static size_t
tell(struct fanout *f, const struct seat *seat, enum write write)
{
	const struct client *client = seat->client;
	const uint16_t voice = voice_of(client);
	const unsigned place = place_of(f, voice);
	struct parcel *whole;

	if ((f->lost & voice) != 0) {
		connection_fail(client->connection);
		return 0;
	}
	whole = seat->seq < f->first->seq ? whole_of(f, place) : NULL;
	if (whole == NULL ||
	    (f->count > 1 && client->connection->deflate_bits != 0))
		return tell_singly(f, seat, place);
	if (write == WRITE_ALL ||
	    (write == WRITE_SOLE && client->seat_count == 1))
		connection_send_at_once(client->connection, whole);
	else
		connection_send(client->connection, whole);
	return f->count;
}

static bool
is_due(const struct seat *seat)
{
	return seat->state == SEAT_LIVE && !seat->is_silent &&
	       !seat->client->is_closing;
}

static void
fetch(const struct room *room, uint32_t i)
{
	const uint32_t n = room->seat_count;
	const struct connection *c;

	if (i + 3 * FETCH_AHEAD < n)
		__builtin_prefetch(room->seats[i + 3 * FETCH_AHEAD]);
	if (i + 2 * FETCH_AHEAD < n)
		__builtin_prefetch(room->seats[i + 2 * FETCH_AHEAD]->client);
	if (i + FETCH_AHEAD >= n)
		return;
	c = room->seats[i + FETCH_AHEAD]->client->connection;
	for (size_t at = 0; at < sizeof *c; at += CACHE_LINE)
		__builtin_prefetch((const char *)c + at);
}

/* How many were told. */
static uint32_t
tell_all(struct fanout *f, enum write write)
{
	struct room *room = f->room;
	uint64_t *deliveries = room->gateway->count.deliveries;
	uint32_t receivers = 0;

	room->voices = 0;
	for (uint32_t i = 0; i < room->seat_count; i++) {
		const struct seat *seat = room->seats[i];
		size_t told = 0;

		fetch(room, i);
		if (seat->state == SEAT_LIVE)
			room->voices |= voice_of(seat->client);
		if (is_due(seat))
			told = tell(f, seat, write);
		if (told > 0)
			deliveries[dialect_place(seat->client->dialect)] +=
			    told;
		receivers += told > 0;
	}
	return receivers;
}

static void
fanout_free(struct fanout *f)
{
	struct said *s, *next;

	LL_FOREACH_SAFE (f->first, s, next)
		said_free(s, f->voices);
	for (unsigned i = 0; i < VOICES; i++)
		parcel_drop(f->whole[i]);
	free(f);
}

static void
note(const struct fanout *f, uint32_t receivers)
{
	struct gateway *g = f->room->gateway;

	for (const struct said *s = f->first; s != NULL; s = s->next) {
		sizes_add(&g->count.receivers, receivers);
		figures_note_delivery(g, s->since);
	}
}

static void
leave(struct fanout *f, enum write write)
{
	struct room *room = f->room;
	struct gateway *g = room->gateway;
	uint32_t receivers;
	uint64_t hold_ms;

	room->fanout = NULL;
	DL_DELETE(g->fanouts, f);
	receivers = tell_all(f, write);
	g->count.fanouts++;
	note(f, receivers);
	fanout_free(f);
	hold_ms = (uint64_t)receivers * HOLD_US_EACH / 1000;
	room->told_ms = (uint32_t)loop_now_ms(g->loop);
	room->hold_ms =
	    (uint8_t)(hold_ms < HOLD_MAX_MS ? hold_ms : HOLD_MAX_MS);
}

void
fanout_flush(struct room *room)
{
	if (room->fanout != NULL)
		leave(room->fanout, WRITE_LATER);
}

void
fanout_flush_for(const struct client *client)
{
	if (client_gateway(client)->fanouts == NULL)
		return;
	for (uint32_t i = 0; i < client->seat_count; i++)
		fanout_flush(client_seat(client, i)->room);
}

/* --- The end of a turn */

/* For how long the room is still held; 0: it is not. */
static uint32_t
held_ms(const struct room *room)
{
	uint32_t since_ms =
	    (uint32_t)loop_now_ms(room->gateway->loop) - room->told_ms;

	return since_ms < room->hold_ms ? room->hold_ms - since_ms : 0;
}

/* The turn is what it makes happen. */
static void
on_due(void *self)
{
	(void)self;
}

static bool
wakes_in(struct gateway *g, uint32_t ms)
{
	g->fanout_due.on_due = on_due;
	return loop_timer_set(g->loop, &g->fanout_due, ms) == 0;
}

void
fanout_turn(struct gateway *g)
{
	struct fanout *f, *next;
	uint32_t soonest_ms = UINT32_MAX;

	DL_FOREACH_SAFE (g->fanouts, f, next) {
		uint32_t ms = g->draining ? 0 : held_ms(f->room);

		if (ms == 0)
			leave(f, next == NULL ? WRITE_ALL : WRITE_SOLE);
		else if (ms < soonest_ms)
			soonest_ms = ms;
	}
	if (g->fanouts == NULL || wakes_in(g, soonest_ms))
		return;
	while (g->fanouts != NULL)
		leave(g->fanouts, WRITE_SOLE);
}

void
fanout_stop(struct gateway *g)
{
	loop_timer_clear(g->loop, &g->fanout_due);
}
