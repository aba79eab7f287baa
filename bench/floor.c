/* SPDX-License-Identifier: MIT */
/* bench/floor.c - the least that a chat server can cost: the sends alone.
 *
 * One process takes WebSocket connections, and what a member of the room that
 * the path names says, it writes to all members of that room, the sender too:
 * one send() a member for each message, or for as many as --coalesce says.
 * Nothing else is done that a server might do. It is what the CPU time of a
 * delivery is compared with.
 */
#include "gateway/http.h"
#include "gateway/websocket.h"
#include "proto/buffer.h"
#include "proto/clock.h"
#include "proto/program.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uthash.h>

#define EVENTS_MAX  256
#define BACKLOG     4096
#define INPUT_BYTES (64u * 1024)
#define FRAME_MAX   (64u * 1024)   /* of payload */
#define OUT_MAX     (1024u * 1024) /* who takes less is hung up on */

struct room {
	UT_hash_handle hh;
	struct member **members;
	size_t n, space;
	struct buffer said; /* frames that are not yet sent to the members */
	unsigned long messages; /* of them */
	uint64_t since_us;
	char name[];
};

struct member {
	int fd;
	struct room *room; /* NULL until upgraded */
	size_t place;      /* in the room */
	struct http_scan scan;
	struct buffer in;  /* received in part */
	struct buffer out; /* could not be written yet */
};

static struct {
	int epoll;
	int listener;
	bool is_deaf; /* no descriptors are left: the listener waits */
	struct room *rooms;
	unsigned long coalesce;
	unsigned long hold_ms;
	uint64_t flush_us; /* when rooms are next looked at for the held */
} bare;

static const char *port, *coalesce, *hold;

static const struct option_row options[] = {
	{ "port", &port, "0", "on 127.0.0.1; which it became is printed" },
	{ "coalesce", &coalesce, "1", "messages of a room in one send" },
	{ "hold", &hold, "1000", "ms that a message waits for others at most" },
	{ 0 },
};

static int
fail(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	return -1;
}

static int
watch(int operation, int fd, uint32_t events, void *self)
{
	struct epoll_event event = { .events = events, .data.ptr = self };

	return epoll_ctl(bare.epoll, operation, fd, &event);
}

/* --- Rooms */

static struct room *
get_room(struct slice name)
{
	struct room *room;

	HASH_FIND(hh, bare.rooms, name.at, name.n, room);
	if (room != NULL)
		return room;
	room = calloc(1, sizeof *room + name.n);
	if (room == NULL)
		return NULL;
	memcpy(room->name, name.at, name.n);
	HASH_ADD_KEYPTR(hh, bare.rooms, room->name, name.n, room);
	return room;
}

static void
free_if_empty(struct room *room)
{
	if (room->n > 0)
		return;
	HASH_DEL(bare.rooms, room);
	free(room->members);
	buffer_fini(&room->said);
	free(room);
}

static int
make_place(struct room *room)
{
	size_t space = room->space == 0 ? 2 : 2 * room->space;
	struct member **grown;

	if (room->n < room->space)
		return 0;
	grown = realloc(room->members, space * sizeof(*grown));
	if (grown == NULL)
		return -1;
	room->members = grown;
	room->space = space;
	return 0;
}

static int
enter(struct member *member, struct slice name)
{
	struct room *room = get_room(name);

	if (room == NULL)
		return -1;
	if (make_place(room) != 0) {
		free_if_empty(room);
		return -1;
	}
	member->room = room;
	member->place = room->n;
	room->members[room->n++] = member;
	return 0;
}

static void
leave(struct member *member)
{
	struct room *room = member->room;
	struct member *last;

	if (room == NULL)
		return;
	last = room->members[--room->n];
	room->members[member->place] = last;
	last->place = member->place;
	free_if_empty(room);
}

/* --- Out */

/* The end is heard as an event of its own, so that nobody leaves a room that
 * is walked through. */
static void
hang_up(struct member *member)
{
	buffer_fini(&member->out);
	shutdown(member->fd, SHUT_RDWR);
}

