/* SPDX-License-Identifier: MIT */
/* bench/floor.c - the least that a chat server can cost: the sends alone.
 *
 * One process takes WebSocket connections, and what a member of the room that
 * the path names says, it writes to all members of that room, the sender too:
 * one send() a member for each message, or for as many as --coalesce says.
 * Nothing else is done that a server might do. It is what the CPU time of a
 * delivery is compared with.
 */
#include "bench/bare/hear.h"
#include "bench/bare/member.h"
#include "bench/bare/room.h"
#include "proto/clock.h"
#include "proto/program.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_MAX  256
#define BACKLOG     4096
#define INPUT_BYTES (64u * 1024)

static struct {
	int epoll;
	int listener;
	bool is_deaf; /* no descriptors are left: the listener waits */
	struct rooms rooms;
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
watch_listener(int operation)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };

	return epoll_ctl(bare.epoll, operation, bare.listener, &event);
}

/* --- Connections */

static void
drop(struct member *member)
{
	room_leave(member);
	member_free(member);
	if (bare.is_deaf)
		bare.is_deaf = watch_listener(EPOLL_CTL_ADD) != 0;
}

static void
on_member(struct member *member, uint32_t events)
{
	static uint8_t input[INPUT_BYTES];
	ssize_t n;

	if ((events & EPOLLOUT) != 0 && member->out.n > 0)
		member_write_kept(member);
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0)
		return;
	n = recv(member->fd, input, sizeof input, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || hear_bytes(&bare.rooms, member, input, (size_t)n) != 0)
		drop(member);
}

/* Those who find no descriptor wait in the backlog until somebody has left. */
static void
on_listener(void)
{
	int fd;

	while ((fd = accept4(bare.listener, NULL, NULL,
			     SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
		if (member_new(bare.epoll, fd) == NULL)
			close(fd);
	if (errno == EMFILE || errno == ENFILE)
		bare.is_deaf = watch_listener(EPOLL_CTL_DEL) == 0;
}

/* --- Start */

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
	    watch_listener(EPOLL_CTL_ADD) != 0)
		return fail("cannot listen");
	printf("127.0.0.1:%u\n", ntohs(address.sin_port));
	return fflush(stdout) == 0 ? 0 : fail("cannot print the port");
}

static int
serve(void)
{
	struct epoll_event events[EVENTS_MAX];
	int wait_ms =
	    bare.rooms.coalesce > 1 ? (int)bare.rooms.hold_ms / 4 + 1 : -1;

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
		if (bare.rooms.coalesce > 1)
			rooms_flush_held(&bare.rooms, clock_us());
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
	    !option_number(coalesce, 1, 10000, &bare.rooms.coalesce) ||
	    !option_number(hold, 1, 60000, &bare.rooms.hold_ms)) {
		fprintf(stderr, "floor: wrong usage; try --help\n");
		return 2;
	}
	return listen_on(number) != 0 || serve() != 0;
}
