/* SPDX-License-Identifier: MIT */
/* gateway/dialects/sealed_request.h - what a client of the sealed dialect asks
 * for, read from externally tagged JSON: `{"JoinRoom": {…}}`, `"GetMembers"`.
 *
 * Knows no connection. What can be told from the text alone is checked here.
 */
#ifndef PARLEY_GATEWAY_DIALECTS_SEALED_REQUEST_H
#define PARLEY_GATEWAY_DIALECTS_SEALED_REQUEST_H

#include "proto/slice.h"

#include <jansson.h>
#include <stdint.h>

enum sealed_kind {
	SEALED_CREATE_ROOM,
	SEALED_JOIN_ROOM,
	SEALED_CHAT_MESSAGE,
	SEALED_GET_MEMBERS,
	SEALED_GET_HISTORY,
	SEALED_KINDS,
};

struct sealed_request {
	enum sealed_kind kind;
	struct slice name;        /* of the new room, or of who joins */
	struct slice description; /* empty: none */
	struct slice password;    /* empty: none */
	struct slice join_key;    /* empty: none, or too long to be one */
	struct slice content;     /* not yet looked at */
	uint64_t limit;           /* messages */
	bool client_key;          /* the clients make the room's key */
	json_t *json;             /* what all these point into */
	char fault[96];           /* what was wrong, in words */
};

/* Reads UTF-8 text. False if it is not a request that this variant of the
 * dialect has; then request->fault says why. Either way it must be freed by
 * sealed_request_fini(). */
bool sealed_request_read(struct sealed_request *request, struct slice text,
			 bool is_extended);

void sealed_request_fini(struct sealed_request *request);

#endif
