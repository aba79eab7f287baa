/* SPDX-License-Identifier: MIT */
/* proto/notify.c - one connected datagram socket.
 *
 * It is connected at once, and not named with each datagram: landlock lets a
 * socket that is connected go on where abstract names are out of reach.
 */
#include "proto/notify.h"

#include "proto/log.h"
#include "proto/options.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A path, or an abstract name behind an @. 0: it is neither. */
static socklen_t
fill_address(struct sockaddr_un *address, const char *name)
{
	size_t n = strlen(name);

	if ((*name != '/' && *name != '@') || n < 2 ||
	    n >= sizeof address->sun_path)
		return 0;
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path, name, n);
	if (*name == '@')
		address->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

static int
connect_to(const char *name)
{
	struct sockaddr_un address;
	socklen_t size = fill_address(&address, name);
	int fd, failure;

	if (size == 0) {
		errno = EINVAL;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, size) == 0)
		return fd;
	failure = errno;
	close(fd);
	errno = failure;
	return -1;
}

/* What is meant for another process, such as a shell that started us, is not
 * for us. */
static uint64_t
read_watchdog(void)
{
	const char *pid = getenv("WATCHDOG_PID");
	unsigned long us, whose;

	if (!option_number(getenv("WATCHDOG_USEC"), 1, ULONG_MAX, &us))
		return 0;
	if (pid != NULL && (!option_number(pid, 1, INT_MAX, &whose) ||
			    whose != (unsigned long)getpid()))
		return 0;
	return us < 1000 ? 1 : us / 1000;
}

void
notify_open(struct notify *notify)
{
	const char *name = getenv("NOTIFY_SOCKET");

	*notify = (struct notify){ .fd = -1 };
	if (name != NULL && *name != '\0') {
		notify->fd = connect_to(name);
		if (notify->fd < 0)
			log_warn("cannot_notify", KT("socket", name),
				 KT("error", strerror(errno)));
		else
			notify->watchdog_ms = read_watchdog();
	}
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void
notify_send(const struct notify *notify, const char *state)
{
	if (notify->fd >= 0)
		(void)send(notify->fd, state, strlen(state),
			   MSG_DONTWAIT | MSG_NOSIGNAL);
}

void
notify_close(struct notify *notify)
{
	if (notify->fd >= 0)
		close(notify->fd);
	notify->fd = -1;
}
