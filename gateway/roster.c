/* SPDX-License-Identifier: MIT */
/* gateway/roster.c - who is online: its versions, what is told of it, and who
 * waits for it. */
#include "gateway/roster.h"

#include "gateway/client.h"
#include "gateway/dialect.h"
#include "gateway/rooms.h"
#include "gateway/visits.h"

#include <stdlib.h>
#include <utlist.h>

size_t
roster_count(const struct roster *roster)
{
	return roster->persons.count;
}

void
roster_each(const struct roster *roster, size_t max,
	    void (*tell)(void *context, const struct frame_person *person),
	    void *context)
{
	size_t count = roster_count(roster);
	size_t skip = count > max ? count - max : 0;
	const struct person *person = roster->persons.first;

	for (; person != NULL; person = person->next) {
		struct frame_person who = person_describe(person);
		if (skip > 0)
			skip--;
		else
			tell(context, &who);
	}
}

struct search {
	const struct uuid *user;
	bool is_found;
};

static void
compare(void *context, const struct frame_person *person)
{
	struct search *search = context;

	search->is_found |= uuid_equal(&person->user, search->user);
}

bool
roster_has(const struct roster *roster, const struct uuid *user)
{
	return persons_find(&roster->persons, user) != NULL;
}

bool
roster_find(const struct roster *roster, struct slice name,
	    struct frame_person *who)
{
	const struct person *person = roster->persons.first;
	char wanted[NAME_KEY_BYTES], had[NAME_KEY_BYTES];

	if (!name_key(name, wanted))
		return false;
	for (; person != NULL; person = person->next) {
		*who = person_describe(person);
		if (name_key(who->user_name, had) && strcmp(wanted, had) == 0)
			return true;
	}
	return false;
}

bool
roster_get(const struct roster *roster, const struct uuid *user,
	   struct frame_person *who)
{
	const struct person *person = persons_find(&roster->persons, user);

	if (person == NULL)
		return false;
	*who = person_describe(person);
	return true;
}

bool
roster_names(const struct roster *roster, const struct uuid *user)
{
	struct search search = { user, false };

	if (roster_count(roster) <= ROSTER_NAMED)
		return persons_find(&roster->persons, user) != NULL;
	roster_each(roster, ROSTER_NAMED, compare, &search);
	return search.is_found;
}

/* --- Telling the clients */

static void
tell_person(struct room *room, enum event_kind kind,
	    const struct frame_person *who)
{
	const struct event event = { .kind = kind,
				     .room = room,
				     .person = who };

	/* Those in a sealed room have no other word for who is there. */
	if (roster_count(&room->roster) <= ROSTER_SMALL ||
	    room->kind == ROOM_SEALED)
		rooms_tell(room, &event, NULL);
}

/* A name that two claim for a moment belongs to one in the end: who knows names
 * alone hears of no coming or going. */
static bool
has_namesake(const struct room *room, const struct frame_person *who)
{
	const struct person *other = room->roster.persons.first;

	if (who->user_number != 0 || roster_count(&room->roster) > ROSTER_SMALL)
		return false;
	for (; other != NULL; other = other->next)
		if (other->number == 0 &&
		    slice_equal(person_describe(other).user_name,
				who->user_name) &&
		    !uuid_equal(&other->user, &who->user))
			return true;
	return false;
}

static void
tell_came(struct room *room, const struct frame_person *who)
{
	if (who->visit)
		tell_person(room, EVENT_JOINED, who);
	if (!has_namesake(room, who))
		tell_person(room, EVENT_CAME, who);
}

static void
tell_went(struct room *room, const struct frame_person *who, bool came_to_visit)
{
	if (!has_namesake(room, who))
		tell_person(room, EVENT_WENT, who);
	if (came_to_visit)
		tell_person(room, EVENT_LEFT, who);
}

/* `except` has been told already, and may be NULL. */
static void
tell_set(struct room *room, const struct user *except)
{
	const struct event event = { .kind = EVENT_PRESENCE, .room = room };

	rooms_tell(room, &event, except);
	for (uint32_t i = 0; i < room->seat_count; i++)
		room->seats[i]->knows_roster = false;
}

/* Whether all that the user's connections were told last was the roster with
 * the user in it. */
