/* SPDX-License-Identifier: MIT */
/* tests/fuzz/gateway/hub_fuzz.c - any lines as what a hub client says.
 *
 * Daemons and connection are played by this file; they answer at once, and
 * differently from line to line. Whatever comes, each frame that is sent is one
 * that the document names, every hold is released, and nothing is left behind.
 */
#include "gateway/asks.h"
#include "gateway/dialects/hub.h"
#include "gateway/directs.h"
#include "gateway/posts.h"
#include "gateway/visits.h"
#include "proto/utf8.h"

#include <jansson.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned mood; /* what the daemons answer this time */
static char room_name[] = "hall";
static struct room room = { .kind = ROOM_PUBLIC, .name = room_name };
static struct seat seat = { .room = &room, .is_visit = true };

static void
must(bool condition)
{
	if (!condition)
		abort();
}

/* --- What the dialect calls */

static struct frame
refusal(void)
{
	return (struct frame){
		.kind = FRAME_refused,
		.refused.code =
		    slice_of(error_name((enum error_code)(mood % 11 + 1))),
		.refused.text = slice_of(mood % 2 == 0 ? "" : "no"),
	};
}

struct frame
asks_unavailable(void)
{
	return refusal();
}

struct peer *
bus_next(struct bus *bus, enum party kind)
{
	(void)bus;
	(void)kind;
	return NULL;
}

static struct frame
answer_to(const struct frame *question)
{
	static struct frame_message message = { .seq = 1,
						.user_name = { "a", 1 },
						.text = { "\n\"\\", 3 } };
	static struct frame_room_info info;
	struct frame answer = refusal();

	if (mood % 3 == 0)
		return answer;
	if (question->kind == FRAME_get_history) {
		answer = (struct frame){ .kind = FRAME_history };
		answer.history.messages = (frame_list){ &message, mood % 2 };
		return answer;
	}
	must(question->kind == FRAME_get_room);
	info.kind = mood % 4 + 1;
	info.member = mood % 2 == 0;
	answer = (struct frame){ .kind = FRAME_rooms };
	answer.rooms.rooms = (frame_list){ &info, mood % 5 != 0 };
	return answer;
}

void
asks_send(struct client *client, struct peer *peer, struct frame *question,
	  unsigned wait_ms, ask_handler *on_answer, void *context)
{
	const struct frame answer = answer_to(question);

	(void)peer;
	must(wait_ms > 0);
	on_answer(client, context, &answer);
}

void
asks_send_for(struct client *client, struct peer *peer, struct frame *question,
	      unsigned wait_ms, ask_handler *on_answer, void *context,
	      void (*free_context)(void *context))
{
	must(free_context != NULL);
	asks_send(client, peer, question, wait_ms, on_answer, context);
}

void
directs_find_user(struct client *client, const struct user_wish *wish,
		  ask_handler *on_found, void *context)
{
	struct frame_person person = { .user_number = wish->number };
	struct frame answer = refusal();

	must(wish->number > 0 && wish->number != client->user->number);
	if (mood % 4 != 0) {
		answer = (struct frame){ .kind = FRAME_users };
		answer.users.users = (frame_list){ &person, 1 };
	}
	on_found(client, context, &answer);
}

void
directs_open(struct client *client, const struct user_wish *wish,
	     ask_handler *on_open, void *context)
{
	struct frame answer = refusal();

	must(wish->number > 0 && wish->number != client->user->number);
	if (mood % 4 != 0)
		answer = (struct frame){ .kind = FRAME_direct };
	on_open(client, context, &answer);
}

const char *
posts_fault(const struct gateway *gateway, struct slice content)
{
	(void)gateway;
	return content.n == 0 ? "content is empty" : NULL;
}

void
posts_send(struct client *client, const struct post *post, unsigned wait_ms,
	   ask_handler *on_posted, void *context)
{
	struct frame answer = refusal();

	must(post->content.n > 0 && wait_ms > 0);
	if (mood % 2 == 0)
		answer = (struct frame){ .kind = FRAME_posted };
	on_posted(client, context, &answer);
}

void
posts_say(struct client *client, const struct seat *at, struct slice content,
	  unsigned wait_ms, ask_handler *on_posted, void *context)
{
	const struct post post = { .content = content };

	must(at == &seat);
	posts_send(client, &post, wait_ms, on_posted, context);
}

void
visits_begin(struct client *client, const struct visit_wish *wish,
	     visit_handler *on_visit)
{
	const struct frame answer = refusal();

	must(wish->name.n > 0 && !wish->makes_room);
	on_visit(client, mood % 2 == 0 ? &seat : NULL, &answer.refused);
}

struct seat *
visits_find(const struct client *client, struct slice name)
{
	(void)client;
	must(name.n > 0);
	return mood % 4 == 0 ? NULL : &seat;
}

struct seat *
rooms_seat_of(const struct client *client, const struct uuid *id)
{
	(void)client;
	(void)id;
	return mood % 8 == 0 ? NULL : &seat;
}

bool
client_may_speak(struct client *client)
{
	(void)client;
	return mood % 7 != 0;
}

struct gateway *
client_gateway(const struct client *client)
{
	static struct gateway gateway;

	(void)client;
	return &gateway;
}

void
client_hold(struct client *client)
{
	must(client->holds < 2);
	client->holds++;
}

void
client_release(struct client *client)
{
	must(client->holds > 0);
	client->holds--;
}

static bool
is_known(const char *type)
{
	return strcmp(type, "error") == 0 || strcmp(type, "join_ack") == 0 ||
	       strcmp(type, "room_history") == 0 ||
	       strcmp(type, "dm_history") == 0;
}

void
client_send_answer(struct client *client, struct parcel *parcel)
{
	size_t head = parcel->bytes[1] == 126 ? 4 : 2;
	json_t *body =
	    json_loadb((char *)parcel->bytes + head, parcel->n - head, 0, NULL);
	const json_t *data = json_object_get(body, "data");
	const char *type = json_string_value(json_object_get(body, "type"));

	(void)client;
	must(parcel->bytes[1] != 127 && json_object_size(body) == 2);
	must(type != NULL && is_known(type));
	must(json_is_array(data) == (strstr(type, "history") != NULL));
	json_decref(body);
	parcel_drop(parcel);
}

/* --- What the client says */

/* Of its own size, so that ASan sees a byte read behind it. */
static void
say(struct client *client, const uint8_t *line, size_t n)
{
	char *copy = malloc(n > 0 ? n : 1);

	must(copy != NULL);
	if (n > 0)
		memcpy(copy, line, n);
	if (utf8_is_valid(copy, n))
		dialect_hub.on_text(client, (struct slice){ copy, n });
	else
		dialect_hub.on_binary(client, (struct slice){ copy, n });
	must(client->holds == 0);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct user user = { .number = 1 };
	struct client client = { .user = &user };
	size_t begin = 1;

	if (size == 0)
		return 0;
	mood = data[0];
	for (size_t i = 1; i <= size; i++)
		if (i == size || data[i] == '\n') {
			say(&client, data + begin, i - begin);
			begin = i + 1;
			mood++;
		}
	dialect_hub.on_close(&client);
	return 0;
}
