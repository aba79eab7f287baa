/* SPDX-License-Identifier: MIT */
/* gateway/dialects/campfire_moderation.c - roles, kicks, bans, mutes: who it is
 * about is looked for in the room, then at auth; the rest is the store's.
 *
 * While auth is away, whoever the store knows can be named by UUID.
 */
#include "gateway/dialects/campfire_moderation.h"

#include "gateway/directs.h"
#include "gateway/json_moderation.h"
#include "gateway/refusals.h"

#include <stdlib.h>

/* A deed on its way, in one piece. */
struct doing {
	struct frame_moderate wish;
	char user_name[NAME_MAX_BYTES + 1];
	char reason[REASON_MAX];
	size_t id_bytes;
	char id[]; /* request_id as JSON */
};

static struct slice
id_of(const struct doing *doing)
{
	return (struct slice){ doing->id, doing->id_bytes };
}

bool
campfire_accept(const struct campfire_request *request, struct wish_fault fault)
{
	if (fault.words != NULL)
		campfire_refuse_field(request, fault.field, fault.words);
	return fault.words == NULL;
}

/* --- Answers */

static void
refuse(struct client *client, const struct doing *doing,
       const struct frame_refused *why)
{
	client_send_answer(
	    client, campfire_refusal(why, id_of(doing), client->variant));
}

static struct parcel *
user_joined(const struct frame_joined *joined, struct slice request_id)
{
	struct json_writer w;

	campfire_begin(&w, "UserJoined", request_id);
	json_uuid(&w, "user_id", &joined->user);
	json_uuid(&w, "room_id", &joined->room);
	return campfire_end(&w);
}

/* Everybody in the room hears the event; who asked with a request_id gets its
 * answer as well. */
static void
on_done(struct client *client, void *context, const struct frame *answer)
{
	struct doing *doing = context;

	if (answer->kind == FRAME_refused)
		refuse(client, doing, &answer->refused);
	else if (doing->id_bytes > 0 && answer->kind == FRAME_moderated)
		client_send_answer(
		    client,
		    campfire_moderated(&answer->moderated, id_of(doing)));
	else if (doing->id_bytes > 0 && answer->kind == FRAME_joined)
		client_send_answer(client,
				   user_joined(&answer->joined, id_of(doing)));
	free(doing);
}

/* --- Whom it is about */

/* Takes `doing`. */
static void
act(struct client *client, struct doing *doing)
{
	struct frame frame = { .kind = FRAME_moderate };

	frame.moderate = doing->wish;
	uuid_make_v7(&frame.moderate.nonce,
		     loop_unix_ms(client_gateway(client)->loop));
	asks_send(
	    client,
	    bus_owner(client_gateway(client)->bus, ROUTER, &doing->wish.room),
	    &frame, WAIT_MS, on_done, doing);
}

static void
note_person(struct doing *doing, const struct frame_person *person)
{
	doing->wish.user = person->user;
	doing->wish.user_number = person->user_number;
	doing->wish.user_name = name_keep(person->user_name, doing->user_name);
}

static void
on_found(struct client *client, void *context, const struct frame *answer)
{
	struct doing *doing = context;

	if (answer->kind == FRAME_users) {
		note_person(doing, answer->users.users.items);
		act(client, doing);
	} else if (error_find(answer->refused.code) == ERROR_unavailable &&
		   !uuid_is_nil(&doing->wish.user)) {
		act(client, doing);
	} else {
		refuse(client, doing, &answer->refused);
		free(doing);
	}
}

/* Who is online in the room, a guest perhaps. */
static bool
find_here(const struct client *client, const struct doing *doing,
	  struct slice name, struct frame_person *person)
{
	const struct room *room =
	    rooms_find(client_gateway(client), &doing->wish.room);

	if (room == NULL)
		return false;
	return name.n > 0
		   ? roster_find(&room->roster, name, person)
		   : roster_get(&room->roster, &doing->wish.user, person);
}

/* Takes `doing`. */
static void
find_and_act(struct client *client, struct doing *doing, struct slice name)
{
	const struct user_wish wish = { .id = doing->wish.user, .name = name };
	struct frame_person person;

	if (find_here(client, doing, name, &person)) {
		note_person(doing, &person);
		act(client, doing);
	} else {
		directs_find_user(client, &wish, on_found, doing);
	}
}

/* --- Requests */

static bool
read_user(const struct campfire_request *request, struct uuid *user,
	  struct slice *name)
{
	if (campfire_has(request, "user_id"))
		return campfire_read_uuid(request, "user_id", user);
	return campfire_read_text(request, "username", true, NAME_MAX_BYTES,
				  name);
}

static struct doing *
doing_new(const struct campfire_request *request,
	  const struct frame_moderate *wish)
{
	struct doing *doing = calloc(1, sizeof *doing + request->id.n);

	if (doing == NULL) {
		campfire_refuse(request, "SERVICE_UNAVAILABLE",
				"out of memory");
		return NULL;
	}
	doing->wish = *wish;
	if (wish->reason.n > 0)
		memcpy(doing->reason, wish->reason.at, wish->reason.n);
	doing->wish.reason.at = doing->reason;
	doing->id_bytes = request->id.n;
	if (request->id.n > 0)
		memcpy(doing->id, request->id.at, request->id.n);
	return doing;
}

static void
begin(const struct campfire_request *request, enum deed deed)
{
	struct frame_moderate wish = { .action = deed };
	uint64_t now_ms = loop_unix_ms(client_gateway(request->client)->loop);
	struct slice name = { 0 };
	struct doing *doing;

	if (!campfire_read_uuid(request, "room_id", &wish.room) ||
	    !read_user(request, &wish.user, &name) ||
	    !campfire_accept(request,
			     wish_read_deed(request->body, now_ms, &wish)))
		return;
	wish.actor = request->client->user->id;
	doing = doing_new(request, &wish);
	if (doing != NULL)
		find_and_act(request->client, doing, name);
}

void
campfire_add_member(const struct campfire_request *request)
{
	begin(request, DEED_ADD);
}

void
campfire_set_role(const struct campfire_request *request)
{
	begin(request, DEED_ROLE);
}

void
campfire_kick(const struct campfire_request *request)
{
	begin(request, DEED_KICK);
}

void
campfire_ban(const struct campfire_request *request)
{
	begin(request, DEED_BAN);
}

void
campfire_unban(const struct campfire_request *request)
{
	begin(request, DEED_UNBAN);
}

void
campfire_mute(const struct campfire_request *request)
{
	begin(request, DEED_MUTE);
}

void
campfire_unmute(const struct campfire_request *request)
{
	begin(request, DEED_UNMUTE);
}
