/* SPDX-License-Identifier: MIT */
/* tools/parley/rooms.c - rooms and create: what REST alone can answer. */
#include "tools/client/text.h"
#include "tools/parley/rest.h"

#include <string.h>

static bool
is_member(const json_t *room)
{
	return json_is_true(json_object_get(room, "member"));
}

static int
print_json(const json_t *room)
{
	char *text = json_dumps(room, JSON_COMPACT);
	struct buffer line = { 0 };
	int rc = text != NULL ? text_append_json(&line, slice_of(text)) : -1;

	if (rc == 0)
		printf("%.*s\n", (int)line.n, (char *)line.bytes);
	free(text);
	buffer_fini(&line);
	return rc;
}

/* `* kitchen  where we eat`; a direct room by whom it is with. */
static int
print_line(const json_t *room)
{
	const char *name = json_string_value(json_object_get(room, "name"));
	const char *about =
	    json_string_value(json_object_get(room, "description"));
	const json_t *peer = json_object_get(room, "peer");
	const char *with = json_string_value(json_object_get(peer, "username"));
	const char *kind = json_string_value(json_object_get(room, "kind"));
	struct buffer line = { 0 };
	int rc = buffer_append_text(&line, is_member(room) ? "* " : "  ");

	if (rc == 0 && with != NULL)
		rc = buffer_append_text(&line, "@");
	if (rc == 0)
		rc = text_append_safe(&line,
				      slice_of(with != NULL   ? with
					       : name != NULL ? name
							      : "?"),
				      "");
	if (rc == 0 && kind != NULL && strcmp(kind, "private") == 0)
		rc = buffer_append_text(&line, " (private)");
	if (rc == 0 && about != NULL && *about != '\0' &&
	    (rc = buffer_append_text(&line, "  ")) == 0)
		rc = text_append_safe(&line, slice_of(about), "");
	if (rc == 0)
		printf("%.*s\n", (int)line.n, (char *)line.bytes);
	buffer_fini(&line);
	return rc;
}

int
command_rooms(const struct options *options)
{
	struct account account = { 0 };
	struct rest_answer answer = { 0 };
	int status = account_load(&account, options);
	size_t i;
	json_t *room;

	if (status == 0)
		status = rest_ask_as(&account, "GET", "/api/rooms?peers=1",
				     NULL, &answer);
	if (status == 0) {
		json_array_foreach(json_object_get(answer.body, "rooms"), i,
				   room)
		{
			if (options->mine && !is_member(room))
				continue;
			if ((options->json ? print_json(room)
					   : print_line(room)) != 0)
				status = complain("out of memory");
		}
	}
	rest_fini(&answer);
	account_fini(&account);
	return status;
}

int
command_create(const struct options *options)
{
	struct account account = { 0 };
	struct rest_answer answer = { 0 };
	int status = account_load(&account, options);
	json_t *room;

	if (status == 0) {
		room = json_pack(
		    "{s:s, s:s, s:s}", "name", options->words[0], "description",
		    options->description != NULL ? options->description : "",
		    "kind", options->is_private ? "private" : "public");
		if (room == NULL) {
			complain("the room's name is not UTF-8");
			status = STATUS_USAGE;
		} else {
			status = rest_ask_as(&account, "POST", "/api/rooms",
					     room, &answer);
		}
	}
	rest_fini(&answer);
	account_fini(&account);
	return status;
}
