/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/websocket_handshake_test.c - are upgrades judged as
 * RFC 6455 4.2 says, and is the key answered?
 */
#include "gateway/websocket.h"

#include "tests/unit/check.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The key is the example of RFC 6455 1.3. */
static void
accept_key_is_that_of_the_rfc(void)
{
	static const char *const bad[] = {
		"", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQAA",
		"dGhlIHNhbXBsZ!Bub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ==="
	};
	const char *key = "dGhlIHNhbXBsZSBub25jZQ==";
	char out[WEBSOCKET_ACCEPT_KEY_BYTES + 1];

	CHECK_INT(websocket_accept_key((struct slice){ key, 24 }, out), 0);
	CHECK_STR(out, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	for (size_t i = 0; i < COUNT(bad); i++)
		CHECK_INT(websocket_accept_key(
			      (struct slice){ bad[i], strlen(bad[i]) }, out),
			  -1);
}

static int
judge_upgrade(const char *method, const char *fields)
{
	static struct http_request r;
	struct http_scan scan = { 0 };
	struct slice key = { 0 };
	char head[1024];
	int n = snprintf(head, sizeof(head),
			 "%s / HTTP/1.1\r\nHost: a\r\n%s\r\n", method, fields);

	CHECK_INT(http_parse_head(&scan, &r, head, (size_t)n), HTTP_DONE);
	return websocket_check_upgrade(&r, &key);
}

#define UPGRADE    "Connection: Upgrade\r\nUpgrade: websocket\r\n"
#define VERSION_13 "Sec-WebSocket-Version: 13\r\n"
#define KEY        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define OFFER      UPGRADE VERSION_13 KEY

#define PROTOCOL(value)  "Sec-WebSocket-Protocol: " value "\r\n"
#define EXTENSION(value) "Sec-WebSocket-Extensions: " value "\r\n"

static void
upgrades_are_judged(void)
{
	static const struct {
		int status;
		const char *method;
		const char *fields;
	} cases[] = {
		{ 101, "GET", UPGRADE VERSION_13 KEY },
		{ 405, "POST", UPGRADE VERSION_13 KEY },
		{ 426, "GET", VERSION_13 KEY },
		{ 426, "GET", "Upgrade: websocket\r\n" VERSION_13 KEY },
		{ 426, "GET", "Connection: upgrade\r\n" VERSION_13 KEY },
		{ 426, "GET", UPGRADE KEY "Sec-WebSocket-Version: 8\r\n" },
		{ 426, "GET", UPGRADE KEY "Sec-WebSocket-Version: 13, 8\r\n" },
		{ 426, "GET", UPGRADE KEY "Sec-WebSocket-Version: 013\r\n" },
		{ 426, "GET", UPGRADE KEY },
		{ 400, "GET", UPGRADE VERSION_13 VERSION_13 KEY },
		{ 400, "GET", UPGRADE VERSION_13 },
		{ 400, "GET", UPGRADE VERSION_13 KEY KEY },
		{ 400, "GET", UPGRADE VERSION_13 "Sec-WebSocket-Key: a\r\n" },
		{ 400, "GET", UPGRADE VERSION_13 KEY "Content-Length: 1\r\n" },
		{ 101, "GET", OFFER PROTOCOL("a,, b") PROTOCOL("hub.v1") },
		{ 400, "GET", OFFER PROTOCOL("") },
		{ 400, "GET", OFFER PROTOCOL(" , ") },
		{ 400, "GET", OFFER PROTOCOL("a, b c") },
		{ 400, "GET", OFFER PROTOCOL("a") PROTOCOL("b/c") },
		{ 101, "GET", OFFER EXTENSION("a") EXTENSION("b;c, d") },
		{ 101, "GET", OFFER EXTENSION("a ; b = 10; c=\"x\\y\" ;d") },
		{ 400, "GET", OFFER EXTENSION("") },
		{ 400, "GET", OFFER EXTENSION("a;") },
		{ 400, "GET", OFFER EXTENSION(";a") },
		{ 400, "GET", OFFER EXTENSION("a b") },
		{ 400, "GET", OFFER EXTENSION("a; =b") },
		{ 400, "GET", OFFER EXTENSION("a; b=") },
		{ 400, "GET", OFFER EXTENSION("a; b=\"\"") },
		{ 400, "GET", OFFER EXTENSION("a; b=\"c d\"") },
		{ 400, "GET", OFFER EXTENSION("a; b=\"c\\\"") },
		{ 400, "GET", OFFER EXTENSION("a; b=\"c") },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		CHECK_INT(judge_upgrade(cases[i].method, cases[i].fields),
			  cases[i].status);
}

int
main(void)
{
	RUN(accept_key_is_that_of_the_rfc);
	RUN(upgrades_are_judged);
	return check_done();
}
