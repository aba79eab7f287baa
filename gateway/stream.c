/* SPDX-License-Identifier: MIT */
/* gateway/stream.c - recv() and send(), or OpenSSL's words for them.
 *
 * OpenSSL is asked without read-ahead and with room for a whole record: what it
 * has not handed out is still in the socket, so that epoll tells of it.
 */
#include "gateway/stream.h"

#include "gateway/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

void
stream_init(struct stream *s, int fd, const struct tls *tls)
{
	*s = (struct stream){ .tls = tls,
			      .fd = fd,
			      .is_secure = tls != NULL,
			      .is_agreed = tls == NULL };
}

void
stream_fini(struct stream *s)
{
	if (s->has_session)
		SSL_free(s->ssl);
	s->ssl = NULL;
	s->has_session = false;
}

/* What the session waits for the socket to do; SSL_ERROR_NONE: it is over. */
static int
awaited(struct stream *s, int rc)
{
	int why = SSL_get_error(s->ssl, rc);

	if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
		return why;
	s->is_broken = why != SSL_ERROR_ZERO_RETURN;
	ERR_clear_error();
	return SSL_ERROR_NONE;
}

/* 0: it waits for the socket; -1: the session is over. */
static int
read_failed(struct stream *s, int rc)
{
	int wants = awaited(s, rc);

	if (wants == SSL_ERROR_NONE)
		return -1;
	s->read_wants_room = wants == SSL_ERROR_WANT_WRITE;
	return 0;
}

/* The same. */
static int
write_failed(struct stream *s, int rc)
{
	int wants = awaited(s, rc);

	if (wants == SSL_ERROR_NONE)
		return -1;
	s->write_wants_input = wants == SSL_ERROR_WANT_READ;
	return 0;
}

/* Puts a session in the place of what it is made from. */
static int
begin_session(struct stream *s)
{
	struct ssl_st *ssl;

	if (s->has_session)
		return 0;
	ssl = tls_session_new(s->tls, s->fd);
	if (ssl == NULL)
		return -1;
	s->ssl = ssl;
	s->has_session = true;
	return 0;
}

int
stream_agree(struct stream *s)
{
	int rc;

	if (s->is_agreed)
		return 1;
	if (s->is_broken)
		return -1;
	if (begin_session(s) != 0)
		return -1;
	ERR_clear_error();
	rc = SSL_accept(s->ssl);
	if (rc != 1)
		return read_failed(s, rc);
	s->read_wants_room = false;
	s->is_agreed = true;
	return 1;
}

static ssize_t
read_plain(struct stream *s, void *into, size_t room)
{
	ssize_t n = recv(s->fd, into, room, 0);

	if (n > 0)
		return n;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

ssize_t
stream_read(struct stream *s, void *into, size_t room)
{
	size_t n;
	int rc;

	if (!s->is_secure)
		return read_plain(s, into, room);
	if (!s->is_agreed || s->is_broken)
		return -1;
	ERR_clear_error();
	rc = SSL_read_ex(s->ssl, into, room, &n);
	if (rc != 1)
		return read_failed(s, rc);
	s->read_wants_room = false;
	return (ssize_t)n;
}

static ssize_t
write_record(void *self, const void *bytes, size_t n)
{
	struct stream *s = self;
	size_t written;
	int rc;

	ERR_clear_error();
	rc = SSL_write_ex(s->ssl, bytes, n, &written);
	if (rc != 1)
		return write_failed(s, rc);
	s->write_wants_input = false;
	return (ssize_t)written;
}

int
stream_write(struct stream *s, struct outbox *box)
{
	if (!s->is_secure)
		return outbox_write(box, s->fd);
	if (outbox_is_empty(box))
		return 1;
	if (!s->is_agreed || s->is_broken)
		return -1;
	return outbox_write_chunks(box, write_record, s);
}

int
stream_end(struct stream *s)
{
	int rc;

	if (s->has_ended)
		return 1;
	if (s->has_session && s->is_agreed && !s->is_broken) {
		ERR_clear_error();
		/* 0: said, and not yet answered */
		rc = SSL_shutdown(s->ssl);
		if (rc < 0 && write_failed(s, rc) == 0)
			return 0;
	}
	s->has_ended = true;
	(void)shutdown(s->fd, SHUT_WR);
	return 1;
}

void
stream_abandon(struct stream *s)
{
	if (s->has_session)
		(void)stream_end(s);
}

uint32_t
stream_events(const struct stream *s, bool reads, bool writes)
{
	bool in =
	    (reads && !s->read_wants_room) || (writes && s->write_wants_input);
	bool out =
	    (writes && !s->write_wants_input) || (reads && s->read_wants_room);

	return (in ? EPOLLIN : 0u) | (out ? EPOLLOUT : 0u);
}

uint32_t
stream_ready(const struct stream *s, uint32_t events, bool reads)
{
	bool in = (events & EPOLLIN) != 0;
	bool out = (events & EPOLLOUT) != 0;
	bool can_read = reads && (s->read_wants_room ? out : in);
	bool can_write = s->write_wants_input ? in : out;

	return (events & ~(uint32_t)(EPOLLIN | EPOLLOUT)) |
	       (can_read ? EPOLLIN : 0u) | (can_write ? EPOLLOUT : 0u);
}

uint64_t
stream_sent(const struct stream *s)
{
	return s->has_session ? BIO_number_written(SSL_get_wbio(s->ssl)) : 0;
}
