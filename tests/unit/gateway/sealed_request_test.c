/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/sealed_request_test.c - what is a request of the sealed
 * dialect, and what is wrong with all else?
 */
#include "gateway/dialects/sealed_request.h"

#include "tests/unit/check.h"

#include <stdlib.h>

struct refusal {
	const char *text;
	const char *fault;
	bool is_extended;
};

#define NO_VARIANT "request: is of no known variant"
#define ONE_KEY    "request: wants an object with one key, its variant"
#define NO_JSON    "request: is not well-formed JSON"
#define BAD_NAME   "name: wants 1 to 64 printable characters"

/* clang-format off */
static const struct refusal refusals[] = {
	{ "", NO_JSON, false },
	{ "{", NO_JSON, false },
	{ "GetMembers", NO_JSON, false },
	{ "{\"GetMembers\":null} x", NO_JSON, false },
	{ "{\"GetMembers\":{},\"GetMembers\":{}}", NO_JSON, false },
	{ "null", ONE_KEY, false },
	{ "1", ONE_KEY, false },
	{ "[]", ONE_KEY, false },
	{ "[\"GetMembers\"]", ONE_KEY, false },
	{ "{}", ONE_KEY, false },
	{ "{\"GetMembers\":{},\"ChatMessage\":{\"content\":\"x\"}}", ONE_KEY, false },
	{ "\"\"", NO_VARIANT, false },
	{ "\"getmembers\"", NO_VARIANT, false },
	{ "\"GetMembers\\u0000\"", NO_VARIANT, false },
	{ "{\"RoomCreated\":{}}", NO_VARIANT, false },
	{ "{\"GetHistory\":{}}", NO_VARIANT, false },
	{ "\"ChatMessage\"", "ChatMessage: wants an object", false },
	{ "{\"GetMembers\":[]}", "GetMembers: wants an object", false },
	{ "{\"GetMembers\":true}", "GetMembers: wants an object", false },
	{ "{\"CreateRoom\":null}", "CreateRoom: wants an object", false },
	{ "{\"ChatMessage\":[\"x\"]}", "ChatMessage: wants an object", false },
	{ "{\"ChatMessage\":{}}", "content: wants a string", false },
	{ "{\"ChatMessage\":{\"content\":null}}", "content: wants a string", false },
	{ "{\"CreateRoom\":{}}", "name: wants a string", false },
	{ "{\"CreateRoom\":{\"name\":7}}", "name: wants a string", false },
	{ "{\"CreateRoom\":{\"name\":\"\"}}", BAD_NAME, false },
	{ "{\"CreateRoom\":{\"name\":\"a\\nb\"}}", BAD_NAME, false },
	{ "{\"CreateRoom\":{\"name\":\"a\\u0000b\"}}", BAD_NAME, false },
	{ "{\"CreateRoom\":{\"name\":\"a\",\"description\":1}}",
	  "description: wants a string", false },
	{ "{\"CreateRoom\":{\"name\":\"a\",\"description\":\"\\u0000\"}}",
	  "description: holds NUL", false },
	{ "{\"CreateRoom\":{\"name\":\"a\",\"password\":false}}",
	  "password: wants a string", false },
	{ "{\"CreateRoom\":{\"name\":\"a\",\"password\":\"a\\u0000\"}}",
	  "password: holds NUL", false },
	{ "{\"CreateRoom\":{\"name\":\"a\",\"key\":\"server\"}}",
	  "key: wants \"client\" or nothing", true },
	{ "{\"CreateRoom\":{\"name\":\"a\",\"key\":\"client\\u0000\"}}",
	  "key: wants \"client\" or nothing", true },
	{ "{\"JoinRoom\":{\"name\":\"a\"}}", "join_key: wants a string", false },
	{ "{\"JoinRoom\":{\"join_key\":\"k\\u0000\",\"name\":\"a\"}}",
	  "join_key: holds NUL", false },
	{ "{\"JoinRoom\":{\"join_key\":\"k\",\"name\":\" \"}}", BAD_NAME, false },
	{ "{\"GetHistory\":null}", "GetHistory: wants an object", true },
	{ "{\"GetHistory\":{\"limit\":0}}", "limit: wants 1 to 500", true },
	{ "{\"GetHistory\":{\"limit\":501}}", "limit: wants 1 to 500", true },
	{ "{\"GetHistory\":{\"limit\":1.0}}", "limit: wants 1 to 500", true },
	{ "{\"GetHistory\":{\"limit\":\"9\"}}", "limit: wants 1 to 500", true },
};
/* clang-format on */

static void
what_is_wrong_is_said(void)
{
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		struct sealed_request request;

		CHECK(!sealed_request_read(&request, slice_of(refusals[i].text),
					   refusals[i].is_extended));
		CHECK_STR(request.fault, refusals[i].fault);
		sealed_request_fini(&request);
	}
}

static struct sealed_request
read_good(const char *text, bool is_extended)
{
	struct sealed_request request;

	CHECK(sealed_request_read(&request, slice_of(text), is_extended));
	CHECK_STR(request.fault, "");
	return request;
}

static void
members_are_asked_for_in_three_ways(void)
{
	static const char *const ways[] = {
		"\"GetMembers\"",
		"{\"GetMembers\": null}",
		"{\"GetMembers\": {}}",
		" {\"GetMembers\": {\"whatever\": 1}} ",
	};

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct sealed_request request = read_good(ways[i], false);

		CHECK_INT(request.kind, SEALED_GET_MEMBERS);
		sealed_request_fini(&request);
	}
}

