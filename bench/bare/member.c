/* SPDX-License-Identifier: MIT */
/* bench/bare/member.c - see member.h. */
#include "bench/bare/member.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define OUT_MAX (1024u * 1024) /* who takes less is hung up on */

static int
watch(struct member *member, int operation, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = member };

	return epoll_ctl(member->epoll, operation, member->fd, &event);
}

struct member *
member_new(int epoll, int fd)
{
	struct member *member = calloc(1, sizeof(*member));
	int yes = 1;

	if (member == NULL)
		return NULL;
	member->fd = fd;
	member->epoll = epoll;
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) == 0 &&
	    watch(member, EPOLL_CTL_ADD, EPOLLIN) == 0)
		return member;
	free(member);
	return NULL;
}

void
member_free(struct member *member)
{
	close(member->fd);
	buffer_fini(&member->in);
	buffer_fini(&member->out);
	free(member);
}

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
	    (is_first && watch(member, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT) != 0))
		hang_up(member);
}

void
member_write(struct member *member, const void *bytes, size_t n)
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

void
member_write_kept(struct member *member)
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
	if (watch(member, EPOLL_CTL_MOD, EPOLLIN) != 0)
		hang_up(member);
}
