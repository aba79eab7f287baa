/* SPDX-License-Identifier: MIT */
/* gateway/listener.c - binds addresses and accepts connections. */
#include "gateway/listener.h"

#include "gateway/connection.h"
#include "gateway/crowd.h"
#include "gateway/dialect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#define ACCEPTS_PER_TURN 64
#define BACKLOG          4096
#define LAST_TURNS       (BACKLOG / ACCEPTS_PER_TURN) /* of the backlog */

struct listener {
	struct gateway *gateway;
	struct loop_watch watch;
	const struct dialect *dialect;
	bool rests; /* nobody is accepted until the next second */
	struct listener *prev, *next;
};

const struct dialect *
listener_dialect(const struct listener *listener)
{
	return listener->dialect;
}

/* --- Accepting */

static void
format_address(const struct sockaddr_storage *from, char *into, size_t room)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
	const char *done = NULL;

	if (from->ss_family == AF_INET)
		done = inet_ntop(AF_INET, &v4->sin_addr, into, (socklen_t)room);
	else if (from->ss_family == AF_INET6)
		done =
		    inet_ntop(AF_INET6, &v6->sin6_addr, into, (socklen_t)room);
	if (done == NULL)
		snprintf(into, room, "?");
}

/* There is no place for it. It is told so, without having been heard: by TLS
 * that cannot be. Its descriptor stays as the one in reserve, since who closes
 * while a request is still to come cuts off his own answer. */
static void
turn_away(struct gateway *gateway, int fd)
{
	static const char answer[] = "HTTP/1.1 503 Service Unavailable\r\n"
				     "Connection: close\r\n"
				     "Retry-After: 5\r\n"
				     "Content-Length: 0\r\n\r\n";

	gateway->count.refused++;
	if (gateway->spare_fd >= 0)
		close(gateway->spare_fd);
	gateway->spare_fd = fd;
	if (gateway->tls == NULL)
		(void)send(fd, answer, sizeof answer - 1,
			   MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)shutdown(fd, gateway->tls == NULL ? SHUT_WR : SHUT_RDWR);
}

/* Out of descriptors: the one in reserve lets us take the connection and end
 * it, instead of being told of it again and again. No file is opened to have
 * it back: by now that would be forbidden. False if that does not help. */
static bool
use_spare(struct listener *l)
{
	struct gateway *g = l->gateway;
	int fd;

	if (g->spare_fd >= 0)
		close(g->spare_fd);
	g->spare_fd = -1;
	fd = accept4(l->watch.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0)
		turn_away(g, fd);
	else
		g->spare_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	return fd >= 0;
}

/* The system has no memory, or no descriptors: who waits goes on waiting, and
 * we would be told of it without end. */
static void
rest(struct listener *l, int error)
{
	log_warn("cannot_accept", KT("error", strerror(error)));
	l->rests = loop_rewatch(l->gateway->loop, &l->watch, 0) == 0;
}

static void
take(struct listener *l, int fd, const struct sockaddr_storage *from)
{
	char address[46];

	format_address(from, address, sizeof address);
	if (!crowd_make_room(l->gateway))
		turn_away(l->gateway, fd);
	else if (connection_new(l->gateway, l, fd, address) == NULL)
		l->gateway->count.refused++;
}

/* What the system lacks comes before the question who is there. */
static bool
has_somebody(const struct listener *l)
{
	struct pollfd waits = { .fd = l->watch.fd, .events = POLLIN };

	return poll(&waits, 1, 0) == 1;
}

/* Nobody was accepted: whether to try again at once. */
static bool
makes_room(struct listener *l, int error)
{
	const bool is_descriptor = error == EMFILE || error == ENFILE;
	const bool is_memory = error == ENOMEM || error == ENOBUFS;

	if ((!is_descriptor && !is_memory) || !has_somebody(l))
		return false;
	if (is_descriptor && crowd_evict(l->gateway))
		return true;
	if (is_memory || !use_spare(l))
		rest(l, error);
	return false;
}

/* False: that was all for now. */
static bool
accept_some(struct listener *l)
{
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		struct sockaddr_storage from;
		socklen_t size = sizeof from;
		int fd = accept4(l->watch.fd, (struct sockaddr *)&from, &size,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			take(l, fd, &from);
			continue;
		}
		if (!makes_room(l, errno))
			return false;
	}
	return true;
}

static void
on_connection(void *self, uint32_t events)
{
	struct listener *l = self;

	(void)events;
	(void)accept_some(l);
}

/* --- Binding */

/* ADDR:PORT[=DIALECT]; an IPv6 address stands in brackets. */
struct address {
	char host[64];
	char port[8];
	const struct dialect *dialect;
};

static bool
copy_part(char *into, size_t room, const char *from, size_t n)
{
	if (n >= room)
		return false;
	memcpy(into, from, n);
	into[n] = '\0';
	return true;
}

static bool
parse_address(struct address *address, struct slice text)
{
	const char *equals = memchr(text.at, '=', text.n);
	const char *end = equals == NULL ? text.at + text.n : equals;
	const char *colon = memrchr(text.at, ':', (size_t)(end - text.at));
	const char *host = text.at;
	const char *host_end = colon;

	if (colon == NULL || colon == host)
		return false;
	if (*host == '[' && host_end > host && host_end[-1] == ']') {
		host++;
		host_end--;
	}
	unsigned long port;

	if (!copy_part(address->host, sizeof address->host, host,
		       (size_t)(host_end - host)) ||
	    !copy_part(address->port, sizeof address->port, colon + 1,
		       (size_t)(end - colon - 1)) ||
	    !option_number(address->port, 0, 65535, &port))
		return false;
	address->dialect = NULL;
	if (equals == NULL)
		return true;
	address->dialect = dialect_find((struct slice){
	    equals + 1, (size_t)(text.at + text.n - equals - 1) });
	return address->dialect != NULL;
}

