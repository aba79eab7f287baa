/* SPDX-License-Identifier: MIT */
/* tests/unit/client/handshake_test.c - is only that server believed which has
 * read our key and does what was asked?
 */
#include "tools/client/handshake.h"

#include "tests/unit/check.h"

/* The example of RFC 6455 1.3. */
static const struct handshake handshake = { "dGhlIHNhbXBsZSBub25jZQ==",
					    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" };
static const struct handshake_request request = { "example.org", "/ws?v=2",
						  "campfire", "secret" };

#define HEAD    "HTTP/1.1 101 Switching Protocols\r\n"
#define UPGRADE "Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
#define ACCEPT  "sec-websocket-accept:s3pPLMBiTxaQ9kYGzzhZRbK+xOo= \r\n"

static const struct {
	const char *name, *answer;
	enum handshake_verdict verdict;
	unsigned status, retry_after_s;
} cases[] = {
	{ "accepted", HEAD UPGRADE ACCEPT "\r\n", HANDSHAKE_DONE, 101, 0 },
	{ "frames behind it",
	  HEAD UPGRADE ACCEPT
	  "Sec-WebSocket-Protocol: campfire\r\n\r\n\x81\x01x",
	  HANDSHAKE_DONE, 101, 0 },
	{ "not whole yet", HEAD UPGRADE ACCEPT, HANDSHAKE_NEED_MORE, 0, 0 },
	{ "nothing yet", "", HANDSHAKE_NEED_MORE, 0, 0 },
	{ "half a word", "HTTP", HANDSHAKE_NEED_MORE, 0, 0 },
	{ "another protocol", "SSH-2.0", HANDSHAKE_BAD, 0, 0 },
	{ "no number", "HTTP/1.1 abc\r\n\r\n", HANDSHAKE_BAD, 0, 0 },
	{ "not our key",
	  HEAD UPGRADE
	  "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
	  HANDSHAKE_BAD, 101, 0 },
	{ "no key", HEAD UPGRADE "\r\n", HANDSHAKE_BAD, 101, 0 },
	{ "no upgrade", HEAD ACCEPT "Connection: Upgrade\r\n\r\n",
	  HANDSHAKE_BAD, 101, 0 },
	{ "no connection", HEAD ACCEPT "Upgrade: websocket\r\n\r\n",
	  HANDSHAKE_BAD, 101, 0 },
	{ "an extension",
	  HEAD UPGRADE ACCEPT "Sec-WebSocket-Extensions: x\r\n\r\n",
	  HANDSHAKE_BAD, 101, 0 },
	{ "another subprotocol",
	  HEAD UPGRADE ACCEPT "Sec-WebSocket-Protocol: hub\r\n\r\n",
	  HANDSHAKE_BAD, 101, 0 },
	{ "refused", "HTTP/1.1 401 Unauthorized\r\n\r\n{}", HANDSHAKE_REFUSED,
	  401, 0 },
	{ "busy", "HTTP/1.1 503\r\nRetry-After: 7\r\n\r\n", HANDSHAKE_REFUSED,
	  503, 7 },
	{ "busy until a date",
	  "HTTP/1.1 503 x\r\nRetry-After: Fri, 31 Dec\r\n\r\n",
	  HANDSHAKE_REFUSED, 503, 0 },
};

static void
answers_are_judged(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct handshake_answer answer;

		printf("# %s\n", cases[i].name);
		CHECK_INT(handshake_read(&handshake, &request,
					 slice_of(cases[i].answer), &answer),
			  cases[i].verdict);
		CHECK_INT(answer.status, cases[i].status);
		CHECK_INT(answer.retry_after_s, cases[i].retry_after_s);
		if (cases[i].verdict == HANDSHAKE_BAD)
			CHECK(answer.why != NULL);
		if (cases[i].verdict == HANDSHAKE_DONE)
			CHECK_STR(strstr(cases[i].answer, "\r\n\r\n") + 4,
				  cases[i].answer + answer.used);
	}
}

static void
endless_head_is_given_up(void)
{
	static char head[HANDSHAKE_HEAD_MAX];
	struct handshake_answer answer;

	memset(head, 'x', sizeof head);
	memcpy(head, "HTTP/1.1 ", 9);
	CHECK_INT(handshake_read(&handshake, &request,
				 (struct slice){ head, sizeof head - 1 },
				 &answer),
		  HANDSHAKE_NEED_MORE);
	CHECK_INT(handshake_read(&handshake, &request,
				 (struct slice){ head, sizeof head }, &answer),
		  HANDSHAKE_BAD);
}

static void
request_says_all_that_is_needed(void)
{
	struct buffer out = { 0 };

	CHECK_INT(handshake_write(&handshake, &request, &out), 0);
	CHECK_INT(buffer_append(&out, "", 1), 0);
	CHECK_STR((char *)out.bytes,
		  "GET /ws?v=2 HTTP/1.1\r\nHost: example.org\r\n"
		  "Upgrade: websocket\r\nConnection: Upgrade\r\n"
		  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		  "Sec-WebSocket-Version: 13\r\n"
		  "User-Agent: parley/" PARLEY_VERSION "\r\n"
		  "Sec-WebSocket-Protocol: campfire\r\n"
		  "Authorization: Bearer secret\r\n\r\n");
	buffer_fini(&out);
}

static void
no_field_brings_another_line(void)
{
	struct handshake_request bad = request;
	struct buffer out = { 0 };

	bad.token = "a\r\nCookie: b";
	CHECK_INT(handshake_write(&handshake, &bad, &out), -1);
	CHECK_INT(out.n, 0);
	buffer_fini(&out);
}

static void
each_connection_has_its_key(void)
{
	struct handshake a, b;

	CHECK_INT(handshake_begin(&a), 0);
	CHECK_INT(handshake_begin(&b), 0);
	CHECK(strcmp(a.key, b.key) != 0);
	CHECK(strcmp(a.accept, b.accept) != 0);
	CHECK_INT(strlen(a.key), HANDSHAKE_KEY_BYTES);
	CHECK_INT(strlen(a.accept), 28);
}

int
main(void)
{
	RUN(answers_are_judged);
	RUN(endless_head_is_given_up);
	RUN(request_says_all_that_is_needed);
	RUN(no_field_brings_another_line);
	RUN(each_connection_has_its_key);
	return check_done();
}
