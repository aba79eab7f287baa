/* SPDX-License-Identifier: MIT */
/* gateway/dialects/campfire_resume.c - `Resume {rooms: {uuid: seq}}`: exactly
 * what followed in each room, as NewMessage, then Resumed.
 *
 * The seats named fall behind to the places given, and catch_up.c does the
 * rest. One request at a time; on a connection that held everything back for
 * it, rooms that it does not name go on from now. Where a daemon that it needs
 * is away, the request is refused in time, and may be made again.
 */
#include "gateway/dialects/campfire_extensions.h"

#include "gateway/catch_up.h"
#include "gateway/connection.h"

#include <stdlib.h>

struct resumed_room {
	struct uuid room;
	uint64_t before; /* up to where it had been told when it was named */
	bool is_done;
	bool has_more; /* something was left out */
};

/* client->own while one is going on. */
struct resume {
	json_t *waiting; /* the rooms asked for, until memberships are known */
	char *request_id;
	uint64_t told;  /* how far it was when last looked at, over all rooms */
	unsigned still; /* how often it was no further since */
	size_t n;
	struct resumed_room rooms[];
};

static struct slice
id_of(const struct resume *resume)
{
	return slice_of(resume->request_id);
}

void
campfire_resume_forget(struct client *client)
{
	struct resume *resume = client->own;

	client->own = NULL;
	if (resume == NULL)
		return;
	json_decref(resume->waiting);
	free(resume->request_id);
	free(resume);
}

/* A room that was done before the others has gone on since. */
static void
write_room(struct json_writer *w, const struct client *client,
	   const struct resumed_room *room)
{
	const struct seat *seat = rooms_seat_of(client, &room->room);
	char key[UUID_TEXT_BYTES];

	json_open(w, uuid_format(&room->room, key), '{');
	json_number(w, "seq", rooms_told(seat));
	json_bool(w, "has_more", room->has_more);
	json_close(w, '}');
}

/* How far the rooms are that are not done, all together. */
static uint64_t
told_to(const struct client *client)
{
	const struct resume *resume = client->own;
	uint64_t told = 0;

	for (size_t i = 0; i < resume->n; i++)
		if (!resume->rooms[i].is_done)
			told += rooms_told(
			    rooms_seat_of(client, &resume->rooms[i].room));
	return told;
}

static void
note_move(struct client *client)
{
	struct resume *resume = client->own;

	resume->told = told_to(client);
	resume->still = 0;
}

static void
send_resumed(struct client *client)
{
	const struct resume *resume = client->own;
	struct json_writer w;

	campfire_begin(&w, "Resumed", id_of(resume));
	json_open(&w, "rooms", '{');
	for (size_t i = 0; i < resume->n; i++)
		write_room(&w, client, &resume->rooms[i]);
	json_close(&w, '}');
	client_send_answer(client, campfire_end(&w));
}

static void
finish_if_done(struct client *client)
{
	const struct resume *resume = client->own;

	for (size_t i = 0; i < resume->n; i++)
		if (!resume->rooms[i].is_done)
			return;
	send_resumed(client);
	campfire_resume_forget(client);
}

static void
note_done(struct resume *resume, const struct seat *seat)
{
	for (size_t i = 0; i < resume->n; i++) {
		struct resumed_room *room = &resume->rooms[i];
		if (!uuid_equal(&room->room, &seat->room->id) || room->is_done)
			continue;
		room->is_done = true;
		room->has_more = seat->was_cut;
	}
}

void
campfire_resume_caught_up(struct client *client, struct seat *seat)
{
	struct resume *resume = client->own;

	if (resume == NULL || resume->waiting != NULL)
		return;
	note_done(resume, seat);
	finish_if_done(client);
}

/* The others do not wait for a room that the client has left. */
void
campfire_resume_left(struct client *client, const struct uuid *room)
{
	struct resume *resume = client->own;

	if (resume == NULL || resume->waiting != NULL)
		return;
	for (size_t i = 0; i < resume->n; i++)
		if (uuid_equal(&resume->rooms[i].room, room))
			resume->rooms[i] = resume->rooms[--resume->n];
	finish_if_done(client);
}

/* What was told already on a connection that held everything back does not come
 * twice; what it had left out before is still left out. */
static void
rewind_seat(struct seat *seat, uint64_t seq)
{
	uint64_t from = seat->from;
	uint64_t told = rooms_told(seat);

	seat->is_doubtful = true;
	if (seat->client->resumes && seat->state != SEAT_HELD && seq < told &&
	    told != SEQ_FROM_NOW) {
		rooms_fall_behind(seat, told);
		seat->from = from;
		seat->was_cut = seq < from;
	} else {
		rooms_fall_behind(seat, seq);
	}
}

