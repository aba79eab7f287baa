/* SPDX-License-Identifier: MIT */
/* gateway/json_moderation.c - see json_moderation.h. */
#include "gateway/json_moderation.h"

#include "gateway/json_objects.h"
#include "gateway/moderation.h"
#include "proto/frame_values.h"

#include <stdio.h>

/* --- Values that may be null */

static void
write_word(struct json_writer *w, const char *key, const char *word)
{
	if (word == NULL)
		json_nil(w, key);
	else
		json_text(w, key, slice_of(word));
}

static void
write_time(struct json_writer *w, const char *key, uint64_t unix_ms)
{
	if (unix_ms == 0)
		json_nil(w, key);
	else
		json_time(w, key, unix_ms);
}

static void
write_id(struct json_writer *w, const char *key, const struct uuid *id)
{
	if (uuid_is_nil(id))
		json_nil(w, key);
	else
		json_uuid(w, key, id);
}

static void
write_text(struct json_writer *w, const char *key, struct slice text)
{
	if (text.n == 0)
		json_nil(w, key);
	else
		json_text(w, key, text);
}

static void
write_next(struct json_writer *w, uint64_t next)
{
	if (next == 0)
		json_nil(w, "next");
	else
		json_number(w, "next", next);
}

/* --- Objects */

static void
write_ban(struct json_writer *w, const struct frame_room_info *room)
{
	if (!room->banned)
		return;
	json_open(w, "banned", '{');
	write_time(w, "until", room->banned_until);
	write_text(w, "reason", room->ban_reason);
	json_close(w, '}');
}

void
json_room_details(struct json_writer *w, const char *key,
		  const struct frame_room_info *room, bool personal)
{
	json_open(w, key, '{');
	json_room_members(w, room);
	write_word(w, "visibility", visibility_words[room->visibility]);
	json_number(w, "slow_seconds", room->slow_s);
	json_bool(w, "archived", room->archived_at != 0);
	if (personal) {
		json_bool(w, "member", room->member);
		write_word(w, "role", role_words[room->role]);
		write_ban(w, room);
	}
	json_close(w, '}');
}

void
json_members(struct json_writer *w, const struct frame_members *page)
{
	const struct frame_member *members = page->members.items;

	json_open(w, "members", '[');
	for (size_t i = 0; i < page->members.n; i++) {
		json_open(w, NULL, '{');
		json_uuid(w, "user_id", &members[i].user);
		json_text(w, "username", members[i].user_name);
		write_word(w, "role", role_words[members[i].role]);
		json_time(w, "joined_at", members[i].joined_at);
		json_close(w, '}');
	}
	json_close(w, ']');
	write_next(w, page->next);
}

void
json_bans(struct json_writer *w, const char *key, const struct frame_bans *page)
{
	const struct frame_ban *bans = page->bans.items;

	json_open(w, key, '[');
	for (size_t i = 0; i < page->bans.n; i++) {
		json_open(w, NULL, '{');
		json_uuid(w, "user_id", &bans[i].user);
		json_text(w, "username", bans[i].user_name);
		write_time(w, "until", bans[i].until);
		write_text(w, "reason", bans[i].reason);
		json_time(w, "created_at", bans[i].at);
		write_id(w, "by", &bans[i].actor);
		json_close(w, '}');
	}
	json_close(w, ']');
	write_next(w, page->next);
}

void
json_invites(struct json_writer *w, const struct frame_invites *invites)
{
	const struct frame_invite_info *items = invites->invites.items;

	json_open(w, "invites", '[');
	for (size_t i = 0; i < invites->invites.n; i++) {
		json_open(w, NULL, '{');
		json_uuid(w, "id", &items[i].invite);
		write_time(w, "until", items[i].until);
		json_time(w, "created_at", items[i].at);
		write_id(w, "by", &items[i].actor);
		json_close(w, '}');
	}
	json_close(w, ']');
}

void
json_moderated(struct json_writer *w, const struct frame_moderated *moderated)
{
	json_uuid(w, "user_id", &moderated->user);
	write_text(w, "username", moderated->user_name);
	write_word(w, "change", deed_word(moderated->action));
	write_word(w, "role", role_words[moderated->role]);
	write_time(w, "until", moderated->until);
	write_text(w, "reason", moderated->reason);
	write_id(w, "by", &moderated->actor);
}

/* --- Invites */

void
invite_make_code(char into[INVITE_CODE_CHARS + 1])
{
	unsigned char random[INVITE_CODE_CHARS / 2];

	random_bytes(random, sizeof random);
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(into + 2 * i, 3, "%02x", random[i]);
}

bool
invite_parse(struct slice text, struct uuid *room, struct slice *code)
{
	const size_t id_chars = UUID_TEXT_BYTES - 1;
	struct slice id = { text.at, id_chars };

	if (text.n != id_chars + 1 + INVITE_CODE_CHARS ||
	    text.at[id_chars] != '.' || !uuid_parse(room, id))
		return false;
	*code = (struct slice){ text.at + id_chars + 1, INVITE_CODE_CHARS };
	return true;
}

void
json_invite(struct json_writer *w, const char *key,
	    const struct frame_invited *invited)
{
	char id[UUID_TEXT_BYTES], code[UUID_TEXT_BYTES + INVITE_CODE_CHARS + 1];

	uuid_format(&invited->room, id);
	snprintf(code, sizeof code, "%s.%.*s", id, (int)invited->code.n,
		 invited->code.at);
	json_open(w, key, '{');
	json_uuid(w, "id", &invited->invite);
	json_text(w, "code", slice_of(code));
	write_time(w, "until", invited->until);
	json_close(w, '}');
}
