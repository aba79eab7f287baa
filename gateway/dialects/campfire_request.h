/* SPDX-License-Identifier: MIT */
/* gateway/dialects/campfire_request.h - a campfire request: its fields, read
 * with errors for the client, and answers to it that come later.
 */
#ifndef PARLEY_GATEWAY_DIALECTS_CAMPFIRE_REQUEST_H
#define PARLEY_GATEWAY_DIALECTS_CAMPFIRE_REQUEST_H

#include "gateway/dialects/campfire.h"

#include <jansson.h>

struct campfire_request {
	struct client *client;
	const json_t *body;
	struct slice id; /* request_id as JSON; empty if it has none */
};

/* What waits for an answer from the bus. */
struct campfire_ask {
	uint64_t client; /* the connection's id */
	struct uuid room;
	struct uuid message;
	struct json_writer gathered; /* pages of one answer */
	void (*again)(struct client *client, struct campfire_ask *ask,
		      uint64_t after); /* asks for the next page */
	uint64_t number; /* of a post: what had been told when it was asked */
	bool flag;       /* what the request needs to remember */
	bool details;    /* likewise: rooms are told in detail */
	size_t id_bytes;
	char id[]; /* request_id as JSON */
};

/* Sends an error for the request. */
void campfire_refuse(const struct campfire_request *request, const char *code,
		     const char *message);

/* Sends INVALID_FIELD: what is wanted of that member; false. */
bool campfire_refuse_field(const struct campfire_request *request,
			   const char *name, const char *wanted);

/* Each reads one member and sends INVALID_FIELD, naming it, if it is not as
 * wanted. An optional one that is missing or null leaves *into as it is. */
bool campfire_read_uuid(const struct campfire_request *request,
			const char *name, struct uuid *into);
bool campfire_read_text(const struct campfire_request *request,
			const char *name, bool required, size_t max,
			struct slice *into);
bool campfire_read_number(const struct campfire_request *request,
			  const char *name, uint64_t min, uint64_t max,
			  uint64_t *into);
bool campfire_has(const struct campfire_request *request, const char *name);

/* Reads `content` and checks it: MESSAGE_CREATION_FAILED. */
bool campfire_read_content(const struct campfire_request *request,
			   struct slice *into);

/* The context for an answer to this request; NULL, with SERVICE_UNAVAILABLE
 * sent, without memory. */
struct campfire_ask *campfire_ask_new(const struct campfire_request *request);
void campfire_ask_free(struct campfire_ask *ask);
struct slice campfire_ask_id(const struct campfire_ask *ask);

/* Asks `peer`. Takes `ask`; sends SERVICE_UNAVAILABLE if that is not possible.
 */
void campfire_ask_bus(struct client *client, struct peer *peer,
		      struct frame *frame, answer_handler *on_answer,
		      struct campfire_ask *ask);

/* Sends what a daemon refused as an error. */
void campfire_pass_refusal(struct client *client,
			   const struct campfire_ask *ask,
			   const struct frame_refused *refused);

/* Sends NOT_A_MEMBER. */
void campfire_refuse_non_member(struct client *client,
				const struct campfire_ask *ask);

/* The client that asked, or NULL if it is gone. An answer that refuses is
 * passed on to it as an error, and NULL is returned too. */
struct client *campfire_asker(struct gateway *gateway,
			      const struct campfire_ask *ask,
			      const struct frame *answer);

#endif
