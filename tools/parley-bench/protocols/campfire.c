/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/protocols/campfire.c - parley's main dialect, without its
 * extensions: what any client of it does.
 */
#include "proto/clock.h"
#include "tools/parley-bench/protocols.h"
#include "tools/parley-bench/rest.h"
#include "tools/parley-bench/token.h"
#include "tools/parley-bench/worker.h"

#include <errno.h>
#include <jansson.h>

/* --- Rooms, made over REST by somebody who is in none of the connections: a
 * room's maker is a member of it. */

#define MAKER UINT32_MAX

#define TRIES_MAX 5 /* to enter a room */

struct making {
	const struct plan *plan;
	struct shared *shared;
};

static void
write_room(void *self, unsigned number, char body[REST_BODY_BYTES])
{
	const struct making *making = self;

	snprintf(body, REST_BODY_BYTES, "{\"name\":\"bench-%08x-%u\"}",
		 making->plan->run, number);
}

static bool
take_room(void *self, unsigned number, const struct buffer *answer)
{
	const struct making *making = self;
	json_t *room = json_loadb((char *)answer->bytes, answer->n, 0, NULL);
	const char *text = json_string_value(json_object_get(room, "id"));
	bool is_made =
	    text != NULL &&
	    uuid_parse(&making->shared->rooms[number], slice_of(text));

	json_decref(room);
	return is_made;
}

/* Rooms that are there already: the first ones of the file. */
static int
read_rooms(const struct plan *plan, struct shared *shared)
{
	FILE *in = fopen(plan->rooms_from, "re");
	char id[UUID_TEXT_BYTES];
	unsigned n = 0;

	if (in == NULL) {
		fprintf(stderr, "parley-bench: %s: %s\n", plan->rooms_from,
			strerror(errno));
		return -1;
	}
	while (n < plan->rooms && fscanf(in, "%36s%*[^\n]", id) == 1 &&
	       uuid_parse(&shared->rooms[n], slice_of(id)))
		n++;
	fclose(in);
	if (n == plan->rooms)
		return 0;
	fprintf(stderr, "parley-bench: %s names %u rooms, not %u\n",
		plan->rooms_from, n, plan->rooms);
	return -1;
}

static int
make_rooms(const struct plan *plan, struct shared *shared)
{
	struct making making = { plan, shared };
	const struct rest_batch batch = { plan->rooms, write_room, take_room,
					  &making };
	char token[TOKEN_BYTES];

	if (plan->secret == NULL ||
	    token_write(plan->secret, plan->run, MAKER, token) != 0) {
		fputs("parley-bench: parley wants tokens: name its --data "
		      "folder, or its --secret-file\n",
		      stderr);
		return -1;
	}
	if (plan->rooms_from != NULL)
		return read_rooms(plan, shared);
	return rest_post_all(&plan->server, "/api/rooms", token, &batch);
}

/* --- A connection */

static const struct uuid *
room_of(const struct conn *conn)
{
	const struct worker *worker = conn->worker;

	return &worker->shared->rooms[plan_room(worker->plan, conn->number)];
}

static int
add_token(const struct conn *conn, struct buffer *out)
{
	char token[TOKEN_BYTES];

	if (token_write(conn->worker->plan->secret, conn->worker->plan->run,
			conn->number, token) != 0)
		return -1;
	return buffer_printf(out, "Authorization: Bearer %s\r\n", token);
}

/* Who comes back is a member already, and hears so without asking. */
static void
join(struct conn *conn)
{
	char text[100], room[UUID_TEXT_BYTES];
	int n = snprintf(text, sizeof text,
			 "{\"type\":\"JoinRoom\",\"room_id\":\"%s\"}",
			 uuid_format(room_of(conn), room));

	if (conn->worker->stage != STAGE_RETURN)
		conn_send(conn, (struct slice){ text, (size_t)n });
}

static bool
has(struct slice text, const char *part)
{
	return memmem(text.at, text.n, part, strlen(part)) != NULL;
}

/* Who cannot enter now asks again, as clients do; not without end. */
static void
heard_error(struct conn *conn, struct slice message)
{
	bool is_entering = conn->state == CONN_OPEN;

	if (is_entering && has(message, "SERVICE_UNAVAILABLE") &&
	    conn->step++ < TRIES_MAX) {
		join(conn);
		return;
	}
	conn_refused(conn, message);
	if (is_entering)
		conn_failed(conn, "it was refused");
}

static void
heard(struct conn *conn, struct slice message)
{
	char room[UUID_TEXT_BYTES];

	if (has(message, "\"type\":\"Error\""))
		heard_error(conn, message);
	else if (has(message, "\"type\":\"History\""))
		conn_answered(conn);
	else if (conn->state == CONN_OPEN &&
		 has(message, "\"type\":\"PresenceUpdate\"") &&
		 has(message, uuid_format(room_of(conn), room)))
		conn_ready(conn);
}

static void
post(struct conn *conn, struct slice text)
{
	struct buffer *out = &conn->worker->text;
	char room[UUID_TEXT_BYTES], id[UUID_TEXT_BYTES];
	struct uuid message;

	if (conn->worker->plan->has_random_ids)
		uuid_make_v4(&message);
	else
		uuid_make_v7(&message, clock_unix_us() / 1000);
	buffer_clear(out);
	if (buffer_printf(out,
			  "{\"type\":\"CreateMessage\",\"room_id\":\"%s\","
			  "\"content\":\"%.*s\",\"client_message_id\":\"%s\"}",
			  uuid_format(room_of(conn), room), (int)text.n,
			  text.at, uuid_format(&message, id)) == 0)
		conn_send(conn, (struct slice){ (char *)out->bytes, out->n });
}

static void
ask(struct conn *conn)
{
	char text[140], room[UUID_TEXT_BYTES];
	int n = snprintf(text, sizeof text,
			 "{\"type\":\"GetHistory\",\"room_id\":\"%s\","
			 "\"limit\":50}",
			 uuid_format(room_of(conn), room));

	conn_send(conn, (struct slice){ text, (size_t)n });
}

const struct protocol protocol_campfire = {
	.name = "campfire",
	.summary = "parley's main dialect",
	.path = "/ws/campfire",
	.opcode = WIRE_OP_TEXT,
	.has_accounts = true,
	.prepare = make_rooms,
	.add_headers = add_token,
	.opened = join,
	.heard = heard,
	.post = post,
	.ask = ask,
};
