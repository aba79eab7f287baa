/* SPDX-License-Identifier: MIT */
/* gateway/upgrade.c - judges an upgrade and carries it out.
 *
 * In this order: is it for a dialect at all, may its page talk to us, is it
 * well-formed, is there room, and who is it.
 */
#include "gateway/upgrade.h"

#include "gateway/client.h"
#include "gateway/connection.h"
#include "gateway/credentials.h"
#include "gateway/crowd.h"
#include "gateway/deflate.h"
#include "gateway/dialect.h"
#include "gateway/listener.h"
#include "gateway/origin.h"
#include "gateway/reply.h"

#include <stdlib.h>

struct upgrade {
	struct gateway *gateway;
	uint64_t connection;
	const struct dialect *dialect;
	struct slice subprotocol; /* points into the request */
};

static void
refuse_version(struct connection *c)
{
	reply_problem(c, 426, "WebSocket version 13 is spoken here", NULL,
		      "Connection: Upgrade\r\nUpgrade: websocket\r\n"
		      "Sec-WebSocket-Version: 13\r\n");
}

/* A field of the answer; none without a value. */
static int
add_field(struct buffer *head, const char *name, struct slice value)
{
	if (value.n == 0)
		return 0;
	return buffer_printf(head, "%s: %.*s\r\n", name, (int)value.n,
			     value.at);
}

/* The 101 answer (RFC 6455 4.2.2), held once; or NULL. */
static struct parcel *
make_head(const struct http_request *request, struct slice subprotocol,
	  const char *extensions)
{
	char accept[WEBSOCKET_ACCEPT_KEY_BYTES + 1];
	struct buffer head = { 0 };
	struct parcel *parcel = NULL;
	struct slice key;

	if (websocket_check_upgrade(request, &key) != 101 ||
	    websocket_accept_key(key, accept) != 0 ||
	    buffer_printf(&head,
			  "HTTP/1.1 101 Switching Protocols\r\n"
			  "Upgrade: websocket\r\nConnection: Upgrade\r\n"
			  "Sec-WebSocket-Accept: %s\r\n",
			  accept) != 0)
		goto out;
	if (add_field(&head, "Sec-WebSocket-Protocol", subprotocol) != 0 ||
	    add_field(&head, "Sec-WebSocket-Extensions",
		      slice_of(extensions)) != 0)
		goto out;
	if (buffer_append_text(&head, "\r\n") != 0 ||
	    (parcel = parcel_new(head.n)) == NULL)
		goto out;
	memcpy(parcel->bytes, head.bytes, head.n);
out:
	buffer_fini(&head);
	return parcel;
}

static void
refuse_for_memory(struct connection *c)
{
	reply_problem(c, 503, "out of memory", NULL, "Retry-After: 1\r\n");
}

/* The dialect reads the request; NULL, answered, if it does not like it. */
static struct client *
make_client(struct connection *c, const struct dialect *dialect,
	    const struct frame_verified *who)
{
	struct client *client = client_new(c, dialect, who);
	const char *fault = NULL;

	if (client == NULL) {
		refuse_for_memory(c);
		return NULL;
	}
	if (dialect->on_request != NULL)
		fault = dialect->on_request(client, &c->http->request);
	if (fault == NULL)
		return client;
	client_free(client);
	reply_problem(c, 400, fault, NULL, NULL);
	return NULL;
}

static void
refuse_for_room(struct connection *c, const char *why)
{
	reply_problem(c, 503, why, NULL, "Retry-After: 5\r\n");
}

static bool
is_full(const struct gateway *g)
{
	return g->websocket_count >= g->max_connections || g->draining;
}

/* Others may have taken the last place while auth was asked who it is. */
static bool
has_place(struct connection *c)
{
	if (is_full(c->gateway))
		refuse_for_room(c, "no more connections");
	else if (!crowd_forward(c))
		refuse_for_room(c, "too many connections from this address");
	else
		return true;
	return false;
}

