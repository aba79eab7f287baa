/* SPDX-License-Identifier: MIT */
/* proto/requests.h - requests to one peer that wait for their answers, in the
 * order in which they were made.
 */
#ifndef PARLEY_PROTO_REQUESTS_H
#define PARLEY_PROTO_REQUESTS_H

#include "proto/bus.h"
#include "proto/metrics.h"

/* The window of one peer. */
#define REQUESTS_MAX       4096
#define REQUESTS_MAX_BYTES (8 * 1024 * 1024)

/* And of one to whom the requests of others are passed on; they must all fit
 * into what may wait for a peer, as they are repeated at once. */
#define RELAYED_MAX_BYTES (12 * 1024 * 1024)

struct request;

/* All zero is empty. */
struct requests {
	struct request *first; /* doubly linked, oldest first */
	struct request *by_id;
	size_t count;
	size_t bytes;
	uint64_t next_deadline_ms; /* no request ends before; 0: none has one */
	bool closed;
};

/* Keeps a copy of the packed request; the answer is heard as what concerns the
 * same connection. `deadline_ms` 0: for ever. 0, or -1 with
 * errno ENOMEM. */
int requests_add(struct requests *requests, const struct frame *request,
		 const struct buffer *packed, uint64_t deadline_ms,
		 answer_handler *on_answer, void *self, void *context);

/* Hands an answer to whoever asked, noting whether the request was repeated and
 * in `answers` how long it took. False if nobody (still) waits for it. */
bool requests_answer(struct requests *requests, struct frame *answer,
		     struct times *answers);

/* Appends all of them to `into`, oldest first. 0, or -1 with errno ENOMEM. */
int requests_repeat(struct requests *requests, struct buffer *into);

/* Refuses those whose time is over: so many. */
uint64_t requests_expire(struct requests *requests, uint64_t now_ms);

/* Refuses all. */
void requests_cancel(struct requests *requests);

#endif
