/* SPDX-License-Identifier: MIT */
/* gateway/websocket_handshake.c - judges and answers a request to upgrade.
 *
 * What RFC 6455 4.2 asks of the request's head, and the key that proves to the
 * client that a WebSocket server read it.
 */
#include "gateway/websocket.h"

#include <openssl/evp.h>
#include <string.h>

#define KEY_BYTES 24

/* RFC 6455 1.3. */
static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

static bool
is_base64_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/* 16 bytes are 22 characters of base64 and two of padding. */
static bool
is_key(struct slice key)
{
	if (key.n != KEY_BYTES || memcmp(key.at + 22, "==", 2) != 0)
		return false;
	for (size_t i = 0; i < 22; i++) {
		if (!is_base64_char(key.at[i]))
			return false;
	}
	return true;
}

int
websocket_check_upgrade(const struct http_request *request, struct slice *key)
{
	const struct slice *sent = http_find(request, "Sec-WebSocket-Key");
	const struct slice *version =
	    http_find(request, "Sec-WebSocket-Version");

	if (!request->upgrade_websocket)
		return 426;
	if (!slice_is(request->method, "GET"))
		return 405;
	if (request->chunked || request->content_length > 0)
		return 400;
	if (http_count(request, "Sec-WebSocket-Version") != 1)
		return 400;
	if (!slice_is(*version, "13"))
		return 426;
	if (http_count(request, "Sec-WebSocket-Key") != 1 || !is_key(*sent))
		return 400;
	*key = *sent;
	return 101;
}

int
websocket_accept_key(struct slice key, char out[WEBSOCKET_ACCEPT_KEY_BYTES + 1])
{
	char both[KEY_BYTES + sizeof(guid) - 1];
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned digest_bytes = 0;

	if (!is_key(key))
		return -1;
	memcpy(both, key.at, KEY_BYTES);
	memcpy(both + KEY_BYTES, guid, sizeof(guid) - 1);
	if (EVP_Digest(both, sizeof(both), digest, &digest_bytes, EVP_sha1(),
		       NULL) != 1)
		return -1;
	EVP_EncodeBlock((unsigned char *)out, digest, (int)digest_bytes);
	return 0;
}