static bool
knows_roster(const struct room *room, const struct user *user)
{
	for (uint32_t i = 0; i < room->seat_count; i++)
		if (room->seats[i]->client->user == user &&
		    !room->seats[i]->knows_roster)
			return false;
	return true;
}

/* Who comes here gets the roster as the answer to that, and not again because
 * of that alone. */
static const struct user *
only_comer(const struct room *room, const struct frame_present *present)
{
	const struct frame_person *came = present->came.items;
	const struct user *user;

	if (present->came.n != 1 || present->went.n != 0)
		return NULL;
	user = users_find(room->gateway, &came[0].user);
	return user != NULL && knows_roster(room, user) ? user : NULL;
}

/* --- Hearing presence */

/* Whom the first set names were there before us: that is no news. */
static bool
is_news(const struct room *room)
{
	return room->roster.is_known;
}

static bool
add_person(struct room *room, const struct frame_person *who)
{
	struct person *known = persons_find(&room->roster.persons, &who->user);

	/* Who visits and becomes a member, or no longer is one, stays. */
	if (known != NULL) {
		bool changed = known->is_visit != who->visit;
		known->is_visit = who->visit;
		return changed;
	}
	persons_add(&room->roster.persons, who);
	if (is_news(room))
		tell_came(room, who);
	return true;
}

static bool
remove_person(struct room *room, const struct uuid *user)
{
	struct person *person = persons_find(&room->roster.persons, user);
	struct frame_person who;

	if (person == NULL)
		return false;
	persons_remove(&room->roster.persons, person);
	who = person_describe(person);
	tell_went(room, &who, person->came_to_visit);
	free(person);
	return true;
}

static bool
apply_changes(struct room *room, const struct frame_present *present)
{
	const struct frame_person *came = present->came.items;
	bool changed = false;

	/* A guest's name may have passed on to another. */
	for (size_t i = 0; i < present->went.n; i++)
		changed |= remove_person(room, &present->went.at[i]);
	for (size_t i = 0; i < present->came.n; i++)
		changed |= add_person(room, &came[i]);
	return changed;
}

/* The set is complete: what differs from the one before is told. */
static bool
apply_set(struct room *room)
{
	struct roster *roster = &room->roster;
	struct person *person, *next;
	bool changed = false;

	DL_FOREACH_SAFE (roster->persons.first, person, next)
		if (persons_find(&roster->next, &person->user) == NULL) {
			const struct uuid user = person->user;
			changed |= remove_person(room, &user);
		}
	DL_FOREACH (roster->next.first, person) {
		struct frame_person who = person_describe(person);
		changed |= add_person(room, &who);
	}
	persons_clear(&roster->next);
	roster->is_collecting = false;
	roster->is_asked = false;
	return changed;
}

static void pay_debts(struct room *room);

static void
collect(struct room *room, const struct frame_present *present)
{
	struct roster *roster = &room->roster;
	const struct frame_person *came = present->came.items;

	if (present->reset)
		persons_clear(&roster->next);
	roster->is_collecting = true;
	for (size_t i = 0; i < present->came.n; i++)
		persons_add(&roster->next, &came[i]);
	roster->next_version = present->version;
	if (present->more)
		return;
	roster->epoch = present->epoch;
	roster->version = present->version;
	if (apply_set(room) && is_news(room))
		tell_set(room, NULL);
	roster->is_known = true;
	pay_debts(room);
}

static bool
continues(const struct roster *roster, const struct frame_present *present)
{
	return roster->is_collecting &&
	       (present->version == roster->next_version ||
		present->version == roster->next_version + 1);
}

static bool
is_older(const struct roster *roster, const struct frame_present *present)
{
	return present->epoch < roster->epoch ||
	       (present->epoch == roster->epoch &&
		present->version < roster->version);
}

/* Changes come by the router and whole sets from presence itself, so that one
 * may overtake the other: what was told of and is not in the set shows here. */
static void
note_heard(struct roster *roster, const struct frame_present *present)
{
	if (present->epoch < roster->heard_epoch ||
	    (present->epoch == roster->heard_epoch &&
	     present->version <= roster->heard_version))
		return;
	roster->heard_epoch = present->epoch;
	roster->heard_version = present->version;
}

