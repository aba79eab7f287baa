/* SPDX-License-Identifier: MIT */
/* gateway/dialects/lobby_say.c - what is said to all, or to one.
 *
 * Between account holders a private word is a message in their direct room; one
 * with a guest is kept nowhere. A post that cannot be kept now (a daemon is
 * away, the disk is full) is held, with those behind it, for ten seconds.
 */
#include "gateway/dialects/lobby.h"

#include "gateway/bound_names.h"
#include "gateway/connection.h"
#include "gateway/posts.h"
#include "gateway/refusals.h"

#include <stdlib.h>
#include <utlist.h>

struct held_post {
	struct uuid room;
	struct uuid nonce;
	bool is_visit;
	uint64_t number; /* in the order in which they were said */
	uint64_t began_ms;
	struct held_post *prev, *next;
	size_t content_bytes;
	char content[];
};

bool
lobby_read_content(struct client *client, const json_t *body,
		   struct slice *content)
{
	const char *fault;

	if (!lobby_read_text(body, "content", content)) {
		lobby_close(client, "content: wants a string");
		return false;
	}
	fault = posts_fault(client_gateway(client), *content);
	if (fault == NULL && !client_may_speak(client))
		fault = "too many messages";
	if (fault != NULL)
		lobby_close(client, fault);
	return fault == NULL;
}

/* --- Posts */

static void on_posted(struct client *client, void *context,
		      const struct frame *answer);
static void try_held(struct client *client);

static void
send_post(struct client *client, struct held_post *held)
{
	const struct post post = {
		.room = held->room,
		.is_visit = held->is_visit,
		.nonce = held->nonce,
		.content = { held->content, held->content_bytes },
	};
	uint64_t now_ms = loop_now_ms(client_gateway(client)->loop);
	uint64_t end_ms = held->began_ms + LOBBY_HOLD_MS;

	lobby_of(client)->in_flight++;
	posts_send(client, &post,
		   end_ms > now_ms ? (unsigned)(end_ms - now_ms) : 1, on_posted,
		   held);
}

void
lobby_post(struct client *client, const struct uuid *room, bool is_visit,
	   struct slice content)
{
	struct held_post *held = malloc(sizeof *held + content.n);

	if (held == NULL) {
		lobby_close(client, "out of memory");
		return;
	}
	*held = (struct held_post){
		.room = *room,
		.is_visit = is_visit,
		.number = ++lobby_of(client)->last_number,
		.began_ms = loop_now_ms(client_gateway(client)->loop),
		.content_bytes = content.n,
	};
	uuid_make_v7(&held->nonce, loop_unix_ms(client_gateway(client)->loop));
	memcpy(held->content, content.at, content.n);
	send_post(client, held);
}

/* Those that were said first are tried first. */
static int
compare_age(const struct held_post *a, const struct held_post *b)
{
	return (a->number > b->number) - (a->number < b->number);
}

static void
hold_back(struct client *client, struct held_post *held)
{
	struct lobby *lobby = lobby_of(client);

	if (loop_now_ms(client_gateway(client)->loop) >=
	    held->began_ms + LOBBY_HOLD_MS) {
		connection_close(client->connection, WEBSOCKET_TRY_LATER,
				 "what was said could not be kept");
		free(held);
		return;
	}
	if (lobby->held == NULL)
		client_hold(client);
	DL_INSERT_INORDER(lobby->held, held, compare_age);
}

static void
close_refused(struct client *client, const struct frame_refused *why)
{
	char words[REFUSAL_TEXT_BYTES];

	switch (error_find(why->code)) {
	case ERROR_banned:
		connection_close(client->connection, CLOSE_BANNED,
				 "you are banned from this room");
		break;
	case ERROR_muted:
	case ERROR_slow_mode:
	case ERROR_archived:
		refusal_words(why, words);
		lobby_close(client, words);
		break;
	default:
		lobby_close(client, "this room is not yours to speak in");
		break;
	}
}

static void
on_posted(struct client *client, void *context, const struct frame *answer)
{
	struct held_post *held = context;
	struct lobby *lobby = lobby_of(client);

	lobby->in_flight--;
	if (answer->kind == FRAME_refused &&
	    error_find(answer->refused.code) == ERROR_unavailable) {
		hold_back(client, held);
		return;
	}
	free(held);
	if (answer->kind == FRAME_refused)
		close_refused(client, &answer->refused);
	else if (lobby->held != NULL)
		try_held(client);
	else if (lobby->in_flight == 0)
		lobby_posts_are_done(client);
}

/* One at a time: the next is tried when this one has its answer. */
static void
try_held(struct client *client)
{
	struct lobby *lobby = lobby_of(client);
	struct held_post *first = lobby->held;

	if (first == NULL || lobby->in_flight > 0)
		return;
	DL_DELETE(lobby->held, first);
	if (lobby->held == NULL)
		client_release(client);
	send_post(client, first);
}

