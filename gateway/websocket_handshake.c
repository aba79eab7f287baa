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

/* RFC 6455 4.2.2, 4.4: whoever speaks another version is told ours by 426. To
 * name none is to speak another one, since the drafts before version 4 had no
 * such field; 4.2.1 leaves the code open. To name two is malformed (11.3.5). */
static int
check_version(const struct http_request *request)
{
	const struct slice *version =
	    http_find(request, "Sec-WebSocket-Version");

	if (http_count(request, "Sec-WebSocket-Version") > 1)
		return 400;
	return version != NULL && slice_is(*version, "13") ? 101 : 426;
}

static bool
are_protocols(const struct http_request *request)
{
	struct http_list list = http_list(request, "Sec-WebSocket-Protocol");
	struct slice item;
	size_t items = 0;

	for (; http_list_next(&list, &item); items++) {
		if (!http_is_token(item))
			return false;
	}
	return items > 0 || http_count(request, "Sec-WebSocket-Protocol") == 0;
}

/* A token, or one in quotation marks (RFC 6455 9.1). */
static bool
is_parameter_value(struct slice value)
{
	if (value.n < 3 || value.at[0] != '"' || value.at[value.n - 1] != '"')
		return http_is_token(value);
	for (size_t i = 1; i + 1 < value.n; i++) {
		if (value.at[i] == '\\')
			i++;
		if (i + 1 == value.n || !http_is_token_char(value.at[i]))
			return false;
	}
	return true;
}

static bool
is_parameter(struct slice parameter)
{
	const char *equals = memchr(parameter.at, '=', parameter.n);
	size_t n;

	if (equals == NULL)
		return http_is_token(slice_trim(parameter));
	n = (size_t)(equals - parameter.at);
	return http_is_token(slice_trim((struct slice){ parameter.at, n })) &&
	       is_parameter_value(slice_trim(
		   (struct slice){ equals + 1, parameter.n - n - 1 }));
}

/* A name, and parameters behind semicolons. No token has a semicolon in it, so
 * none stands in quotation marks either. */
static bool
is_extension(struct slice extension)
{
	bool is_name = true;

	for (;;) {
		const char *end = memchr(extension.at, ';', extension.n);
		size_t n =
		    end != NULL ? (size_t)(end - extension.at) : extension.n;
		struct slice part = { extension.at, n };

		if (is_name ? !http_is_token(slice_trim(part))
			    : !is_parameter(part))
			return false;
		if (end == NULL)
			return true;
		is_name = false;
		extension.at = end + 1;
		extension.n -= n + 1;
	}
}

static bool
are_extensions(const struct http_request *request)
{
	struct http_list list = http_list(request, "Sec-WebSocket-Extensions");
	struct slice item;
	size_t items = 0;

	for (; http_list_next(&list, &item); items++) {
		if (!is_extension(item))
			return false;
	}
	return items > 0 ||
	       http_count(request, "Sec-WebSocket-Extensions") == 0;
}

int
websocket_check_upgrade(const struct http_request *request, struct slice *key)
{
	const struct slice *sent = http_find(request, "Sec-WebSocket-Key");
	int status = check_version(request);

	if (!request->upgrade_websocket)
		return 426;
	if (!slice_is(request->method, "GET"))
		return 405;
	if (request->chunked || request->content_length > 0)
		return 400;
	if (status != 101)
		return status;
	if (http_count(request, "Sec-WebSocket-Key") != 1 || !is_key(*sent))
		return 400;
	if (!are_protocols(request) || !are_extensions(request))
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
