/* SPDX-License-Identifier: MIT */
/* tests/fuzz/auth/jwt_fuzz.c - tokens as they come, and the same parts well
 * signed, so that what only a holder of the secret can reach is reached too.
 *
 * The input is a token; or, behind a first byte '!', header and payload as they
 * are before base64url, parted by a newline.
 */
#include "auth/jwt.h"
#include "proto/base64url.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#define NOW    1700000000
#define SECRET "a-secret-that-the-fuzzer-knows-of"

static struct secrets *secrets;

static void
check_read(struct slice token)
{
	struct jwt_claims claims;

	if (jwt_read(&claims, token, secrets, NOW) != JWT_GOOD)
		return;
	/* What is good names somebody, and has not expired. */
	if ((uuid_is_nil(&claims.user) && claims.user_number == 0) ||
	    claims.expires_at + JWT_LEEWAY_S < NOW ||
	    (claims.username[0] != '\0' &&
	     !name_is_valid(slice_of(claims.username))))
		abort();
}

static void
read_signed(struct slice input)
{
	static char token[JWT_BYTES_MAX * 2];
	const char *line = memchr(input.at, '\n', input.n);
	uint8_t mac[32];
	unsigned mac_n;
	size_t header_n, n;

	if (line == NULL || input.n > JWT_BYTES_MAX)
		return;
	header_n = (size_t)(line - input.at);
	base64url_encode(input.at, header_n, token);
	n = strlen(token);
	token[n++] = '.';
	base64url_encode(line + 1, input.n - header_n - 1, token + n);
	n += strlen(token + n);
	HMAC(EVP_sha256(), SECRET, sizeof SECRET - 1, (uint8_t *)token, n, mac,
	     &mac_n);
	token[n++] = '.';
	base64url_encode(mac, mac_n, token + n);
	check_read(slice_of(token));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = { (const char *)data, size };
	const char *wrong;

	if (secrets == NULL)
		secrets = secrets_parse(slice_of(SECRET), &wrong);
	if (secrets == NULL)
		abort();
	if (size > 0 && data[0] == '!')
		read_signed((struct slice){ input.at + 1, size - 1 });
	else
		check_read(input);
	return 0;
}
