/* SPDX-License-Identifier: MIT */
/* gateway/rest_moderation.c - what a room is, and what is done to its users,
 * over REST. Who may do it is decided by the store; what others must hear goes
 * by the router.
 */
#include "gateway/json_moderation.h"
#include "gateway/moderation.h"
#include "gateway/moderation_wish.h"
#include "gateway/reply.h"
#include "gateway/rest_internal.h"

static struct peer *
router_of(const struct errand *errand, struct connection *c)
{
	return bus_owner(c->gateway->bus, ROUTER, &errand->room);
}

/* --- The room */

static void
on_room(struct errand *errand, struct connection *c, const struct frame *answer)
{
	struct json_writer w = { 0 };

	(void)errand;
	if (answer->rooms.rooms.n != 1) {
		reply_problem(c, 404, "no such room", NULL, NULL);
		return;
	}
	json_room_details(&w, NULL, answer->rooms.rooms.items, true);
	reply_json(c, 200, &w, NULL);
}

static void
ask_room(struct errand *errand, struct connection *c,
	 const struct frame *answer)
{
	struct frame request = { .kind = FRAME_get_room };

	(void)answer;
	request.get_room.user = errand->user.user;
	request.get_room.room = errand->room;
	errand_ask(errand, c, store_of(c), &request, FRAME_rooms, on_room);
}

void
serve_room(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	(void)answer;
	with_room(errand, c, ask_room);
}

static void
on_changed(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	struct json_writer w = { 0 };

	(void)errand;
	if (answer->room_changed.rooms.n != 1) {
		reply_problem(c, 503, "the store did not say which room", NULL,
			      NULL);
		return;
	}
	json_room_details(&w, NULL, answer->room_changed.rooms.items, false);
	reply_json(c, 200, &w, NULL);
}

static void
ask_change(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	struct frame request = { .kind = FRAME_change_room };
	struct frame_change_room *wish = &request.change_room;

	(void)answer;
	if (!errand_read_body(errand, c) ||
	    !is_fine_wish(c, wish_read_changes(errand->body, wish)))
		return;
	wish->room = errand->room;
	wish->actor = errand->user.user;
	errand_ask(errand, c, router_of(errand, c), &request,
		   FRAME_room_changed, on_changed);
}

void
serve_room_change(struct errand *errand, struct connection *c,
		  const struct frame *answer)
{
	(void)answer;
	with_room(errand, c, ask_change);
}

/* --- What is done to a user */

static void
reply_moderated(struct errand *errand, struct connection *c,
		const struct frame *answer)
{
	struct json_writer w = { 0 };

	(void)errand;
	json_open(&w, NULL, '{');
	json_moderated(&w, &answer->moderated);
	json_close(&w, '}');
	reply_json(c, 200, &w, NULL);
}

static void
act(struct errand *errand, struct connection *c)
{
	struct frame request = { .kind = FRAME_moderate };
	bool is_added = errand->deed.action == DEED_ADD;
	bool is_told = errand->deed.action == DEED_ROLE ||
		       errand->deed.action == DEED_BAN ||
		       errand->deed.action == DEED_MUTE;

	request.moderate = errand->deed;
	request.moderate.room = errand->room;
	request.moderate.actor = errand->user.user;
	uuid_make_v7(&request.moderate.nonce, loop_unix_ms(c->gateway->loop));
	errand_ask(errand, c, router_of(errand, c), &request,
		   is_added ? FRAME_joined : FRAME_moderated,
		   is_told ? reply_moderated : reply_nothing);
}

static void
note_person(struct errand *errand, const struct frame_person *person)
{
	errand->deed.user = person->user;
	errand->deed.user_number = person->user_number;
	errand->deed.user_name =
	    name_keep(person->user_name, errand->deed_name);
}

static void
on_user(struct errand *errand, struct connection *c, const struct frame *answer)
{
	if (answer->users.users.n != 1) {
		reply_problem(c, 404, "no such user", NULL, NULL);
		return;
	}
	note_person(errand, answer->users.users.items);
	act(errand, c);
}

static bool
find_here(const struct errand *errand, const struct connection *c,
	  struct slice name, struct frame_person *person)
{
	const struct room *room = rooms_find(c->gateway, &errand->room);

	if (room == NULL)
		return false;
	return uuid_is_nil(&errand->deed.user)
		   ? roster_find(&room->roster, name, person)
		   : roster_get(&room->roster, &errand->deed.user, person);
}

/* The path's fifth segment is a UUID or a name: of somebody who is online in
 * the room, a guest perhaps, or of an account. */
static void
find_user(struct errand *errand, struct connection *c,
	  const struct frame *answer)
{
	struct frame request = { .kind = FRAME_find_users };
	char text[NAME_MAX_BYTES + 1];
	int n = http_path_segment(&c->http->request, 4, text, sizeof text);
	struct slice name = { text, n > 0 ? (size_t)n : 0 };
	struct frame_person person;

	(void)answer;
	if (uuid_parse(&errand->deed.user, name))
		request.find_users.users =
		    (frame_UUIDS){ &errand->deed.user, 1 };
	else if (name_is_valid(name))
		request.find_users.user_name = name;
	else {
		reply_problem(c, 404, "no such user", NULL, NULL);
		return;
	}
	if (find_here(errand, c, name, &person)) {
		note_person(errand, &person);
		act(errand, c);
		return;
	}
	errand_ask(errand, c, bus_next(c->gateway->bus, AUTH), &request,
		   FRAME_users, on_user);
}

/* A body is read where there is one; what it may say depends on the deed. */
static void
begin_deed(struct errand *errand, struct connection *c, enum deed deed)
{
	bool has_body = c->http->body.n > 0 || deed == DEED_ROLE;

	errand->deed.action = deed;
	if (has_body && !errand_read_body(errand, c))
		return;
	if (is_fine_wish(c, wish_read_deed(errand->body,
					   loop_unix_ms(c->gateway->loop),
					   &errand->deed)))
		with_room(errand, c, find_user);
}

void
serve_member(struct errand *errand, struct connection *c,
	     const struct frame *answer)
{
	(void)answer;
	begin_deed(errand, c, DEED_ADD);
}

void
serve_role(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	(void)answer;
	begin_deed(errand, c, DEED_ROLE);
}

void
serve_kick(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	(void)answer;
	begin_deed(errand, c, DEED_KICK);
}

void
serve_ban(struct errand *errand, struct connection *c,
	  const struct frame *answer)
{
	(void)answer;
	begin_deed(errand, c, DEED_BAN);
}

void
serve_unban(struct errand *errand, struct connection *c,
	    const struct frame *answer)
{
	(void)answer;
	begin_deed(errand, c, DEED_UNBAN);
}

void
serve_mute(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	(void)answer;
	begin_deed(errand, c, DEED_MUTE);
}

void
serve_unmute(struct errand *errand, struct connection *c,
	     const struct frame *answer)
{
	(void)answer;
	begin_deed(errand, c, DEED_UNMUTE);
}
