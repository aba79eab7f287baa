/* SPDX-License-Identifier: MIT */
/* tools/client/handshake.c - the client's side of the upgrade. */
#include "tools/client/handshake.h"

#include "proto/uuid.h"

#include <errno.h>
#include <openssl/evp.h>

/* RFC 6455 1.3. */
static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/* The fields of an answer that are judged. */
struct fields {
	struct slice upgrade, connection, accept, protocol, extensions,
	    retry_after;
};

int
handshake_begin(struct handshake *handshake)
{
	unsigned char nonce[16], digest[EVP_MAX_MD_SIZE];
	char both[HANDSHAKE_KEY_BYTES + sizeof guid];
	unsigned digest_bytes = 0;

	random_bytes(nonce, sizeof nonce);
	EVP_EncodeBlock((unsigned char *)handshake->key, nonce, sizeof nonce);
	snprintf(both, sizeof both, "%s%s", handshake->key, guid);
	if (EVP_Digest(both, sizeof both - 1, digest, &digest_bytes, EVP_sha1(),
		       NULL) != 1)
		return -1;
	EVP_EncodeBlock((unsigned char *)handshake->accept, digest,
			(int)digest_bytes);
	return 0;
}

static bool
is_line(const char *text)
{
	return text == NULL || strpbrk(text, "\r\n") == NULL;
}

int
handshake_write(const struct handshake *handshake,
		const struct handshake_request *request, struct buffer *out)
{
	const char *protocol = request->protocol, *token = request->token;

	if (!is_line(request->host) || !is_line(request->target) ||
	    !is_line(protocol) || !is_line(token)) {
		errno = EINVAL;
		return -1;
	}
	return buffer_printf(
	    out,
	    "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Key: %s\r\n"
	    "Sec-WebSocket-Version: 13\r\nUser-Agent: parley/" PARLEY_VERSION
	    "\r\n%s%s%s%s%s%s\r\n",
	    request->target, request->host, handshake->key,
	    protocol != NULL ? "Sec-WebSocket-Protocol: " : "",
	    protocol != NULL ? protocol : "", protocol != NULL ? "\r\n" : "",
	    token != NULL ? "Authorization: Bearer " : "",
	    token != NULL ? token : "", token != NULL ? "\r\n" : "");
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct slice
trim(struct slice s)
{
	for (; s.n > 0 && is_blank(s.at[0]); s.at++)
		s.n--;
	while (s.n > 0 && is_blank(s.at[s.n - 1]))
		s.n--;
	return s;
}

/* Takes the line at the front of `head`, which ends with CR LF. */
static struct slice
take_line(struct slice *head)
{
	const char *end = memmem(head->at, head->n, "\r\n", 2);
	size_t n = end != NULL ? (size_t)(end - head->at) : head->n;
	struct slice line = { head->at, n };

	n += end != NULL ? 2 : 0;
	head->at += n;
	head->n -= n;
	return line;
}

/* Whether `word` is one of the list of words. */
static bool
has_word(struct slice list, const char *word)
{
	while (list.n > 0) {
		const char *comma = memchr(list.at, ',', list.n);
		size_t n = comma != NULL ? (size_t)(comma - list.at) : list.n;

		if (slice_is_nocase(trim((struct slice){ list.at, n }), word))
			return true;
		n += comma != NULL;
		list.at += n;
		list.n -= n;
	}
	return false;
}

static void
note_field(struct fields *fields, struct slice name, struct slice value)
{
	const struct {
		const char *name;
		struct slice *into;
	} known[] = {
		{ "Upgrade", &fields->upgrade },
		{ "Connection", &fields->connection },
		{ "Sec-WebSocket-Accept", &fields->accept },
		{ "Sec-WebSocket-Protocol", &fields->protocol },
		{ "Sec-WebSocket-Extensions", &fields->extensions },
		{ "Retry-After", &fields->retry_after },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (slice_is_nocase(name, known[i].name))
			*known[i].into = value;
}

static void
read_fields(struct fields *fields, struct slice head)
{
	while (head.n > 0) {
		struct slice line = take_line(&head);
		const char *colon = memchr(line.at, ':', line.n);
		size_t n = colon != NULL ? (size_t)(colon - line.at) : 0;

		if (colon != NULL)
			note_field(
			    fields, (struct slice){ line.at, n },
			    trim((struct slice){ colon + 1, line.n - n - 1 }));
	}
}

static unsigned
number_of(struct slice text, unsigned max)
{
	unsigned number = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return 0;
		number = number * 10 + (unsigned)(text.at[i] - '0');
		if (number > max)
			return max;
	}
	return number;
}

/* 0 if it is no line of HTTP/1.1. */
static unsigned
status_of(struct slice line)
{
	if (line.n < 12 || memcmp(line.at, "HTTP/1.1 ", 9) != 0 ||
	    (line.n > 12 && line.at[12] != ' '))
		return 0;
	return number_of((struct slice){ line.at + 9, 3 }, 999);
}

/* RFC 6455 4.1, what a client must look for; NULL if all is well. */
static const char *
find_wrong(const struct handshake *handshake,
	   const struct handshake_request *request, const struct fields *f)
{
	if (!slice_is_nocase(f->upgrade, "websocket") ||
	    !has_word(f->connection, "upgrade"))
		return "the server upgrades to something else";
	if (!slice_is(f->accept, handshake->accept))
		return "the server has not read our key";
	if (f->extensions.n > 0)
		return "the server uses an extension that nobody asked for";
	if (f->protocol.n > 0 && (request->protocol == NULL ||
				  !slice_is(f->protocol, request->protocol)))
		return "the server speaks another subprotocol";
	return NULL;
}

enum handshake_verdict
handshake_read(const struct handshake *handshake,
	       const struct handshake_request *request, struct slice bytes,
	       struct handshake_answer *answer)
{
	const char *end = memmem(bytes.at, bytes.n, "\r\n\r\n", 4);
	struct fields fields = { 0 };
	struct slice head;

	*answer = (struct handshake_answer){ .why = "this is no HTTP server" };
	if (bytes.n > 0 &&
	    memcmp(bytes.at, "HTTP/1.1 ", bytes.n < 9 ? bytes.n : 9) != 0)
		return HANDSHAKE_BAD;
	if (end == NULL)
		return bytes.n < HANDSHAKE_HEAD_MAX ? HANDSHAKE_NEED_MORE
						    : HANDSHAKE_BAD;
	head = (struct slice){ bytes.at, (size_t)(end - bytes.at) + 2 };
	answer->used = head.n + 2;
	answer->status = status_of(take_line(&head));
	if (answer->status == 0)
		return HANDSHAKE_BAD;
	read_fields(&fields, head);
	answer->retry_after_s = number_of(fields.retry_after, 3600);
	if (answer->status != 101)
		return HANDSHAKE_REFUSED;
	answer->why = find_wrong(handshake, request, &fields);
	return answer->why == NULL ? HANDSHAKE_DONE : HANDSHAKE_BAD;
}
