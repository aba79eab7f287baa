/* SPDX-License-Identifier: MIT */
/* gateway/dialect.c - the table of dialects, and choosing one of them. */
#include "gateway/dialect.h"

#include <errno.h>

static const struct dialect *const dialects[] = {
#define DIALECT(name) &dialect_##name,
#include "gateway/dialects/dialects.def"
};

#define DIALECTS (sizeof dialects / sizeof *dialects)

_Static_assert(DIALECTS <= DIALECTS_MAX, "raise DIALECTS_MAX");

const struct dialect *
dialect_find(struct slice name)
{
	for (size_t i = 0; i < DIALECTS; i++)
		if (slice_is(name, dialects[i]->name))
			return dialects[i];
	return NULL;
}

size_t
dialect_place(const struct dialect *dialect)
{
	size_t i = 0;

	while (dialects[i] != dialect)
		i++;
	return i;
}

const struct dialect *
dialect_at(size_t place)
{
	return dialects[place];
}

const char *
dialect_name(size_t place)
{
	return place < DIALECTS ? dialects[place]->name : NULL;
}

struct parcel *
dialect_encode(const struct dialect *dialect, const struct event *event,
	       unsigned variant)
{
	errno = 0;
	return dialect->encode(event, variant);
}

static const struct dialect *
by_subprotocol(const struct http_request *request, struct slice *echo)
{
	struct http_list offered = http_list(request, "Sec-WebSocket-Protocol");
	struct slice name;

	while (http_list_next(&offered, &name)) {
		const struct dialect *dialect = dialect_find(name);
		if (dialect != NULL) {
			*echo = name;
			return dialect;
		}
	}
	return NULL;
}

static const struct dialect *
by_path(const char *path)
{
	if (strncmp(path, "/ws/", 4) != 0)
		return NULL;
	return dialect_find(slice_of(path + 4));
}

/* What a plain listener makes of a path. */
static const struct dialect *
by_default(const struct http_request *request)
{
	char room[1];

	if (strcmp(request->path, "/") == 0)
		return dialect_find(slice_of("lobby"));
	if (strcmp(request->path, "/ws") != 0)
		return NULL;
	if (http_query(request, "room", room, sizeof room) != HTTP_ABSENT)
		return dialect_find(slice_of("simple"));
	return dialect_find(slice_of("campfire"));
}

const struct dialect *
dialect_choose(const struct http_request *request,
	       const struct dialect *listener_dialect, struct slice *echo)
{
	const struct dialect *dialect;

	*echo = (struct slice){ 0 };
	if ((dialect = by_subprotocol(request, echo)) != NULL ||
	    (dialect = by_path(request->path)) != NULL)
		return dialect;
	if (listener_dialect != NULL)
		return listener_dialect;
	return by_default(request);
}