static void
a_room_is_made_with_what_was_given(void)
{
	struct sealed_request request =
	    read_good("{\"CreateRoom\":{\"name\":\"den\",\"description\":\"d\","
		      "\"password\":\"p\",\"key\":\"client\"}}",
		      true);

	CHECK_INT(request.kind, SEALED_CREATE_ROOM);
	CHECK(slice_is(request.name, "den"));
	CHECK(slice_is(request.description, "d"));
	CHECK(slice_is(request.password, "p"));
	CHECK(request.client_key);
	sealed_request_fini(&request);
}

static void
what_may_be_missing_may_be_null_or_empty(void)
{
	static const char *const texts[] = {
		"{\"CreateRoom\":{\"name\":\"den\"}}",
		"{\"CreateRoom\":{\"name\":\"den\",\"description\":null,"
		"\"password\":null,\"key\":null}}",
		"{\"CreateRoom\":{\"name\":\"den\",\"description\":\"\","
		"\"password\":\"\"}}",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct sealed_request request = read_good(texts[i], true);

		CHECK_INT(request.description.n, 0);
		CHECK_INT(request.password.n, 0);
		CHECK(!request.client_key);
		sealed_request_fini(&request);
	}
}

/* As published the dialect knows no such field: it is passed over. */
static void
without_the_extension_no_key_is_looked_at(void)
{
	struct sealed_request request = read_good(
	    "{\"CreateRoom\":{\"name\":\"a\",\"key\":\"client\"}}", false);

	CHECK(!request.client_key);
	sealed_request_fini(&request);
	request =
	    read_good("{\"CreateRoom\":{\"name\":\"a\",\"key\":7}}", false);
	CHECK(!request.client_key);
	sealed_request_fini(&request);
}

static void
a_history_has_a_limit(void)
{
	/* clang-format off */
	static const struct { const char *text; unsigned limit; } cases[] = {
		{ "{\"GetHistory\":{}}", 50 },
		{ "{\"GetHistory\":{\"limit\":null}}", 50 },
		{ "{\"GetHistory\":{\"limit\":1}}", 1 },
		{ "{\"GetHistory\":{\"limit\":500}}", 500 },
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sealed_request request = read_good(cases[i].text, true);

		CHECK_INT(request.kind, SEALED_GET_HISTORY);
		CHECK_INT(request.limit, cases[i].limit);
		sealed_request_fini(&request);
	}
}

/* `format` holds one %s, for a text of `n` letters. */
static bool
read_long(struct sealed_request *request, const char *format, int n)
{
	static char letters[2000], text[4000];

	memset(letters, 'x', (size_t)n);
	letters[n] = '\0';
	snprintf(text, sizeof text, format, letters);
	return sealed_request_read(request, slice_of(text), false);
}

static void
lengths_have_bounds(void)
{
	/* clang-format off */
	static const struct { const char *format; int max; } cases[] = {
		{ "{\"CreateRoom\":{\"name\":\"%s\"}}", 64 },
		{ "{\"CreateRoom\":{\"name\":\"a\",\"description\":\"%s\"}}", 1024 },
		{ "{\"CreateRoom\":{\"name\":\"a\",\"password\":\"%s\"}}", 1024 },
		{ "{\"JoinRoom\":{\"join_key\":\"k\",\"name\":\"a\",\"password\":\"%s\"}}",
		  1024 },
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sealed_request request;

		CHECK(read_long(&request, cases[i].format, cases[i].max));
		sealed_request_fini(&request);
		CHECK(!read_long(&request, cases[i].format, cases[i].max + 1));
		sealed_request_fini(&request);
	}
}

static void
too_long_a_key_is_tried_as_none(void)
{
	static const char join[] =
	    "{\"JoinRoom\":{\"join_key\":\"%s\",\"name\":\"a\"}}";
	struct sealed_request request;

	CHECK(read_long(&request, join, 256));
	CHECK_INT(request.join_key.n, 256);
	sealed_request_fini(&request);
	CHECK(read_long(&request, join, 257));
	CHECK_INT(request.kind, SEALED_JOIN_ROOM);
	CHECK_INT(request.join_key.n, 0);
	sealed_request_fini(&request);
}

/* Deep nesting must neither pass nor end the process. */
static void
depth_has_a_bound(void)
{
	size_t n = 200000;
	char *text = malloc(n);
	struct sealed_request request;

	CHECK(text != NULL);
	if (text == NULL)
		return;
	memset(text, '[', n);
	CHECK(!sealed_request_read(&request, (struct slice){ text, n }, false));
	sealed_request_fini(&request);
	free(text);
}

int
main(void)
{
	RUN(what_is_wrong_is_said);
	RUN(members_are_asked_for_in_three_ways);
	RUN(a_room_is_made_with_what_was_given);
	RUN(what_may_be_missing_may_be_null_or_empty);
	RUN(without_the_extension_no_key_is_looked_at);
	RUN(a_history_has_a_limit);
	RUN(lengths_have_bounds);
	RUN(too_long_a_key_is_tried_as_none);
	RUN(depth_has_a_bound);
	return check_done();
}
