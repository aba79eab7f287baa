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
		      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
}

/* The 101 answer (RFC 6455 4.2.2), held once; or NULL. */
static struct parcel *
make_head(const struct http_request *request, struct slice subprotocol)
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
	if (subprotocol.n > 0 &&
	    buffer_printf(&head, "Sec-WebSocket-Protocol: %.*s\r\n",
			  (int)subprotocol.n, subprotocol.at) != 0)
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
complete(struct connection *c, const struct upgrade *upgrade,
	 const struct frame_verified *who)
{
	struct client *client = client_new(c, upgrade->dialect, who);
	struct parcel *head =
	    make_head(&c->http->request, upgrade->subprotocol);

	if (client == NULL || head == NULL) {
		if (client != NULL)
			client_free(client);
		parcel_drop(head);
		reply_problem(c, 503, "out of memory", NULL,
			      "Retry-After: 1\r\n");
		return;
	}
	if (upgrade->dialect->on_request != NULL)
		upgrade->dialect->on_request(client, &c->http->request);
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
			complete(c, upgrade, &answer->verified);
		else
			reply_refused(c, &answer->refused);
	}
	free(upgrade);
}

static bool
is_full(const struct gateway *g)
{
	return g->websocket_count >= g->max_connections;
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
		reply_problem(c, status, "malformed upgrade", NULL, NULL);
	else if (!origin_is_allowed(c->gateway, request))
		reply_problem(c, 403, "this Origin is not allowed", NULL, NULL);
	else if (is_full(c->gateway) || c->gateway->draining)
		reply_problem(c, 503, "no more connections", NULL,
			      "Retry-After: 5\r\n");
	else
		return true;
	return false;
}

void
upgrade_begin(struct connection *c)
{
	struct gateway *g = c->gateway;
	struct upgrade *upgrade;
	struct slice subprotocol;
	const struct dialect *dialect = dialect_choose(
	    &c->http->request, listener_dialect(c->listener), &subprotocol);

	if (!is_admissible(c, dialect))
		return;
	upgrade = malloc(sizeof *upgrade);
	if (upgrade == NULL) {
		reply_problem(c, 503, "out of memory", NULL,
			      "Retry-After: 1\r\n");
		return;
	}
	*upgrade = (struct upgrade){ g, c->id, dialect, subprotocol };
	if (!credentials_verify(c, on_verified, upgrade)) {
		free(upgrade);
		reply_problem(c, 401, "a valid token is needed", NULL,
			      CREDENTIALS_CHALLENGE);
	}
}
