/* SPDX-License-Identifier: MIT */
/* tests/fuzz/proto/addresses_fuzz.c - any text as the list of addresses that
 * are allowed besides, and the first bytes as an address to look up in it.
 */
#include "proto/addresses.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
allows(const struct addresses *addresses, const uint8_t binary[16])
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	memcpy(&v6.sin6_addr, binary, 16);
	return addresses_allow(addresses, (const struct sockaddr *)&v6,
			       sizeof v6);
}

/* A list never takes away what is allowed without it. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct addresses none;
	struct addresses some;
	struct slice wrong;
	char *list;

	if (size < 16)
		return 0;
	list = strndup((const char *)data + 16, size - 16);
	if (list == NULL)
		abort();
	if (addresses_read(&some, list, &wrong)) {
		if (allows(&none, data) && !allows(&some, data))
			abort();
		for (size_t i = 0; i < some.n; i++)
			if (some.allowed[i].bits > 128 ||
			    !allows(&some, some.allowed[i].bytes))
				abort();
	} else if (wrong.at < list ||
		   wrong.at + wrong.n > list + strlen(list)) {
		abort();
	}
	free(list);
	return 0;
}