static void
keep(struct member *member, const uint8_t *bytes, size_t n)
{
	bool is_first = member->out.n == 0;

	if (member->out.n + n > OUT_MAX ||
	    buffer_append(&member->out, bytes, n) != 0 ||
	    (is_first &&
	     watch(EPOLL_CTL_MOD, member->fd, EPOLLIN | EPOLLOUT, member) != 0))
		hang_up(member);
}

static void
write_to(struct member *member, const void *bytes, size_t n)
{
	ssize_t sent = 0;

	if (member->out.n == 0)
		sent = send(member->fd, bytes, n, MSG_NOSIGNAL);
	if (sent < 0 && errno == EAGAIN)
		sent = 0;
	if (sent < 0)
		hang_up(member);
	else if ((size_t)sent < n)
		keep(member, (const uint8_t *)bytes + sent, n - (size_t)sent);
}

static void
write_kept(struct member *member)
{
	ssize_t sent =
	    send(member->fd, member->out.bytes, member->out.n, MSG_NOSIGNAL);

	if (sent < 0 && errno != EAGAIN) {
		hang_up(member);
		return;
	}
	if (sent > 0)
		buffer_consume(&member->out, (size_t)sent);
	if (member->out.n > 0)
		return;
	buffer_fini(&member->out);
	if (watch(EPOLL_CTL_MOD, member->fd, EPOLLIN, member) != 0)
		hang_up(member);
}

static void
flush(struct room *room)
{
	for (size_t i = 0; i < room->n; i++)
		write_to(room->members[i], room->said.bytes, room->said.n);
	buffer_clear(&room->said);
	room->messages = 0;
}

/* What never became as many as it should is sent all the same. */
static void
flush_held(uint64_t now_us)
{
	uint64_t hold_us = bare.hold_ms * 1000;
	struct room *room, *next;

	if (now_us < bare.flush_us)
		return;
	bare.flush_us = now_us + hold_us / 4;
	HASH_ITER (hh, bare.rooms, room, next) {
		if (room->messages > 0 && now_us - room->since_us >= hold_us)
			flush(room);
	}
}

/* --- In */

static int
say(struct room *room, const uint8_t *payload, size_t n,
    enum websocket_opcode opcode)
{
	uint8_t header[WEBSOCKET_HEADER_MAX];
	size_t header_bytes = websocket_frame_header(header, opcode, n);

	if (buffer_append(&room->said, header, header_bytes) != 0 ||
	    buffer_append(&room->said, payload, n) != 0)
		return -1;
	if (room->messages++ == 0 && bare.coalesce > 1)
		room->since_us = clock_us();
	if (room->messages >= bare.coalesce)
		flush(room);
	return 0;
}

static void
answer(struct member *member, enum websocket_opcode opcode,
       const uint8_t *payload, size_t n)
{
	uint8_t frame[WEBSOCKET_HEADER_MAX + WEBSOCKET_CONTROL_MAX];
	size_t header_bytes = websocket_frame_header(frame, opcode, n);

	memcpy(frame + header_bytes, payload, n);
	write_to(member, frame, header_bytes + n);
}

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
		return head->is_whole ? say(member->room, at, n, head->opcode)
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

/* As hear_frames(), for a request (RFC 6455 4.2). */
static ssize_t
hear_request(struct member *member, const uint8_t *at, size_t n)
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
	    enter(member, request.raw_path) != 0)
		return -1;
	snprintf(text, sizeof text,
		 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		 "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		 accept);
	write_to(member, text, strlen(text));
	return (ssize_t)request.head_bytes;
}

/* As hear_frames(), for whatever comes next. */
static ssize_t
hear(struct member *member, uint8_t *at, size_t n)
{
	ssize_t head = 0, frames = 0;

	if (member->room == NULL)
		head = hear_request(member, at, n);
	if (head >= 0 && member->room != NULL)
		frames = hear_frames(member, at + head, n - (size_t)head);
	return head < 0 || frames < 0 ? -1 : head + frames;
}