/* Rooms that were not named go on from now. Where the router has not told of
 * its head yet, what the client says next may come before that. */
static void
release_others(struct client *client)
{
	for (uint32_t i = 0; i < client->seat_count; i++) {
		struct seat *seat = client_seat(client, i);
		if (seat->state == SEAT_HELD)
			rooms_fall_behind(seat, seat->room->is_synced
						    ? SEQ_FROM_NOW
						    : seat->from);
	}
}

static void
carry_out(struct client *client)
{
	struct resume *resume = client->own;
	json_t *rooms = resume->waiting;
	const char *key;
	json_t *value;
	size_t n = 0;

	json_object_foreach (rooms, key, value) {
		struct resumed_room *room = &resume->rooms[n];
		struct seat *seat;

		(void)uuid_parse(&room->room, slice_of(key));
		seat = rooms_seat_of(client, &room->room);
		if (seat == NULL || seat->is_named)
			continue; /* no member, or named twice */
		seat->is_named = true;
		room->before = rooms_told(seat);
		rewind_seat(seat, (uint64_t)json_integer_value(value));
		n++;
	}
	resume->n = n;
	client->is_held = false;
	release_others(client);
	resume->waiting = NULL;
	json_decref(rooms);
	for (uint32_t i = 0; i < client->seat_count; i++) {
		client_seat(client, i)->is_named = false;
		if (client_seat(client, i)->state == SEAT_LIVE)
			note_done(resume, client_seat(client, i));
	}
	note_move(client);
	catch_up(client);
	finish_if_done(client);
}

void
campfire_resume_ready(struct client *client)
{
	struct resume *resume = client->own;

	if (resume != NULL && resume->waiting != NULL)
		carry_out(client);
}

/* What was told before is not told again, unless somebody asks. Where nothing
 * comes twice anyway, the rooms go on from where they are. */
static void
go_back(struct client *client, const struct resumed_room *room)
{
	struct seat *seat = rooms_seat_of(client, &room->room);

	if (!client->resumes && !room->is_done && seat->seq < room->before)
		rooms_fall_behind(seat, room->before);
}

static void
give_up(struct client *client)
{
	struct resume *resume = client->own;
	const struct campfire_request request = { .client = client,
						  .id = id_of(resume) };

	campfire_refuse(&request, "SERVICE_UNAVAILABLE",
			"what was missed cannot be read now");
	client->own = NULL; /* rooms that settle now are nobody's request */
	for (size_t i = 0; i < resume->n; i++)
		go_back(client, &resume->rooms[i]);
	client->own = resume;
	campfire_resume_forget(client);
}

/* A client that takes its time is not one whom nobody answers. Turns are
 * counted and no time is taken, so that nobody is refused because we were
 * asleep. */
void
campfire_resume_sweep(struct client *client)
{
	struct resume *resume = client->own;

	if (resume == NULL)
		return;
	if (resume->told != told_to(client) ||
	    !outbox_is_empty(&client->connection->outbox))
		note_move(client);
	else if (++resume->still > WAIT_MS / 1000)
		give_up(client);
}

static bool
is_well_formed(json_t *rooms)
{
	const char *key;
	json_t *value;
	struct uuid room;

	if (!json_is_object(rooms))
		return false;
	json_object_foreach (rooms, key, value)
		if (!uuid_parse(&room, slice_of(key)) ||
		    !json_is_integer(value) || json_integer_value(value) < 0)
			return false;
	return true;
}

void
campfire_resume(const struct campfire_request *request)
{
	struct client *client = request->client;
	json_t *rooms = json_object_get(request->body, "rooms");
	struct resume *resume;

	if (!is_well_formed(rooms)) {
		campfire_refuse(request, "INVALID_FIELD",
				"rooms: wants sequence numbers by room id");
		return;
	}
	if (client->own != NULL) {
		campfire_refuse(request, "NOT_ALLOWED", "one Resume at a time");
		return;
	}
	resume = calloc(1, sizeof *resume +
			       json_object_size(rooms) * sizeof *resume->rooms);
	if (resume == NULL) {
		campfire_refuse(request, "SERVICE_UNAVAILABLE",
				"out of memory");
		return;
	}
	resume->waiting = json_incref(rooms);
	if (request->id.n > 0)
		resume->request_id = strndup(request->id.at, request->id.n);
	client->own = resume;
	note_move(client);
	if (client->is_ready)
		carry_out(client);
}
