/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/moderate.c - what administration does to users in rooms, and
 * to rooms.
 *
 * These writes go to the router, like those of people, so that they have their
 * place in the room's order and take effect on open connections at once.
 */
#include "proto/frame_values.h"
#include "tools/parleyctl/find.h"
#include "tools/parleyctl/pages.h"

#include <string.h>
#include <time.h>

#define PAGE 500

/* change_room.what */
enum what { NAME = 1, ARCHIVED = 16 };

/* --- Listing */

static const struct column member_columns[] = {
	{ "name", "NAME" },     { "role", "ROLE" }, { "joined_at", "JOINED" },
	{ "number", "NUMBER" }, { "id", NULL },     { 0 },
};

static const struct column ban_columns[] = {
	{ "name", "NAME" },   { "at", "SINCE" },
	{ "until", "UNTIL" }, { "actor", "BY", .none = "administration" },
	{ "reason", "WHY" },  { "number", NULL },
	{ "id", NULL },       { 0 },
};

static int
hear_members(struct call *call, void *self, const struct frame *answer)
{
	struct page *page = self;
	const frame_list *list = &answer->members.members;
	const struct frame_member *each = list->items;
	int status = 0;

	for (size_t i = 0; i < list->n && status == 0; i++)
		status = list_add(
		    call, page->records,
		    json_pack("{s:o,s:s,s:o,s:I,s:o}", "name",
			      list_text(each[i].user_name), "role",
			      each[i].role > 0 ? role_words[each[i].role] : "-",
			      "joined_at", list_time(each[i].joined_at),
			      "number", (json_int_t)each[i].user_number, "id",
			      list_id(&each[i].user)));
	page->next = answer->members.next;
	return status;
}

static int
hear_bans(struct call *call, void *self, const struct frame *answer)
{
	struct page *page = self;
	const frame_list *list = &answer->bans.bans;
	const struct frame_ban *each = list->items;
	int status = 0;

	for (size_t i = 0; i < list->n && status == 0; i++)
		status =
		    list_add(call, page->records,
			     json_pack("{s:o,s:o,s:o,s:o,s:o,s:I,s:o}", "name",
				       list_text(each[i].user_name), "at",
				       list_time(each[i].at), "until",
				       list_time(each[i].until), "actor",
				       list_text(each[i].actor_name), "reason",
				       list_text(each[i].reason), "number",
				       (json_int_t)each[i].user_number, "id",
				       list_id(&each[i].user)));
	page->next = answer->bans.next;
	return status;
}

int
rooms_members(struct call *call)
{
	struct frame asked = { .kind = FRAME_get_members };
	int status = find_room(call, call->words[0], &asked.get_members.room);

	if (status != 0)
		return status;
	asked.get_members.limit = PAGE;
	return pages_print(call, member_columns, STORE, &asked,
			   &asked.get_members.after, FRAME_members,
			   hear_members);
}

int
rooms_bans(struct call *call)
{
	struct frame asked = { .kind = FRAME_get_bans };
	int status = find_room(call, call->words[0], &asked.get_bans.room);

	if (status != 0)
		return status;
	asked.get_bans.limit = PAGE;
	asked.get_bans.mutes = call_flag(call, "mutes") != NULL;
	return pages_print(call, ban_columns, STORE, &asked,
			   &asked.get_bans.after, FRAME_bans, hear_bans);
}

/* --- To users in a room */

static int
read_until(struct call *call, uint64_t *until)
{
	const char *time_for = call_flag(call, "for");
	uint64_t seconds;

	*until = 0;
	if (time_for == NULL)
		return 0;
	if (!read_seconds(time_for, &seconds))
		return wrong_usage(call,
				   "--for cannot be '%s' (90s, 15m, "
				   "12h, 30d)",
				   time_for);
	*until = ((uint64_t)time(NULL) + seconds) * 1000;
	return 0;
}

static int
moderate(struct call *call, enum deed action, uint64_t role)
{
	struct frame asked = {
		.kind = FRAME_moderate,
		.moderate = {
			.action = action,
			.role = role,
			.reason = slice_of(call_flag(call, "reason")),
		},
	};
	struct found_user user;
	int status = read_until(call, &asked.moderate.until);

	if (status == 0)
		status = find_room(call, call->words[0], &asked.moderate.room);
	if (status == 0)
		status = find_user(call, call->words[1], &user);
	if (status != 0)
		return status;
	uuid_make_v4(&asked.moderate.nonce);
	asked.moderate.user = user.id;
	asked.moderate.user_number = user.number;
	asked.moderate.user_name = slice_of(user.name);
	return ask(call, ROUTER, &asked,
		   action == DEED_ADD ? FRAME_joined : FRAME_moderated, NULL,
		   NULL);
}

int
rooms_add(struct call *call)
{
	return moderate(call, DEED_ADD, 0);
}

int
rooms_kick(struct call *call)
{
	return moderate(call, DEED_KICK, 0);
}

int
rooms_ban(struct call *call)
{
	return moderate(call, DEED_BAN, 0);
}

int
rooms_unban(struct call *call)
{
	return moderate(call, DEED_UNBAN, 0);
}

int
rooms_mute(struct call *call)
{
	return moderate(call, DEED_MUTE, 0);
}

int
rooms_unmute(struct call *call)
{
	return moderate(call, DEED_UNMUTE, 0);
}

int
rooms_role(struct call *call)
{
	for (uint64_t role = 1; role < ROLES; role++)
		if (strcmp(call->words[2], role_words[role]) == 0)
			return moderate(call, DEED_ROLE, role);
	return wrong_usage(call, "'%s' is none of member, moderator, owner",
			   call->words[2]);
}

/* --- To a room */

static int
change_room(struct call *call, enum what what, const char *name, bool archived)
{
	struct frame asked = {
		.kind = FRAME_change_room,
		.change_room = {
			.what = what,
			.name = slice_of(name),
			.archived = archived,
		},
	};
	int status = find_room(call, call->words[0], &asked.change_room.room);

	if (status != 0)
		return status;
	return ask(call, ROUTER, &asked, FRAME_room_changed, NULL, NULL);
}

int
rooms_rename(struct call *call)
{
	return change_room(call, NAME, call->words[1], false);
}

int
rooms_archive(struct call *call)
{
	return change_room(call, ARCHIVED, NULL, true);
}

int
rooms_unarchive(struct call *call)
{
	return change_room(call, ARCHIVED, NULL, false);
}
