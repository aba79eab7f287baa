/* SPDX-License-Identifier: MIT */
/* hooks/signature.c - see signature.h. */
#include "hooks/signature.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>

#define PREFIX     "whsec_"
#define PREFIX_N   (sizeof PREFIX - 1)
#define SHA256_N   32
#define BASE64_MAX ((SIGNING_KEY_MAX_BYTES + 2) / 3 * 4)

/* RFC 4648 4, padded, without line ends. */
static bool
is_base64(struct slice text)
{
	size_t padding = 0;

	if (text.n == 0 || text.n % 4 != 0)
		return false;
	while (padding < 2 && text.at[text.n - 1 - padding] == '=')
		padding++;
	for (size_t i = 0; i < text.n - padding; i++)
		if (strchr(
			"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			"0123456789+/",
			text.at[i]) == NULL ||
		    text.at[i] == '\0')
			return false;
	return true;
}

bool
signing_key_read(struct signing_key *key, struct slice secret)
{
	unsigned char decoded[BASE64_MAX / 4 * 3];
	struct slice text;
	size_t n;

	key->n = 0;
	if (secret.n <= PREFIX_N || memcmp(secret.at, PREFIX, PREFIX_N) != 0)
		return false;
	text = (struct slice){ secret.at + PREFIX_N, secret.n - PREFIX_N };
	if (text.n > BASE64_MAX || !is_base64(text))
		return false;
	if (EVP_DecodeBlock(decoded, (const unsigned char *)text.at,
			    (int)text.n) < 0)
		return false;
	n = text.n / 4 * 3;
	n -= text.at[text.n - 1] == '=';
	n -= text.at[text.n - 2] == '=';
	if (n >= SIGNING_KEY_MIN_BYTES && n <= SIGNING_KEY_MAX_BYTES) {
		memcpy(key->bytes, decoded, n);
		key->n = n;
	}
	OPENSSL_cleanse(decoded, sizeof decoded);
	return key->n > 0;
}

void
signing_key_fini(struct signing_key *key)
{
	OPENSSL_cleanse(key, sizeof *key);
}

static bool
mac(EVP_MAC_CTX *context, const struct signing_key *key, struct slice head,
    struct slice body, unsigned char into[SHA256_N])
{
	char digest[] = "SHA256";
	const OSSL_PARAM how[] = {
		OSSL_PARAM_construct_utf8_string("digest", digest, 0),
		OSSL_PARAM_construct_end(),
	};
	size_t n = 0;

	return EVP_MAC_init(context, key->bytes, key->n, how) == 1 &&
	       EVP_MAC_update(context, (const unsigned char *)head.at,
			      head.n) == 1 &&
	       EVP_MAC_update(context, (const unsigned char *)body.at,
			      body.n) == 1 &&
	       EVP_MAC_final(context, into, &n, SHA256_N) == 1 && n == SHA256_N;
}

bool
signature_make(const struct signing_key *key, struct slice id,
	       uint64_t timestamp_s, struct slice body,
	       char into[SIGNATURE_BYTES])
{
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *context = hmac == NULL ? NULL : EVP_MAC_CTX_new(hmac);
	unsigned char code[SHA256_N];
	char head[128];
	int n = snprintf(head, sizeof head, "%.*s.%" PRIu64 ".", (int)id.n,
			 id.at, timestamp_s);
	bool is_made =
	    context != NULL && n > 0 && (size_t)n < sizeof head &&
	    mac(context, key, (struct slice){ head, (size_t)n }, body, code);

	if (is_made) {
		memcpy(into, "v1,", 3);
		EVP_EncodeBlock((unsigned char *)into + 3, code, SHA256_N);
	}
	EVP_MAC_CTX_free(context);
	EVP_MAC_free(hmac);
	return is_made;
}
