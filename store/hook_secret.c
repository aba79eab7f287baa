/* SPDX-License-Identifier: MIT */
/* store/hook_secret.c - see hook_secret.h. */
#include "store/hook_secret.h"

#include "proto/uuid.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

static const char prefix[] = "whsec_";

#define PREFIX_BYTES (sizeof prefix - 1)
#define KEY_BYTES    32
#define KEY_MIN      24
#define KEY_MAX      64

/* Characters of base64 with padding (RFC 4648 4). */
#define CHARACTERS(n) (((n) + 2) / 3 * 4)

struct slice
hook_secret_make(char into[HOOK_SECRET_BYTES])
{
	unsigned char key[KEY_BYTES];

	random_bytes(key, sizeof key);
	memcpy(into, prefix, PREFIX_BYTES);
	EVP_EncodeBlock((unsigned char *)into + PREFIX_BYTES, key, sizeof key);
	OPENSSL_cleanse(key, sizeof key);
	return (struct slice){ into, HOOK_SECRET_BYTES - 1 };
}

/* Written again it must be the same: each key has one form. */
bool
hook_secret_is_good(struct slice secret)
{
	unsigned char key[CHARACTERS(KEY_MAX) / 4 * 3];
	unsigned char again[CHARACTERS(KEY_MAX) + 1];
	const char *text;
	size_t n;
	int bytes;
	bool good;

	if (secret.n < PREFIX_BYTES + CHARACTERS(KEY_MIN) ||
	    secret.n > PREFIX_BYTES + CHARACTERS(KEY_MAX) ||
	    memcmp(secret.at, prefix, PREFIX_BYTES) != 0)
		return false;
	text = secret.at + PREFIX_BYTES;
	n = secret.n - PREFIX_BYTES;
	if (n % 4 != 0)
		return false;
	bytes = EVP_DecodeBlock(key, (const unsigned char *)text, (int)n);
	if (bytes > 0)
		bytes -= (text[n - 1] == '=') + (text[n - 2] == '=');
	good = bytes >= KEY_MIN && bytes <= KEY_MAX &&
	       (size_t)EVP_EncodeBlock(again, key, bytes) == n &&
	       CRYPTO_memcmp(again, text, n) == 0;
	OPENSSL_cleanse(key, sizeof key);
	OPENSSL_cleanse(again, sizeof again);
	return good;
}