/* --- Private words */

struct words {
	uint64_t began_ms;
	char target[NAME_MAX_BYTES + 1];
	char to_name[NAME_MAX_BYTES + 1]; /* as its owner writes it */
	size_t content_bytes;
	char content[];
};

static struct slice
content_of(const struct words *words)
{
	return (struct slice){ words->content, words->content_bytes };
}

static bool
may_try_again(const struct client *client, const struct words *words,
	      const struct frame_refused *why)
{
	return why != NULL && error_find(why->code) == ERROR_unavailable &&
	       loop_now_ms(client_gateway(client)->loop) <
		   words->began_ms + LOBBY_HOLD_MS;
}

/* The client is held until then. */
static void
finish(struct client *client, struct words *words,
       const struct frame_refused *why)
{
	if (may_try_again(client, words, why)) {
		lobby_of(client)->words = words;
		return;
	}
	if (why != NULL)
		lobby_close_for(client, why, "target_username: nobody there");
	free(words);
	client_release(client);
}

static void
on_direct(struct client *client, void *context, const struct frame *answer)
{
	struct words *words = context;

	if (answer->kind != FRAME_direct) {
		finish(client, words, &answer->refused);
		return;
	}
	lobby_post(client, &answer->direct.room, false, content_of(words));
	finish(client, words, NULL);
}

static void
on_whispered(struct client *client, void *context, const struct frame *answer)
{
	struct words *words = context;

	if (answer->kind != FRAME_done) {
		finish(client, words, &answer->refused);
		return;
	}
	client_send_answer(client,
			   lobby_private_chat(slice_of(words->to_name),
					      slice_of(client->user->name),
					      content_of(words)));
	finish(client, words, NULL);
}

static void
whisper(struct client *client, struct words *words,
	const struct frame_person *to)
{
	struct frame frame = { .kind = FRAME_whisper };

	snprintf(words->to_name, sizeof words->to_name, "%.*s",
		 (int)to->user_name.n, to->user_name.at);
	frame.whisper.to = to->user;
	frame.whisper.to_name = slice_of(words->to_name);
	frame.whisper.user = client->user->id;
	frame.whisper.user_name = slice_of(client->user->name);
	frame.whisper.text = content_of(words);
	asks_send(client,
		  bus_owner(client_gateway(client)->bus, ROUTER, &to->user),
		  &frame, WAIT_MS, on_whispered, words);
}

/* Somebody in the room who is no guest: came by another dialect, which has no
 * words for what a guest whispers. */
static void
whisper_to_account(struct client *client, struct words *words)
{
	static const struct frame_refused nobody = { .code = { "user_not_found",
							       14 } };
	const struct uuid bound = client_bound_room(client);
	const struct room *room = rooms_find(client_gateway(client), &bound);
	struct frame_person person;

	if (room != NULL &&
	    roster_find(&room->roster, slice_of(words->target), &person))
		whisper(client, words, &person);
	else
		finish(client, words, &nobody);
}

static void
on_found(struct client *client, void *context, const struct frame *answer)
{
	if (answer->kind == FRAME_refused)
		finish(client, context, &answer->refused);
	else if (answer->kind != FRAME_users || answer->users.users.n != 1)
		whisper_to_account(client, context);
	else
		whisper(client, context, answer->users.users.items);
}

static void
send_words(struct client *client, struct words *words)
{
	const struct user_wish wish = { .name = slice_of(words->target) };
	const struct uuid bound = client_bound_room(client);

	if (client_is_guest(client))
		bound_names_find(client, &bound, wish.name, on_found, words);
	else
		directs_open(client, &wish, on_direct, words);
}

void
lobby_whisper(struct client *client, struct slice target, struct slice content)
{
	struct words *words = malloc(sizeof *words + content.n);

	if (words == NULL) {
		lobby_close(client, "out of memory");
		return;
	}
	words->began_ms = loop_now_ms(client_gateway(client)->loop);
	snprintf(words->target, sizeof words->target, "%.*s", (int)target.n,
		 target.at);
	words->content_bytes = content.n;
	memcpy(words->content, content.at, content.n);
	client_hold(client);
	send_words(client, words);
}

void
lobby_hear_whisper(struct client *client, const struct frame_whisper *whisper)
{
	if (lobby_is_inside(client))
		client_send(client, lobby_private_chat(whisper->to_name,
						       whisper->user_name,
						       whisper->text));
}

/* --- What waits */

void
lobby_try_held(struct client *client)
{
	struct lobby *lobby = lobby_of(client);
	struct words *words = lobby->words;

	try_held(client);
	lobby->words = NULL;
	if (words != NULL)
		send_words(client, words);
}

void
lobby_forget_held(struct lobby *lobby)
{
	struct held_post *held, *next;

	DL_FOREACH_SAFE (lobby->held, held, next)
		free(held);
	lobby->held = NULL;
	free(lobby->words);
	lobby->words = NULL;
}
