/* SPDX-License-Identifier: MIT */
/* proto/requests.c - a list for the order, a hash for the answers. */
#include "proto/requests.h"

#include "proto/clock.h"
#include "proto/hash.h"
#include "proto/log.h"

#include <stdlib.h>

struct request {
	uint64_t id;
	uint64_t deadline_ms;
	uint64_t asked_us;
	uint64_t trace;
	bool was_repeated;
	answer_handler *on_answer;
	void *self;
	void *context;
	struct request *prev;
	struct request *next;
	UT_hash_handle hh;
	size_t bytes;
	uint8_t packed[];
};

static void
note_deadline(struct requests *requests, uint64_t deadline_ms)
{
	if (deadline_ms == 0)
		return;
	if (requests->next_deadline_ms == 0 ||
	    deadline_ms < requests->next_deadline_ms)
		requests->next_deadline_ms = deadline_ms;
}

int
requests_add(struct requests *requests, const struct frame *asked,
	     const struct buffer *packed, uint64_t deadline_ms,
	     answer_handler *on_answer, void *self, void *context)
{
	struct request *request = malloc(sizeof *request + packed->n);

	if (request == NULL)
		return -1;
	*request = (struct request){
		.id = asked->id,
		.trace = asked->trace,
		.deadline_ms = deadline_ms,
		.asked_us = clock_us(),
		.on_answer = on_answer,
		.self = self,
		.context = context,
		.bytes = packed->n,
	};
	memcpy(request->packed, packed->bytes, packed->n);
	HASH_ADD(hh, requests->by_id, id, sizeof request->id, request);
	if (request->hh.tbl == NULL) {
		free(request);
		return -1;
	}
	DL_APPEND(requests->first, request);
	requests->count++;
	requests->bytes += request->bytes;
	note_deadline(requests, deadline_ms);
	return 0;
}

/* Takes the request out before it is answered: the handler may ask anew. */
static void
finish(struct requests *requests, struct request *request,
       const struct frame *answer)
{
	uint64_t before;

	DL_DELETE(requests->first, request);
	HASH_DELETE(hh, requests->by_id, request);
	requests->count--;
	requests->bytes -= request->bytes;
	before = log_conn(request->trace);
	if (request->trace != 0)
		log_debug("answered", KT("frame", frame_name(answer->kind)));
	request->on_answer(request->self, request->context, answer);
	log_conn(before);
	free(request);
}

bool
requests_answer(struct requests *requests, struct frame *answer,
		struct times *answers)
{
	struct request *request;

	HASH_FIND(hh, requests->by_id, &answer->id, sizeof answer->id, request);
	if (request == NULL)
		return false;
	answer->repeated = request->was_repeated;
	times_add(answers, clock_us() - request->asked_us);
	finish(requests, request, answer);
	return true;
}

static void
refuse(struct requests *requests, struct request *request)
{
	struct frame refused = {
		.kind = FRAME_refused,
		.id = request->id,
		.refused.code = slice_of(error_name(ERROR_unavailable)),
		.refused.text = slice_of("no answer in time"),
	};

	finish(requests, request, &refused);
}

int
requests_repeat(struct requests *requests, struct buffer *into)
{
	struct request *request;

	DL_FOREACH (requests->first, request) {
		if (buffer_append(into, request->packed, request->bytes) != 0)
			return -1;
		request->was_repeated = true;
	}
	return 0;
}

uint64_t
requests_expire(struct requests *requests, uint64_t now_ms)
{
	struct request *request, *next;
	uint64_t last_id = 0, expired = 0;

	if (requests->next_deadline_ms == 0 ||
	    now_ms < requests->next_deadline_ms)
		return 0;
	requests->next_deadline_ms = 0;
	if (requests->first != NULL)
		last_id = requests->first->prev->id;
	/* Handlers may add requests behind the last one, which end the walk. */
	DL_FOREACH_SAFE (requests->first, request, next) {
		bool is_last = request->id == last_id;
		if (request->deadline_ms != 0 &&
		    request->deadline_ms <= now_ms) {
			refuse(requests, request);
			expired++;
		} else {
			note_deadline(requests, request->deadline_ms);
		}
		if (is_last)
			break;
	}
	return expired;
}

void
requests_cancel(struct requests *requests)
{
	requests->closed = true;
	while (requests->first != NULL)
		refuse(requests, requests->first);
}
