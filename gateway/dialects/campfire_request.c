/* SPDX-License-Identifier: MIT */
/* gateway/dialects/campfire_request.c - reading requests, keeping those that
 * wait. */
#include "gateway/dialects/campfire_request.h"

#include "gateway/posts.h"

#include <stdlib.h>

void
campfire_refuse(const struct campfire_request *request, const char *code,
		const char *message)
{
	client_send_answer(request->client,
			   campfire_error(code, message, request->id));
}

bool
campfire_refuse_field(const struct campfire_request *request, const char *name,
		      const char *wanted)
{
	char message[160];

	snprintf(message, sizeof message, "%s: %s", name, wanted);
	campfire_refuse(request, "INVALID_FIELD", message);
	return false;
}

bool
campfire_has(const struct campfire_request *request, const char *name)
{
	const json_t *value = json_object_get(request->body, name);

	return value != NULL && !json_is_null(value);
}

bool
campfire_read_uuid(const struct campfire_request *request, const char *name,
		   struct uuid *into)
{
	const json_t *value = json_object_get(request->body, name);
	const struct slice text = { json_string_value(value),
				    json_string_length(value) };

	if (text.at == NULL || !uuid_parse(into, text) || uuid_is_nil(into))
		return campfire_refuse_field(request, name, "wants a UUID");
	return true;
}

bool
campfire_read_text(const struct campfire_request *request, const char *name,
		   bool required, size_t max, struct slice *into)
{
	const json_t *value = json_object_get(request->body, name);
	struct slice text = { json_string_value(value),
			      json_string_length(value) };

	if (!required && !campfire_has(request, name))
		return true;
	if (text.at == NULL)
		return campfire_refuse_field(request, name, "wants a string");
	if (text.n > max || memchr(text.at, '\0', text.n) != NULL)
		return campfire_refuse_field(request, name,
					     "too long, or holds NUL");
	if (required && text.n == 0)
		return campfire_refuse_field(request, name, "is empty");
	*into = text;
	return true;
}

bool
campfire_read_number(const struct campfire_request *request, const char *name,
		     uint64_t min, uint64_t max, uint64_t *into)
{
	const json_t *value = json_object_get(request->body, name);
	json_int_t number = json_integer_value(value);

	if (!campfire_has(request, name))
		return true;
	if (!json_is_integer(value) || number < 0 || (uint64_t)number < min ||
	    (uint64_t)number > max)
		return campfire_refuse_field(request, name, "is out of range");
	*into = (uint64_t)number;
	return true;
}

bool
campfire_read_content(const struct campfire_request *request,
		      struct slice *into)
{
	const json_t *value = json_object_get(request->body, "content");
	struct slice text = { json_string_value(value),
			      json_string_length(value) };
	const char *fault;

	if (text.at == NULL)
		return campfire_refuse_field(request, "content",
					     "wants a string");
	fault = posts_fault(client_gateway(request->client), text);
	if (fault != NULL)
		campfire_refuse(request, "MESSAGE_CREATION_FAILED", fault);
	*into = text;
	return fault == NULL;
}

struct campfire_ask *
campfire_ask_new(const struct campfire_request *request)
{
	struct campfire_ask *ask = calloc(1, sizeof *ask + request->id.n);

	if (ask == NULL) {
		campfire_refuse(request, "SERVICE_UNAVAILABLE",
				"out of memory");
		return NULL;
	}
	ask->client = client_id(request->client);
	ask->id_bytes = request->id.n;
	if (request->id.n > 0)
		memcpy(ask->id, request->id.at, request->id.n);
	return ask;
}

void
campfire_ask_free(struct campfire_ask *ask)
{
	json_fini(&ask->gathered);
	free(ask);
}

struct slice
campfire_ask_id(const struct campfire_ask *ask)
{
	return (struct slice){ ask->id, ask->id_bytes };
}

void
campfire_ask_bus(struct client *client, struct peer *peer, struct frame *frame,
		 answer_handler *on_answer, struct campfire_ask *ask)
{
	if (peer != NULL && bus_ask(peer, frame, WAIT_MS, on_answer,
				    client_gateway(client), ask) != 0) {
		client_ask_begin(client, peer);
		return;
	}
	client_send_answer(client, campfire_error("SERVICE_UNAVAILABLE",
						  "try again later",
						  campfire_ask_id(ask)));
	campfire_ask_free(ask);
}

void
campfire_pass_refusal(struct client *client, const struct campfire_ask *ask,
		      const struct frame_refused *refused)
{
	client_send_answer(
	    client,
	    campfire_refusal(refused, campfire_ask_id(ask), client->variant));
}

void
campfire_refuse_non_member(struct client *client,
			   const struct campfire_ask *ask)
{
	client_send_answer(client, campfire_error("NOT_A_MEMBER",
						  "not a member of this room",
						  campfire_ask_id(ask)));
}

struct client *
campfire_asker(struct gateway *gateway, const struct campfire_ask *ask,
	       const struct frame *answer)
{
	struct client *client = client_find(gateway, ask->client);

	figures_hear_answer(gateway, answer);
	if (client != NULL)
		client_ask_end(client);
	if (client == NULL || answer->kind != FRAME_refused)
		return client;
	campfire_pass_refusal(client, ask, &answer->refused);
	return NULL;
}
