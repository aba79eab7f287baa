/* SPDX-License-Identifier: MIT */
/* tests/fuzz/gateway/rest_fuzz.c - any method, target and body as a request
 * with a token.
 *
 * The first line sets how the daemons answer, the second one is method and
 * target, the rest is the body. There is exactly one answer, as long as it says
 * it is; if it is JSON, it can be read.
 */
#include "tests/fuzz/gateway/conversation.h"

static void
ask(struct talker *t, struct slice target, struct slice body)
{
	struct buffer head = { 0 };

	must(buffer_printf(&head,
			   "%.*s HTTP/1.1\r\nHost: a\r\n"
			   "Authorization: Bearer a\r\nConnection: close\r\n"
			   "Content-Length: %zu\r\n\r\n",
			   (int)target.n, target.at, body.n) == 0);
	must(buffer_append(&head, body.at, body.n) == 0);
	client_says(t, head.bytes, head.n);
	buffer_fini(&head);
}

/* What stands behind `name` in the head, which ends by NUL; or NULL. */
static const char *
find_header(const char *head, const char *name)
{
	const char *at = strcasestr(head, name);

	return at == NULL ? NULL : at + strlen(name);
}

static void
judge_body(const char *head, struct slice body, bool is_head_request)
{
	const char *type = find_header(head, "\r\nContent-Type: ");
	const char *length = find_header(head, "\r\nContent-Length: ");

	must((length == NULL) == (type == NULL));
	must(is_head_request ||
	     body.n == (length == NULL ? 0 : strtoul(length, NULL, 10)));
	if (body.n > 0 && strncmp(type, "application/", 12) == 0 &&
	    strstr(type, "json") != NULL)
		judge_text(body.at, body.n);
}

static void
judge_answer(struct talker *t, bool is_head_request)
{
	char *end;
	size_t head;

	end = memmem(t->heard.bytes, t->heard.n, "\r\n\r\n", 4);
	must(end != NULL);
	head = (size_t)(end - (char *)t->heard.bytes) + 4;
	end[3] = '\0';
	must(strlen((char *)t->heard.bytes) == head - 1);
	judge_body((char *)t->heard.bytes,
		   (struct slice){ end + 4, t->heard.n - head },
		   is_head_request);
}

/* A target that is no request's is http_fuzz's. */
static bool
is_target(struct slice target)
{
	if (memchr(target.at, '\r', target.n) != NULL)
		return false;
	return target.n > 0;
}

static bool
is_head(struct slice target)
{
	return target.n > 4 && memcmp(target.at, "HEAD ", 5) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size, *stop = end_of_line(data, end);
	struct slice target;

	if (size == 0 || stop == end)
		return 0;
	conversation_begin();
	seed_dice(data, (size_t)(stop - data));
	manner = data[0] % MANNERS;
	data = stop + 1;
	stop = end_of_line(data, end);
	target = (struct slice){ (const char *)data, (size_t)(stop - data) };
	data = stop == end ? end : stop + 1;
	if (is_target(target)) {
		ask(&talkers[0], target,
		    (struct slice){ (const char *)data, (size_t)(end - data) });
		pass(3);
		judge_answer(&talkers[0], is_head(target));
	}
	conversation_end();
	return 0;
}