/* 0, or -1 where it is over. */
static int
hear_new(struct member *member, uint8_t *at, size_t n)
{
	ssize_t used;

	if (member->in.n > 0) {
		if (buffer_append(&member->in, at, n) != 0)
			return -1;
		at = member->in.bytes;
		n = member->in.n;
	}
	used = hear(member, at, n);
	if (used < 0)
		return -1;
	if (member->in.n == 0)
		return buffer_append(&member->in, at + used, n - (size_t)used);
	buffer_consume(&member->in, (size_t)used);
	if (member->in.n == 0)
		buffer_fini(&member->in);
	return 0;
}

/* --- Connections */

static void
drop(struct member *member)
{
	close(member->fd);
	leave(member);
	buffer_fini(&member->in);
	buffer_fini(&member->out);
	free(member);
	if (bare.is_deaf)
		bare.is_deaf =
		    watch(EPOLL_CTL_ADD, bare.listener, EPOLLIN, NULL) != 0;
}

static void
on_member(struct member *member, uint32_t events)
{
	static uint8_t input[INPUT_BYTES];
	ssize_t n;

	if ((events & EPOLLOUT) != 0 && member->out.n > 0)
		write_kept(member);
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0)
		return;
	n = recv(member->fd, input, sizeof input, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || hear_new(member, input, (size_t)n) != 0)
		drop(member);
}

static int
admit(int fd)
{
	struct member *member = calloc(1, sizeof(*member));
	int yes = 1;

	if (member == NULL)
		return -1;
	member->fd = fd;
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) == 0 &&
	    watch(EPOLL_CTL_ADD, fd, EPOLLIN, member) == 0)
		return 0;
	free(member);
	return -1;
}

/* Those who find no descriptor wait in the backlog until somebody has left. */
static void
on_listener(void)
{
	int fd;

	while ((fd = accept4(bare.listener, NULL, NULL,
			     SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
		if (admit(fd) != 0)
			close(fd);
	if (errno == EMFILE || errno == ENFILE)
		bare.is_deaf =
		    watch(EPOLL_CTL_DEL, bare.listener, 0, NULL) == 0;
}

static int
listen_on(unsigned long number)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)number),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t n = sizeof address;
	int yes = 1;

	bare.epoll = epoll_create1(EPOLL_CLOEXEC);
	bare.listener =
	    socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (bare.epoll < 0 || bare.listener < 0 ||
	    setsockopt(bare.listener, SOL_SOCKET, SO_REUSEADDR, &yes,
		       sizeof yes) != 0 ||
	    bind(bare.listener, (struct sockaddr *)&address, n) != 0 ||
	    listen(bare.listener, BACKLOG) != 0 ||
	    getsockname(bare.listener, (struct sockaddr *)&address, &n) != 0 ||
	    watch(EPOLL_CTL_ADD, bare.listener, EPOLLIN, NULL) != 0)
		return fail("cannot listen");
	printf("127.0.0.1:%u\n", ntohs(address.sin_port));
	return fflush(stdout) == 0 ? 0 : fail("cannot print the port");
}

static int
serve(void)
{
	struct epoll_event events[EVENTS_MAX];
	int wait_ms = bare.coalesce > 1 ? (int)bare.hold_ms / 4 + 1 : -1;

	for (;;) {
		int n = epoll_wait(bare.epoll, events, EVENTS_MAX, wait_ms);

		if (n < 0 && errno != EINTR)
			return fail("cannot wait");
		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr == NULL)
				on_listener();
			else
				on_member(events[i].data.ptr, events[i].events);
		}
		if (bare.coalesce > 1)
			flush_held(clock_us());
	}
}

int
main(int argc, char **argv)
{
	static const struct option_row *const tables[] = { options, NULL };
	static const struct program program = {
		"floor", "the bare floor: a chat that is nothing but sends",
		NULL, tables
	};
	unsigned long number;
	int status = program_begin(&program, argc, argv, NULL);

	if (status >= 0)
		return status;
	if (!option_number(port, 0, 65535, &number) ||
	    !option_number(coalesce, 1, 10000, &bare.coalesce) ||
	    !option_number(hold, 1, 60000, &bare.hold_ms)) {
		fprintf(stderr, "floor: wrong usage; try --help\n");
		return 2;
	}
	return listen_on(number) != 0 || serve() != 0;
}