static bool
lacks_changes(const struct roster *roster)
{
	return roster->heard_epoch > roster->epoch ||
	       (roster->heard_epoch == roster->epoch &&
		roster->heard_version > roster->version);
}

/* A new presence daemon first tells who comes; who has gone shows only in the
 * whole sets that it tells some seconds later. */
void
roster_hear(struct room *room, const struct frame_present *present)
{
	struct roster *roster = &room->roster;

	note_heard(roster, present);
	if (is_older(roster, present))
		return;
	if (present->reset || continues(roster, present)) {
		collect(room, present);
		return;
	}
	if (roster->epoch == 0)
		return; /* the whole set is asked for, or will be */
	if (present->epoch == roster->epoch) {
		if (present->version == roster->version)
			return;
		if (present->version != roster->version + 1) {
			roster_ask(room);
			return;
		}
	}
	roster->epoch = present->epoch;
	roster->version = present->version;
	if (apply_changes(room, present))
		tell_set(room, only_comer(room, present));
	visits_roster_changed(room);
}

/* --- Debts: clients that were promised the roster */

static void
pay(struct seat *seat)
{
	const struct event event = {
		.kind = EVENT_PRESENCE,
		.room = seat->room,
		.asker = seat->client->user,
		.request_id = slice_of(seat->request_id),
	};

	seat->owes_presence = false;
	seat->knows_roster = true;
	client_send_event(seat->client, &event);
	free(seat->request_id);
	seat->request_id = NULL;
}

static void
pay_debts(struct room *room)
{
	for (uint32_t i = 0; i < room->seat_count; i++)
		if (room->seats[i]->owes_presence)
			pay(room->seats[i]);
	rooms_pay_entered(room);
	visits_roster_changed(room);
}

/* A presence daemon that has just started does not know everybody yet: who it
 * names is there, who it does not name may be. */
static void
unite(struct room *room, const struct frame_present *present)
{
	struct roster *roster = &room->roster;

	if (is_older(roster, present))
		return;
	roster->epoch = present->epoch;
	roster->version = present->version;
	if (apply_changes(room, present) && is_news(room))
		tell_set(room, NULL);
	roster->is_known = true;
}

static void
on_answer(void *self, void *context, const struct frame *answer)
{
	struct uuid *id = context;
	struct room *room = rooms_find(self, id);

	free(id);
	if (room == NULL)
		return;
	room->roster.is_asked = false;
	if (answer->kind == FRAME_present &&
	    (answer->present.reset || room->roster.is_collecting))
		roster_hear(room, &answer->present);
	else if (answer->kind == FRAME_present)
		unite(room, &answer->present);
	/* Without presence, what is known must do. */
	pay_debts(room);
	if (answer->kind == FRAME_present && lacks_changes(&room->roster))
		roster_ask(room);
}

void
roster_ask(struct room *room)
{
	struct frame frame = { .kind = FRAME_get_present };
	struct uuid *id;

	if (room->roster.is_asked || !room->is_synced)
		return;
	id = malloc(sizeof *id);
	if (id == NULL)
		return;
	*id = room->id;
	frame.get_present.room = room->id;
	if (bus_ask(bus_owner(room->gateway->bus, PRESENCE, &room->id), &frame,
		    WAIT_MS, on_answer, room->gateway, id) == 0)
		free(id);
	else
		room->roster.is_asked = true;
}

/* Whether asking would be answered: the router must tell what changes after,
 * and presence what is. */
static bool
can_ask(const struct room *room)
{
	struct bus *bus = room->gateway->bus;

	return peer_is_up(bus_owner(bus, ROUTER, &room->id)) &&
	       peer_is_up(bus_owner(bus, PRESENCE, &room->id));
}

void
roster_owe(struct seat *seat, struct slice request_id)
{
	struct room *room = seat->room;

	free(seat->request_id);
	seat->request_id =
	    request_id.n == 0 ? NULL : strndup(request_id.at, request_id.n);
	seat->owes_presence = true;
	if (room->roster.epoch != 0 || !can_ask(room))
		pay(seat);
	else
		roster_ask(room);
}

void
roster_fini(struct roster *roster)
{
	persons_clear(&roster->persons);
	persons_clear(&roster->next);
}
