/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/hops.h - the ways of messages through the daemons, put
 * together from what their taps tell.
 *
 * A post is known by its author and the client's id, its answers by the numbers
 * of requests on each link, and the message by its own id once the store has
 * made it. Taps are read one by one, so what came first may be heard last.
 */
#ifndef PARLEY_TOOLS_TAP_HOPS_H
#define PARLEY_TOOLS_TAP_HOPS_H

#include "tools/parley-tap/heard.h"

/* In the order in which they follow each other. Between HOP_ROUTER_BACK and
 * HOP_ANSWER_OUT the router publishes, see struct delivery. */
enum hop {
	HOP_HEARD, /* the gateway, from its client; as the post itself says */
	HOP_GATEWAY_OUT,
	HOP_ROUTER_IN,
	HOP_ROUTER_OUT,
	HOP_STORE_IN,
	HOP_STORE_OUT, /* committed and synced, or refused */
	HOP_ROUTER_BACK,
	HOP_ANSWER_OUT, /* the router, to the gateway that asked */
	HOP_ANSWER_IN,
	HOPS,
};

#define DELIVERIES_MAX 64
#define CODE_BYTES     33

/* The event that tells a gateway of the message; times as in struct way. */
struct delivery {
	char gateway[DAEMON_BYTES_MAX];
	uint64_t out_us;
	uint64_t in_us;
};

/* Times are of the machine's monotonic clock; 0: not heard of. */
struct way {
	struct uuid room, user, nonce;
	struct uuid message; /* nil until the store has made it */
	uint64_t seq;
	size_t text_bytes;
	char author[257];
	char gateway[DAEMON_BYTES_MAX]; /* that asked; as in subjects */
	char router[DAEMON_BYTES_MAX];
	uint64_t gateway_id; /* of the request, on the gateway's link */
	uint64_t store_id;   /* and on the router's */
	uint64_t at_us[HOPS];
	unsigned repeats; /* how often it was sent again */
	bool is_known;    /* the store had it before */
	char refused[CODE_BYTES];
	struct delivery deliveries[DELIVERIES_MAX];
	size_t delivery_n;
};

/* How many messages are kept in mind; older ones are forgotten. */
#define WAYS_MAX 1024

/* All zero is empty. */
struct hops {
	struct way *ways; /* a ring of WAYS_MAX, made at the first message */
	uint64_t count;   /* messages that there were */
	struct way *kept; /* not to be forgotten; or NULL */
};

/* Puts what was heard where it belongs. Returns the way that it is a part of,
 * which stays in place while the next WAYS_MAX begin; NULL if it is part of
 * none, or with errno ENOMEM. */
struct way *hops_take(struct hops *hops, const struct heard *heard);

/* This one is not forgotten. */
void hops_keep(struct hops *hops, struct way *way);

void hops_fini(struct hops *hops);

/* Whether its message or client's id is `id`, or, of eight digits or more, ends
 * with it. */
bool way_is_called(const struct way *way, struct slice id);

/* Whether all of it was heard: each hop, and of each event that the router sent
 * that it arrived. */
bool way_is_whole(const struct way *way);

/* Whether the answer is there, so that what is missing, but for deliveries,
 * must have happened. */
bool way_is_answered(const struct way *way);

/* How many events were sent and not heard of at their gateway. */
size_t way_undelivered(const struct way *way);

/* A tap is heard some time after what it tells of, and not all taps are heard
 * equally soon: moves each time to no later than what followed from it, which
 * is as near to the truth as can be known. */
void way_settle(struct way *way);

/* When a hop's time began to run: that of the one that it follows from; of the
 * first that was heard, its own. */
uint64_t way_before(const struct way *way, enum hop hop);

/* The first and the last time of all. */
uint64_t way_begin(const struct way *way);
uint64_t way_end(const struct way *way);

#endif
