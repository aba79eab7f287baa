/* SPDX-License-Identifier: MIT */
/* gateway/rest_lists.c - a room's members, bans, mutes and invites over REST.
 */
#include "gateway/json_moderation.h"
#include "gateway/json_objects.h"
#include "gateway/moderation_wish.h"
#include "gateway/reply.h"
#include "gateway/rest_internal.h"

static bool
read_page(struct connection *c, uint64_t *after, uint64_t *limit)
{
	*limit = PAGE_NORMAL;
	return query_number(c, "after", 0, INT64_MAX, after) &&
	       query_number(c, "limit", 1, PAGE_MAX, limit);
}

/* --- Members */

static void
on_members(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	struct json_writer w = { 0 };

	(void)errand;
	json_open(&w, NULL, '{');
	json_members(&w, &answer->members);
	json_close(&w, '}');
	reply_json(c, 200, &w, NULL);
}

static void
ask_members(struct errand *errand, struct connection *c,
	    const struct frame *answer)
{
	struct frame request = { .kind = FRAME_get_members };
	struct frame_get_members *wish = &request.get_members;

	(void)answer;
	if (!read_page(c, &wish->after, &wish->limit))
		return;
	wish->room = errand->room;
	wish->user = errand->user.user;
	errand_ask(errand, c, store_of(c), &request, FRAME_members, on_members);
}

void
serve_members(struct errand *errand, struct connection *c,
	      const struct frame *answer)
{
	(void)answer;
	with_room(errand, c, ask_members);
}

/* --- Bans and mutes */

static void
reply_bans(struct connection *c, const char *key, const struct frame_bans *page)
{
	struct json_writer w = { 0 };

	json_open(&w, NULL, '{');
	json_bans(&w, key, page);
	json_close(&w, '}');
	reply_json(c, 200, &w, NULL);
}

static void
on_bans(struct errand *errand, struct connection *c, const struct frame *answer)
{
	(void)errand;
	reply_bans(c, "bans", &answer->bans);
}

static void
on_mutes(struct errand *errand, struct connection *c,
	 const struct frame *answer)
{
	(void)errand;
	reply_bans(c, "mutes", &answer->bans);
}

static void
ask_sanctions(struct errand *errand, struct connection *c, bool mutes)
{
	struct frame request = { .kind = FRAME_get_bans };
	struct frame_get_bans *wish = &request.get_bans;

	if (!read_page(c, &wish->after, &wish->limit))
		return;
	wish->room = errand->room;
	wish->user = errand->user.user;
	wish->mutes = mutes;
	errand_ask(errand, c, store_of(c), &request, FRAME_bans,
		   mutes ? on_mutes : on_bans);
}

static void
ask_bans(struct errand *errand, struct connection *c,
	 const struct frame *answer)
{
	(void)answer;
	ask_sanctions(errand, c, false);
}

static void
ask_mutes(struct errand *errand, struct connection *c,
	  const struct frame *answer)
{
	(void)answer;
	ask_sanctions(errand, c, true);
}

void
serve_bans(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	(void)answer;
	with_room(errand, c, ask_bans);
}

void
serve_mutes(struct errand *errand, struct connection *c,
	    const struct frame *answer)
{
	(void)answer;
	with_room(errand, c, ask_mutes);
}

/* --- Invites */

static void
on_invited(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	struct json_writer w = { 0 };

	(void)errand;
	json_invite(&w, NULL, &answer->invited);
	reply_json(c, 201, &w, NULL);
}

static void
ask_invite(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	struct frame request = { .kind = FRAME_invite };
	struct frame_invite *wish = &request.invite;
	uint64_t now_ms = loop_unix_ms(c->gateway->loop);
	char code[INVITE_CODE_CHARS + 1];
	struct wish_fault fault;

	(void)answer;
	if (c->http->body.n > 0 && !errand_read_body(errand, c))
		return;
	fault = wish_read_period(errand->body, now_ms, &wish->until);
	if (fault.words != NULL) {
		reply_wrong(c, fault.field, fault.words);
		return;
	}
	invite_make_code(code);
	uuid_make_v7(&wish->invite, now_ms);
	wish->code = slice_of(code);
	wish->room = errand->room;
	wish->actor = errand->user.user;
	errand_ask(errand, c, store_of(c), &request, FRAME_invited, on_invited);
}

void
serve_new_invite(struct errand *errand, struct connection *c,
		 const struct frame *answer)
{
	(void)answer;
	with_room(errand, c, ask_invite);
}

static void
on_invites(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	struct json_writer w = { 0 };

	(void)errand;
	json_open(&w, NULL, '{');
	json_invites(&w, &answer->invites);
	json_close(&w, '}');
	reply_json(c, 200, &w, NULL);
}

static void
ask_invites(struct errand *errand, struct connection *c,
	    const struct frame *answer)
{
	struct frame request = { .kind = FRAME_get_invites };

	(void)answer;
	request.get_invites.room = errand->room;
	request.get_invites.user = errand->user.user;
	errand_ask(errand, c, store_of(c), &request, FRAME_invites, on_invites);
}

void
serve_invites(struct errand *errand, struct connection *c,
	      const struct frame *answer)
{
	(void)answer;
	with_room(errand, c, ask_invites);
}

static void
ask_revoke(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	struct frame request = { .kind = FRAME_revoke_invite };
	char text[UUID_TEXT_BYTES];
	int n = http_path_segment(&c->http->request, 4, text, sizeof text);
	struct slice id = { text, n > 0 ? (size_t)n : 0 };

	(void)answer;
	if (!uuid_parse(&request.revoke_invite.invite, id)) {
		reply_problem(c, 404, "no such invite", NULL, NULL);
		return;
	}
	request.revoke_invite.room = errand->room;
	request.revoke_invite.actor = errand->user.user;
	errand_ask(errand, c, store_of(c), &request, FRAME_done, reply_nothing);
}

void
serve_revoke(struct errand *errand, struct connection *c,
	     const struct frame *answer)
{
	(void)answer;
	with_room(errand, c, ask_revoke);
}

static void
on_accepted(struct errand *errand, struct connection *c,
	    const struct frame *answer)
{
	struct json_writer w = { 0 };

	(void)errand;
	json_open(&w, NULL, '{');
	json_uuid(&w, "room_id", &answer->joined.room);
	json_close(&w, '}');
	reply_json(c, 200, &w, NULL);
}

void
serve_accept(struct errand *errand, struct connection *c,
	     const struct frame *answer)
{
	struct frame request = { .kind = FRAME_join };
	struct frame_join *wish = &request.join;
	struct slice text;

	(void)answer;
	if (!errand_read_body(errand, c) ||
	    !errand_text(errand, c, "code", 128, &text))
		return;
	if (!invite_parse(text, &wish->room, &wish->code)) {
		reply_wrong(c, "code", "is not an invite");
		return;
	}
	wish->user = errand->user.user;
	wish->user_number = errand->user.user_number;
	wish->user_name = errand->user.user_name;
	errand_ask(errand, c, bus_owner(c->gateway->bus, ROUTER, &wish->room),
		   &request, FRAME_joined, on_accepted);
}
