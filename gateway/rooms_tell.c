/* SPDX-License-Identifier: MIT */
/* gateway/rooms_tell.c - tells the seats of a room what happens there beside
 * messages (fanout.c).
 */
#include "gateway/client.h"
#include "gateway/connection.h"
#include "gateway/dialect.h"
#include "gateway/fanout.h"
#include "gateway/rooms.h"

#include <errno.h>

/* Frames of one event, by dialect and variant, made when first needed. */
struct encoded {
	struct parcel *parcel;
	bool is_made;
	bool is_lost; /* for want of memory */
};

/* It is for everybody; but not for a visitor whose visit has not begun, or that
 * wishes to hear nothing until then. */
static bool
is_due(const struct seat *seat, const struct event *event)
{
	if (seat->is_silent)
		return false;
	if (seat->state != SEAT_LIVE &&
	    (seat->state == SEAT_DEAF || !seat->is_member))
		return false;
	return event->seq <= rooms_told(seat);
}

/* A guest is somebody new each time, of the same name perhaps. */
static bool
is_same(const struct client *client, const struct frame_person *person)
{
	const struct user *user = client->user;

	return uuid_equal(&person->user, &user->id) ||
	       (client->particulars != NULL &&
		uuid_equal(&person->user, &client->particulars->former)) ||
	       (user->number == 0 && person->user_number == 0 &&
		slice_is(person->user_name, user->name));
}

/* Whether the event is this client's own coming or going, and its dialect does
 * not tell that. */
static bool
is_own(const struct client *client, const struct event *event)
{
	return (event->kind == EVENT_CAME || event->kind == EVENT_WENT) &&
	       !client->dialect->tells_own_coming &&
	       is_same(client, event->person);
}

void
rooms_tell(struct room *room, const struct event *event,
	   const struct user *except)
{
	struct encoded encoded[DIALECTS_MAX][VARIANTS_MAX] = { 0 };
	struct gateway_figures *count = &room->gateway->count;

	fanout_flush(room);
	for (uint32_t i = 0; i < room->seat_count; i++) {
		struct client *client = room->seats[i]->client;
		size_t place = dialect_place(client->dialect);
		struct encoded *one = &encoded[place][client->variant];

		if (!is_due(room->seats[i], event) || client->user == except ||
		    client->is_closing || is_own(client, event))
			continue;
		if (!one->is_made) {
			one->is_made = true;
			one->parcel = dialect_encode(client->dialect, event,
						     client->variant);
			one->is_lost = one->parcel == NULL && errno == ENOMEM;
		}
		if (one->is_lost && event->kind != EVENT_TYPING)
			connection_fail(client->connection);
		if (one->parcel == NULL)
			continue;
		connection_send(client->connection, one->parcel);
		count->deliveries[place]++;
	}
	for (size_t d = 0; d < DIALECTS_MAX; d++)
		for (size_t v = 0; v < VARIANTS_MAX; v++)
			parcel_drop(encoded[d][v].parcel);
}
