/* SPDX-License-Identifier: MIT */
/* gateway/gateway.h - what the gateway's files share: its settings, its tables
 * and its figures.
 */
#ifndef PARLEY_GATEWAY_GATEWAY_H
#define PARLEY_GATEWAY_GATEWAY_H

#include "gateway/figures.h"
#include "gateway/rate.h"
#include "gateway/sources.h"
#include "proto/bus.h"
#include "proto/daemon.h"
#include "proto/quiet.h"
#include "proto/table.h"

#define WAIT_MS 2000 /* what a request waits at most for a missing daemon */

#define READ_BYTES    (64 * 1024)
#define MESSAGE_BYTES (256 * 1024) /* of a WebSocket message or HTTP body */
#define INFLATE_BYTES (4 * 1024 * 1024) /* of one connection in a second */
#define PAGE_BYTES    (256 * 1024)      /* of catch-up that is queued at once */
#define FRESH_MAX     64   /* messages whose delivery is measured at once */
#define MISSED_MAX    1000 /* messages of a room, told on return */

struct client;
struct connection;
struct deflate;
struct departure;
struct fanout;
struct listener;
struct room;
struct scrape;
struct tls;
struct user;

/* Settings as text, as the options table fills them. */
struct gateway_options {
	const char *listen;
	const char *max_connections;
	const char *max_per_address;
	const char *max_message;
	const char *rate;
	const char *origins;
	const char *outbox;
	const char *unfinished;
	const char *ping;
	const char *trust_proxy;
	const char *gateways;
	const char *lobby_auth;
	const char *deflate;
	const char *tls_cert;
	const char *tls_key;
};

struct gateway {
	struct gateway_options options;
	unsigned long gateways; /* that share the addresses, this one too */
	unsigned long max_connections;
	unsigned long max_per_address; /* of all kinds, of one address */
	bool bounds_local;             /* of this machine's own, too */
	size_t max_open;               /* of all kinds */
	size_t max_waiting;            /* for a request */
	unsigned long max_message;     /* bytes of content */
	unsigned long outbox_max; /* bytes that may wait for one connection */
	unsigned long unfinished_max; /* see unfinished.h */
	uint32_t ping_after_ms;       /* of silence */
	uint32_t pong_within_ms;      /* then it is cut */
	bool lobby_wants_tokens;
	bool may_deflate;       /* for clients that offer it */
	double rate_per_second; /* 0: no limit */
	double rate_burst;

	struct runtime *runtime;
	struct loop *loop;
	struct bus *bus;
	struct loop_timer sweep;
	struct quiet comings; /* and goings, and who learned its rooms */
	uint8_t *read_buffer; /* READ_BYTES, shared by all connections */
	bool draining;
	uint64_t drain_began_ms;
	size_t drain_total;  /* WebSockets that there were then */
	size_t drain_closed; /* of them, so far */
	unsigned farewells;  /* see drain_hint_s() */
	bool must_ask_again; /* see rooms_ask_again() */
	bool is_congested;   /* some clients are not read, for want of room */
	int spare_fd;        /* in reserve for when descriptors run out */

	struct tls *tls;         /* NULL: clients come as they are */
	struct deflate *deflate; /* NULL: what clients offer is ignored */
	struct listener *listeners;
	struct connection *dirty; /* have something to write */
	struct connection *last_dirty;
	struct connection *ended; /* to be freed at the end of the turn */
	struct table connections; /* by their ids */
	struct table users;       /* with a connection here */
	struct table rooms;       /* with a seat here */
	struct departure *departures;
	struct room *to_subscribe;
	struct fanout *fanouts;       /* of rooms in which something was said */
	struct loop_timer fanout_due; /* the first of those that are held */
	struct user *to_announce;
	struct rates rates;     /* messages of each user */
	struct sources sources; /* where connections come from */
	uint64_t last_connection;
	uint64_t trace_base; /* see connection_trace() */
	size_t connection_count;
	size_t websocket_count;

	struct scrape *scrape;        /* under way; or NULL */
	uint64_t fresh_us[FRESH_MAX]; /* see figures_note_delivery() */
	size_t fresh_count;
	struct gateway_figures count;
};

#endif
