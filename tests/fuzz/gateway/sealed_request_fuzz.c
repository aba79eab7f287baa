/* SPDX-License-Identifier: MIT */
/* tests/fuzz/gateway/sealed_request_fuzz.c - any bytes as a request of the
 * sealed dialect, in both of its variants.
 *
 * What passes must lie within the bounds that the frames to auth and store
 * have; what does not must say why.
 */
#include "gateway/dialects/sealed_request.h"

#include "proto/names.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
check_text(struct slice text, size_t max)
{
	must(text.n <= max);
	must(text.n == 0 || memchr(text.at, '\0', text.n) == NULL);
}

static void
check_good(const struct sealed_request *request, bool is_extended)
{
	must(request->kind < SEALED_KINDS);
	must(request->fault[0] == '\0');
	must(is_extended ||
	     (request->kind != SEALED_GET_HISTORY && !request->client_key));
	check_text(request->description, 1024);
	check_text(request->password, 1024);
	check_text(request->join_key, 256);
	if (request->kind == SEALED_CREATE_ROOM ||
	    request->kind == SEALED_JOIN_ROOM)
		must(name_is_valid(request->name));
	if (request->kind == SEALED_GET_HISTORY)
		must(request->limit >= 1 && request->limit <= 500);
}

static bool
read_as(struct slice text, bool is_extended)
{
	struct sealed_request request;
	bool is_good = sealed_request_read(&request, text, is_extended);

	if (is_good)
		check_good(&request, is_extended);
	else
		must(request.fault[0] != '\0');
	sealed_request_fini(&request);
	return is_good;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };

	(void)read_as(text, false);
	(void)read_as(text, true);
	return 0;
}
