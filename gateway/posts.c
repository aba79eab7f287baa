/* SPDX-License-Identifier: MIT */
/* gateway/posts.c - checks content, builds posts. */
#include "gateway/posts.h"

#include "proto/clock.h"

const char *
posts_fault(const struct gateway *gateway, struct slice content)
{
	if (content.n == 0)
		return "content is empty";
	if (content.n > gateway->max_message)
		return "content is too long";
	if (memchr(content.at, '\0', content.n) != NULL)
		return "content holds NUL";
	return NULL;
}

void
posts_begin(struct gateway *gateway, struct frame_post *post)
{
	gateway->count.posts++;
	post->since = clock_unix_us();
}

void
posts_send(struct client *client, const struct post *post, unsigned wait_ms,
	   ask_handler *on_posted, void *context)
{
	struct gateway *g = client_gateway(client);
	struct frame frame = { .kind = FRAME_post };

	frame.post.room = post->room;
	frame.post.visit = post->is_visit;
	frame.post.text = post->content;
	frame.post.nonce = post->nonce;
	frame.post.wait_ms = wait_ms;
	if (uuid_is_nil(&post->nonce))
		uuid_make_v7(&frame.post.nonce, loop_unix_ms(g->loop));
	frame.post.user = client->user->id;
	frame.post.user_number = client->user->number;
	frame.post.user_name = slice_of(client->user->name);
	posts_begin(g, &frame.post);
	asks_send(client, bus_owner(g->bus, ROUTER, &post->room), &frame,
		  wait_ms, on_posted, context);
}

void
posts_say(struct client *client, const struct seat *seat, struct slice content,
	  unsigned wait_ms, ask_handler *on_posted, void *context)
{
	const struct post post = { .room = seat->room->id,
				   .is_visit = !seat->is_member,
				   .content = content };

	posts_send(client, &post, wait_ms, on_posted, context);
}
