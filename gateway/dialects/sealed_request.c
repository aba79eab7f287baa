/* SPDX-License-Identifier: MIT */
/* gateway/dialects/sealed_request.c - one table of variants, each with what
 * reads its fields. Fields that nobody knows are passed over.
 */
#include "gateway/dialects/sealed_request.h"

#include "proto/names.h"

#include <stdio.h>

#define DESCRIPTION_MAX 1024
#define PASSWORD_MAX    1024
#define JOIN_KEY_MAX    256
#define LIMIT_DEFAULT   50
#define LIMIT_MAX       500

static bool
fail(struct sealed_request *request, const char *field, const char *wanted)
{
	snprintf(request->fault, sizeof request->fault, "%s: %s", field,
		 wanted);
	return false;
}

/* --- Fields */

static bool
read_text(struct sealed_request *request, const json_t *fields,
	  const char *name, struct slice *into)
{
	const json_t *value = json_object_get(fields, name);

	if (!json_is_string(value))
		return fail(request, name, "wants a string");
	*into = (struct slice){ json_string_value(value),
				json_string_length(value) };
	return true;
}

/* Missing, null and empty are one. */
static bool
read_optional(struct sealed_request *request, const json_t *fields,
	      const char *name, size_t max, struct slice *into)
{
	const json_t *value = json_object_get(fields, name);

	if (value == NULL || json_is_null(value))
		return true;
	if (!read_text(request, fields, name, into))
		return false;
	if (into->n > max)
		return fail(request, name, "is too long");
	if (memchr(into->at, '\0', into->n) != NULL)
		return fail(request, name, "holds NUL");
	return true;
}

static bool
read_name(struct sealed_request *request, const json_t *fields)
{
	if (!read_text(request, fields, "name", &request->name))
		return false;
	if (!name_is_valid(request->name))
		return fail(request, "name",
			    "wants 1 to 64 printable characters");
	return true;
}

static bool
read_password(struct sealed_request *request, const json_t *fields)
{
	return read_optional(request, fields, "password", PASSWORD_MAX,
			     &request->password);
}

/* What is too long to be a key is tried as none, so that it counts and takes
 * its time like any wrong one. */
static bool
read_join_key(struct sealed_request *request, const json_t *fields)
{
	struct slice *key = &request->join_key;

	if (!read_text(request, fields, "join_key", key))
		return false;
	if (memchr(key->at, '\0', key->n) != NULL)
		return fail(request, "join_key", "holds NUL");
	if (key->n > JOIN_KEY_MAX)
		*key = (struct slice){ 0 };
	return true;
}

static bool
read_key(struct sealed_request *request, const json_t *fields)
{
	const json_t *value = json_object_get(fields, "key");

	if (value == NULL || json_is_null(value))
		return true;
	if (!slice_is((struct slice){ json_string_value(value),
				      json_string_length(value) },
		      "client"))
		return fail(request, "key", "wants \"client\" or nothing");
	request->client_key = true;
	return true;
}

/* --- Variants */

static bool
read_create_room(struct sealed_request *request, const json_t *fields,
		 bool is_extended)
{
	return read_name(request, fields) &&
	       read_optional(request, fields, "description", DESCRIPTION_MAX,
			     &request->description) &&
	       read_password(request, fields) &&
	       (!is_extended || read_key(request, fields));
}

static bool
read_join_room(struct sealed_request *request, const json_t *fields,
	       bool is_extended)
{
	(void)is_extended;
	return read_join_key(request, fields) &&
	       read_password(request, fields) && read_name(request, fields);
}

static bool
read_chat_message(struct sealed_request *request, const json_t *fields,
		  bool is_extended)
{
	(void)is_extended;
	return read_text(request, fields, "content", &request->content);
}

static bool
read_get_history(struct sealed_request *request, const json_t *fields,
		 bool is_extended)
{
	const json_t *value = json_object_get(fields, "limit");
	json_int_t limit = json_integer_value(value);

	(void)is_extended;
	request->limit = LIMIT_DEFAULT;
	if (value == NULL || json_is_null(value))
		return true;
	if (!json_is_integer(value) || limit < 1 || limit > LIMIT_MAX)
		return fail(request, "limit", "wants 1 to 500");
	request->limit = (uint64_t)limit;
	return true;
}

/* clang-format off */
static const struct variant {
	const char *name;
	enum sealed_kind kind;
	bool is_extension;
	bool (*read)(struct sealed_request *request, const json_t *fields,
		     bool is_extended); /* NULL: it has no fields */
} variants[] = {
	{ "CreateRoom",  SEALED_CREATE_ROOM,  false, read_create_room },
	{ "JoinRoom",    SEALED_JOIN_ROOM,    false, read_join_room },
	{ "ChatMessage", SEALED_CHAT_MESSAGE, false, read_chat_message },
	{ "GetMembers",  SEALED_GET_MEMBERS,  false, NULL },
	{ "GetHistory",  SEALED_GET_HISTORY,  true,  read_get_history },
};
/* clang-format on */

static const struct variant *
find_variant(struct slice name, bool is_extended)
{
	for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
		if (slice_is(name, variants[i].name))
			return variants[i].is_extension && !is_extended
				   ? NULL
				   : &variants[i];
	return NULL;
}

static bool
read_variant(struct sealed_request *request, struct slice name,
	     const json_t *fields, bool is_extended)
{
	const struct variant *variant = find_variant(name, is_extended);

	if (variant == NULL)
		return fail(request, "request", "is of no known variant");
	request->kind = variant->kind;
	if (variant->read == NULL && (fields == NULL || json_is_null(fields)))
		return true;
	if (!json_is_object(fields))
		return fail(request, variant->name, "wants an object");
	return variant->read == NULL ||
	       variant->read(request, fields, is_extended);
}

bool
sealed_request_read(struct sealed_request *request, struct slice text,
		    bool is_extended)
{
	json_error_t error;
	json_t *json;
	void *only;

	*request = (struct sealed_request){ 0 };
	request->json = json = json_loadb(
	    text.at, text.n,
	    JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	if (json == NULL)
		return fail(request, "request", "is not well-formed JSON");
	if (json_is_string(json))
		return read_variant(request,
				    (struct slice){ json_string_value(json),
						    json_string_length(json) },
				    NULL, is_extended);
	if (json_object_size(json) != 1)
		return fail(request, "request",
			    "wants an object with one key, its variant");
	only = json_object_iter(json);
	return read_variant(request, slice_of(json_object_iter_key(only)),
			    json_object_iter_value(only), is_extended);
}

void
sealed_request_fini(struct sealed_request *request)
{
	json_decref(request->json);
	request->json = NULL;
}
