/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/protocol.h - how a chat server wants to be spoken to.
 *
 * A struct of functions for each protocol, in its own file; nothing outside of
 * protocols/ asks which one it is.
 */
#ifndef PARLEY_TOOLS_BENCH_PROTOCOL_H
#define PARLEY_TOOLS_BENCH_PROTOCOL_H

#include "proto/slice.h"
#include "tools/parley-bench/conn.h"
#include "tools/parley-bench/shared.h"

#include <stdio.h>

struct protocol {
	const char *name;
	const char *summary;
	const char *subprotocol; /* Sec-WebSocket-Protocol, or NULL */
	const char *path;        /* of the upgrade; %r: the room's name */
	enum wire_opcode opcode; /* of what clients send */
	/* Whether heard() gets all that comes, and not only messages that carry
	 * no post. */
	bool hears_all;
	/* Whether it is parley's, whose accounts may log in. */
	bool has_accounts;

	/* Makes the rooms, before anybody connects; NULL: they need no making.
	 * 0, or -1 after a word on stderr. */
	int (*prepare)(const struct plan *plan, struct shared *shared);

	/* Appends header lines to the upgrade, each with its CRLF, and what
	 * belongs behind the path; either may be NULL. 0, or -1 without
	 * memory. */
	int (*add_query)(const struct conn *conn, struct buffer *out);
	int (*add_headers)(const struct conn *conn, struct buffer *out);

	/* The connection stands: enter the room. conn_ready() when in it. */
	void (*opened)(struct conn *conn);

	/* A message that carries no post. */
	void (*heard)(struct conn *conn, struct slice message);

	/* Says `text` in the room, by conn_send(). */
	void (*post)(struct conn *conn, struct slice text);

	/* Asks for something that ends in conn_answered(); NULL: it cannot. */
	void (*ask)(struct conn *conn);
};

/* NULL if there is none of that name. */
const struct protocol *protocol_find(const char *name);

/* A line for each, for --help. */
void protocol_list(FILE *out);

#endif
