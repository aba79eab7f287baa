/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/conn.h - one client's connection: made, upgraded, read and
 * written without ever waiting.
 *
 * Small, as there may be a million of them: memory for what was received in
 * part or could not be written at once is held only as long as it is needed.
 */
#ifndef PARLEY_TOOLS_BENCH_CONN_H
#define PARLEY_TOOLS_BENCH_CONN_H

#include "proto/buffer.h"
#include "proto/loop.h"
#include "proto/slice.h"
#include "tools/parley-bench/framing.h"

struct worker;

enum conn_state {
	CONN_CLOSED,
	CONN_CONNECTING,
	CONN_UPGRADING,
	CONN_OPEN,  /* upgraded, on its way into the room */
	CONN_READY, /* in it */
};

struct conn {
	struct loop_watch watch;
	struct worker *worker;
	unsigned number; /* of all connections of the run */
	uint8_t state;
	uint8_t step; /* the protocol's: how far its hello got */
	bool is_current;
	bool has_failed;
	uint64_t since_us; /* when it was opened; later, when it asked */
	uint32_t posted;
	uint32_t *heard; /* the last number of each sender of its room */
	uint8_t *rest;   /* received, and not yet a whole frame */
	uint32_t rest_bytes;
	struct buffer out; /* could not be written yet */
};

/* Begins to connect; a failure is counted. */
void conn_open(struct conn *conn);

/* Hangs up, without a word. */
void conn_close(struct conn *conn);

/* TCP segments with data that it has received. */
uint64_t conn_segments(const struct conn *conn);

/* --- For protocols */

/* Sends a message. */
void conn_send(struct conn *conn, struct slice payload);

/* It is in its room. */
void conn_ready(struct conn *conn);

/* What it asked for has come. */
void conn_answered(struct conn *conn);

/* What it said or asked was refused. */
void conn_refused(struct conn *conn, struct slice why);

/* It cannot get into its room. */
void conn_failed(struct conn *conn, const char *why);

#endif