/* `who` NULL: a guest. */
static void
complete(struct connection *c, const struct dialect *dialect,
	 struct slice subprotocol, const struct frame_verified *who)
{
	struct client *client;
	char extensions[DEFLATE_ANSWER_BYTES] = "";
	struct parcel *head;

	if (!has_place(c))
		return;
	client = make_client(c, dialect, who);
	if (client == NULL)
		return;
	if (c->gateway->deflate != NULL)
		c->deflate_bits =
		    (uint8_t)deflate_agree(&c->http->request, extensions);
	head = make_head(&c->http->request, subprotocol, extensions);
	if (head == NULL) {
		client_free(client);
		refuse_for_memory(c);
		return;
	}
	connection_upgrade(c, head, client);
	parcel_drop(head);
}

static void
on_verified(void *self, void *context, const struct frame *answer)
{
	struct gateway *g = self;
	struct upgrade *upgrade = context;
	struct connection *c = connection_find(g, upgrade->connection);

	if (c != NULL && c->state == CONNECTION_ANSWERING) {
		if (answer->kind == FRAME_verified)
			complete(c, upgrade->dialect, upgrade->subprotocol,
				 &answer->verified);
		else
			reply_refused(c, &answer->refused);
	}
	free(upgrade);
}

/* Whether the request may go on to the question who it is; if not, it has been
 * answered. */
static bool
is_admissible(struct connection *c, const struct dialect *dialect)
{
	const struct http_request *request = &c->http->request;
	struct slice key;
	int status = websocket_check_upgrade(request, &key);

	if (dialect == NULL)
		reply_problem(c, 404, "no chat is spoken at this path", NULL,
			      NULL);
	else if (status == 426)
		refuse_version(c);
	else if (status != 101)
		reply_problem(c, status, "malformed upgrade", NULL,
			      status == 405 ? "Allow: GET\r\n" : NULL);
	else if (!origin_is_allowed(c->gateway, request))
		reply_problem(c, 403, "this Origin is not allowed", NULL, NULL);
	else if (is_full(c->gateway))
		refuse_for_room(c, "no more connections");
	else
		return true;
	return false;
}

static void
refuse_unknown(struct connection *c)
{
	reply_problem(c, 401, "a valid token is needed", NULL,
		      CREDENTIALS_CHALLENGE);
}

/* Who it is says auth. */
static void
identify(struct connection *c, const struct dialect *dialect,
	 struct slice subprotocol)
{
	struct upgrade *upgrade = malloc(sizeof *upgrade);

	if (upgrade == NULL) {
		refuse_for_memory(c);
		return;
	}
	*upgrade = (struct upgrade){ c->gateway, c->id, dialect, subprotocol };
	if (!credentials_verify(c, on_verified, upgrade)) {
		free(upgrade);
		refuse_unknown(c);
	}
}

static enum admission
admission_of(const struct connection *c, const struct dialect *dialect)
{
	const struct http_request *request = &c->http->request;
	enum admission admission =
	    dialect->admission == NULL
		? ADMIT_USERS
		: dialect->admission(c->gateway, request);

	if (admission != ADMIT_IF_GOOD)
		return admission;
	return credentials_are_shown(request) ? ADMIT_USERS : ADMIT_GUESTS;
}

void
upgrade_begin(struct connection *c)
{
	struct slice subprotocol;
	const struct dialect *dialect =
	    dialect_choose(&c->http->request,
			   listener_dialect(c->http->listener), &subprotocol);

	if (!is_admissible(c, dialect))
		return;
	switch (admission_of(c, dialect)) {
	case ADMIT_NOBODY:
		refuse_unknown(c);
		break;
	case ADMIT_GUESTS:
		complete(c, dialect, subprotocol, NULL);
		break;
	default:
		identify(c, dialect, subprotocol);
		break;
	}
}
