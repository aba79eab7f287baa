/* SPDX-License-Identifier: MIT */
#include "tools/parley-bench/token.h"

#include "proto/base64url.h"

#include <openssl/hmac.h>
#include <stdio.h>
#include <time.h>

#define LIFE_S       86400
#define CLAIMS_BYTES 160
#define HASH_BYTES   32 /* of SHA-256 */

/* A UUID of version 4 as far as its form goes. */
static void
make_id(uint32_t run, unsigned number, struct uuid *id)
{
	static const struct uuid base = { "\0\0\0\0\xbe\xc4\x40\0\x80" };

	*id = base;
	for (unsigned i = 0; i < 4; i++) {
		id->bytes[i] = (uint8_t)(run >> (24 - 8 * i));
		id->bytes[12 + i] = (uint8_t)(number >> (24 - 8 * i));
	}
}

int
token_write(const char *secret, uint32_t run, unsigned number,
	    char into[TOKEN_BYTES])
{
	static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
	char claims[CLAIMS_BYTES], id[UUID_TEXT_BYTES];
	unsigned char hash[HASH_BYTES];
	struct uuid user;
	size_t n;

	make_id(run, number, &user);
	n = (size_t)snprintf(claims, sizeof claims,
			     "{\"sub\":\"%s\",\"username\":\"b%08x-%x\","
			     "\"exp\":%lld}",
			     uuid_format(&user, id), run, number,
			     (long long)time(NULL) + LIFE_S);
	base64url_encode(header, sizeof header - 1, into);
	strcat(into, ".");
	base64url_encode(claims, n, into + strlen(into));
	if (HMAC(EVP_sha256(), secret, (int)strlen(secret),
		 (unsigned char *)into, strlen(into), hash, NULL) == NULL)
		return -1;
	strcat(into, ".");
	base64url_encode(hash, sizeof hash, into + strlen(into));
	return 0;
}
