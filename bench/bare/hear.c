/* SPDX-License-Identifier: MIT */
/* bench/bare/hear.c - see hear.h. */
#include "bench/bare/hear.h"

#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#define FRAME_MAX (64u * 1024) /* of payload */

static void
answer(struct member *member, enum websocket_opcode opcode,
       const uint8_t *payload, size_t n)
{
	uint8_t frame[WEBSOCKET_HEADER_MAX + WEBSOCKET_CONTROL_MAX];
	size_t header_bytes = websocket_frame_header(frame, opcode, n);

	memcpy(frame + header_bytes, payload, n);
	member_write(member, frame, header_bytes + n);
}

/* --- Frames */

struct frame_head {
	bool is_whole; /* FIN */
	bool is_masked;
	enum websocket_opcode opcode;
	size_t bytes; /* of the header, the mask with it */
	uint64_t n;   /* of the payload */
};

/* RFC 6455 5.2. False if it is not all there. */
static bool
read_head(const uint8_t *at, size_t n, struct frame_head *head)
{
	size_t extended;

	if (n < 2)
		return false;
	*head = (struct frame_head){
		.is_whole = (at[0] & 0x80) != 0,
		.is_masked = (at[1] & 0x80) != 0,
		.opcode = (enum websocket_opcode)(at[0] & 0x0f),
		.n = at[1] & 0x7f,
	};
	extended = head->n == 127 ? 8 : head->n == 126 ? 2 : 0;
	head->bytes = 2 + extended + (head->is_masked ? 4 : 0);
	if (n < head->bytes)
		return false;
	if (extended > 0)
		head->n = 0;
	for (size_t i = 0; i < extended; i++)
		head->n = head->n << 8 | at[2 + i];
	return true;
}

static void
unmask(uint8_t *payload, size_t n)
{
	const uint8_t *mask = payload - 4;

	for (size_t i = 0; i < n; i++)
		payload[i] ^= mask[i % 4];
}

/* 0, or -1 where it is to be hung up on: our clients send no fragments. */
static int
hear_frame(struct member *member, const struct frame_head *head, uint8_t *at)
{
	size_t n = (size_t)head->n;

	unmask(at, n);
	if (head->opcode == WEBSOCKET_OP_TEXT ||
	    head->opcode == WEBSOCKET_OP_BINARY)
		return head->is_whole
			   ? room_say(member->room, at, n, head->opcode)
			   : -1;
	if (n > WEBSOCKET_CONTROL_MAX)
		return -1;
	if (head->opcode == WEBSOCKET_OP_PING)
		answer(member, WEBSOCKET_OP_PONG, at, n);
	if (head->opcode == WEBSOCKET_OP_CLOSE)
		answer(member, WEBSOCKET_OP_CLOSE, at, n);
	return head->opcode == WEBSOCKET_OP_PING ||
		       head->opcode == WEBSOCKET_OP_PONG
		   ? 0
		   : -1;
}

/* Returns how many of the bytes were whole frames, or -1. */
static ssize_t
hear_frames(struct member *member, uint8_t *at, size_t n)
{
	struct frame_head head;
	size_t used = 0;

	while (read_head(at + used, n - used, &head)) {
		if (!head.is_masked || head.n > FRAME_MAX)
			return -1;
		if (head.n > n - used - head.bytes)
			break;
		if (hear_frame(member, &head, at + used + head.bytes) != 0)
			return -1;
		used += head.bytes + (size_t)head.n;
	}
	return (ssize_t)used;
}

/* --- Whatever comes */

/* As hear_frames(), for a request (RFC 6455 4.2). */
static ssize_t
hear_request(struct rooms *rooms, struct member *member, const uint8_t *at,
	     size_t n)
{
	char accept[WEBSOCKET_ACCEPT_KEY_BYTES + 1], text[200];
	struct http_request request;
	struct slice key;
	enum http_step step =
	    http_parse_head(&member->scan, &request, (const char *)at, n);

	if (step == HTTP_MORE)
		return 0;
	if (step != HTTP_DONE ||
	    websocket_check_upgrade(&request, &key) != 101 ||
	    websocket_accept_key(key, accept) != 0 ||
	    room_enter(rooms, member, request.raw_path) != 0)
		return -1;
	snprintf(text, sizeof text,
		 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		 "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		 accept);
	member_write(member, text, strlen(text));
	return (ssize_t)request.head_bytes;
}

/* As hear_frames(), for whatever comes next. */
static ssize_t
hear(struct rooms *rooms, struct member *member, uint8_t *at, size_t n)
{
	ssize_t head = 0, frames = 0;

	if (member->room == NULL)
		head = hear_request(rooms, member, at, n);
	if (head >= 0 && member->room != NULL)
		frames = hear_frames(member, at + head, n - (size_t)head);
	return head < 0 || frames < 0 ? -1 : head + frames;
}

int
hear_bytes(struct rooms *rooms, struct member *member, uint8_t *at, size_t n)
{
	ssize_t used;

	if (member->in.n > 0) {
		if (buffer_append(&member->in, at, n) != 0)
			return -1;
		at = member->in.bytes;
		n = member->in.n;
	}
	used = hear(rooms, member, at, n);
	if (used < 0)
		return -1;
	if (member->in.n == 0)
		return buffer_append(&member->in, at + used, n - (size_t)used);
	buffer_consume(&member->in, (size_t)used);
	if (member->in.n == 0)
		buffer_fini(&member->in);
	return 0;
}