/* What a connection may have in the kernel beyond what its peer has room for:
 * else some megabytes would wait there for each that does not read, and the
 * system's memory for TCP is everybody's. Accepted sockets inherit it. */
#define UNSENT_BYTES (256 * 1024)

/* Only gateways of one suite share an address: a second suite at it is told so.
 */
static int
bind_socket(const struct addrinfo *to, bool is_shared)
{
	int yes = 1, shared = is_shared, unsent = UNSENT_BYTES;
	int fd = socket(to->ai_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &shared, sizeof shared) ==
		0 &&
	    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent,
		       sizeof unsent) == 0 &&
	    bind(fd, to->ai_addr, to->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	int failure = errno;
	close(fd);
	errno = failure;
	return -1;
}

static int
open_socket(const struct address *address, bool is_shared)
{
	const struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
					.ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	int rc = getaddrinfo(address->host, address->port, &hints, &found);
	int fd;

	if (rc != 0) {
		log_error("bad_address", KT("host", address->host),
			  KT("port", address->port),
			  KT("error", gai_strerror(rc)));
		return -1;
	}
	fd = bind_socket(found, is_shared);
	if (fd < 0)
		log_error("cannot_bind", KT("host", address->host),
			  KT("port", address->port),
			  KT("error", strerror(errno)),
			  KT("hint", "set PARLEY_LISTEN"));
	freeaddrinfo(found);
	return fd;
}

static int
open_listener(struct gateway *gateway, struct slice text)
{
	struct address address;
	struct listener *l;

	if (!parse_address(&address, text)) {
		log_error("bad_address", KS("address", text),
			  KT("hint",
			     "PARLEY_LISTEN wants ADDR:PORT[=DIALECT] with "
			     "a port up to 65535 and a known dialect"));
		return -1;
	}
	l = calloc(1, sizeof *l);
	if (l == NULL) {
		log_error("no_memory", KT("for", "listener"));
		return -1;
	}
	l->gateway = gateway;
	l->dialect = address.dialect;
	l->watch.on_ready = on_connection;
	l->watch.self = l;
	l->watch.fd = open_socket(&address, gateway->gateways > 1);
	if (l->watch.fd < 0 ||
	    loop_watch(gateway->loop, &l->watch, EPOLLIN) != 0) {
		if (l->watch.fd >= 0)
			close(l->watch.fd);
		free(l);
		return -1;
	}
	DL_APPEND(gateway->listeners, l);
	return 0;
}

static int
print_bound(const struct listener *l, FILE *out)
{
	struct sockaddr_storage bound;
	socklen_t size = sizeof bound;
	char address[46];
	bool is_v6;

	if (getsockname(l->watch.fd, (struct sockaddr *)&bound, &size) != 0)
		return -1;
	is_v6 = bound.ss_family == AF_INET6;
	format_address(&bound, address, sizeof address);
	/* The port lies at the same place in both kinds of address. */
	return fprintf(out, "%s%s%s:%u%s%s\n", is_v6 ? "[" : "", address,
		       is_v6 ? "]" : "",
		       ntohs(((struct sockaddr_in *)&bound)->sin_port),
		       l->dialect == NULL ? "" : "=",
		       l->dialect == NULL ? "" : l->dialect->name) < 0
		   ? -1
		   : 0;
}

/* Written aside and renamed: whoever waits for the file finds it whole. */
static int
write_bound(struct gateway *gateway)
{
	char name[64], aside[72];
	const struct listener *l;
	FILE *out;
	int rc = 0;

	snprintf(name, sizeof name, "%s.listen", gateway->runtime->name);
	snprintf(aside, sizeof aside, "%s.new", name);
	out = fopen(aside, "we");
	if (out == NULL)
		return -1;
	DL_FOREACH (gateway->listeners, l)
		if (print_bound(l, out) != 0)
			rc = -1;
	if (fclose(out) != 0 || rc != 0)
		return -1;
	return rename(aside, name);
}

int
listeners_open(struct gateway *gateway, const char *addresses)
{
	const char *at = addresses;

	for (;;) {
		at += strspn(at, " ");
		size_t n = strcspn(at, " ");
		if (n == 0)
			break;
		if (open_listener(gateway, (struct slice){ at, n }) != 0)
			return -1;
		at += n;
	}
	if (gateway->listeners == NULL) {
		log_error("no_address", KT("hint", "set PARLEY_LISTEN"));
		return -1;
	}
	if (write_bound(gateway) == 0)
		return 0;
	log_error("cannot_write", KT("file", "NAME.listen"),
		  KT("error", strerror(errno)));
	return -1;
}

void
listeners_sweep(struct gateway *gateway)
{
	struct listener *l;

	DL_FOREACH (gateway->listeners, l)
		if (l->rests)
			l->rests = loop_rewatch(gateway->loop, &l->watch,
						EPOLLIN) != 0;
}

void
listeners_close(struct gateway *gateway)
{
	struct listener *l;

	DL_FOREACH (gateway->listeners, l) {
		if (l->watch.fd < 0)
			continue;
		loop_unwatch(gateway->loop, &l->watch);
		l->rests = false;
		/* To be told why, instead of being reset by the kernel. */
		for (int i = 0; gateway->draining && i < LAST_TURNS; i++)
			if (!accept_some(l))
				break;
		close(l->watch.fd);
		l->watch.fd = -1;
	}
}

void
listeners_free(struct gateway *gateway)
{
	struct listener *l, *next;

	listeners_close(gateway);
	DL_FOREACH_SAFE (gateway->listeners, l, next)
		free(l);
	gateway->listeners = NULL;
}
