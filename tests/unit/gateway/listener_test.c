/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/listener_test.c - does a listener that can accept nobody
 * rest, instead of being told of who waits again and again?
 */
#include "gateway/listener.h"

#include "gateway/connection.h"
#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TURNS_MS 300

static struct runtime runtime = { .name = "gateway" };
static struct gateway gateway;

static int shortage; /* 0: the system has what it needs */
static unsigned tries;

/* In the place of libc's. */
int
accept4(int fd, struct sockaddr *from, socklen_t *size, int flags)
{
	tries++;
	if (shortage != 0) {
		errno = shortage;
		return -1;
	}
	return (int)syscall(SYS_accept4, fd, from, size, flags);
}

static void
on_end(void *self)
{
	loop_stop(self);
}

static void
run_some(void)
{
	struct loop_timer end = { .on_due = on_end, .self = gateway.loop };

	CHECK_INT(loop_timer_set(gateway.loop, &end, TURNS_MS), 0);
	CHECK_INT(loop_run(gateway.loop), 0);
}

static int
bound_port(void)
{
	int port = 0;
	FILE *file = fopen("gateway.listen", "r");

	if (file == NULL || fscanf(file, "127.0.0.1:%d", &port) != 1)
		port = 0;
	if (file != NULL)
		fclose(file);
	return port;
}

static int
connect_to_it(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)bound_port()),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK_INT(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static void
begin(int spare_fd)
{
	gateway = (struct gateway){ .runtime = &runtime,
				    .loop = loop_new(),
				    .max_open = 8,
				    .max_waiting = 8,
				    .max_per_address = 8,
				    .spare_fd = spare_fd };
	gateway.comings =
	    (struct quiet){ .loop = gateway.loop, .after_ms = 60000 };
	CHECK_INT(listeners_open(&gateway, "127.0.0.1:0"), 0);
}

static void
end(void)
{
	connections_free(&gateway);
	listeners_free(&gateway);
	quiet_stop(&gateway.comings);
	loop_free(&gateway.loop);
	if (gateway.spare_fd >= 0)
		close(gateway.spare_fd);
}

/* A try for the connection, and where it lacks descriptors, one with what the
 * spare one leaves. */
static void
who_cannot_be_accepted_costs_no_turns(void)
{
	static const int shortages[] = { EMFILE, ENFILE, ENOMEM, ENOBUFS };

	for (size_t i = 0; i < sizeof shortages / sizeof *shortages; i++) {
		begin(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0));
		int fd = connect_to_it();

		shortage = shortages[i];
		tries = 0;
		run_some();
		CHECK(tries >= 1 && tries <= 2);
		listeners_sweep(&gateway);
		run_some();
		CHECK(tries >= 2 && tries <= 4);
		CHECK_INT(gateway.connection_count, 0);
		shortage = 0;
		close(fd);
		end();
	}
}

static void
who_waited_is_accepted_when_there_is_room_again(void)
{
	begin(-1);
	int fd = connect_to_it();

	shortage = ENOBUFS;
	run_some();
	CHECK_INT(gateway.connection_count, 0);
	shortage = 0;
	run_some();
	CHECK_INT(gateway.connection_count, 0);
	listeners_sweep(&gateway);
	run_some();
	CHECK_INT(gateway.connection_count, 1);
	close(fd);
	end();
}

int
main(void)
{
	char folder[] = "/tmp/listener_test.XXXXXX";

	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		return 1;
	RUN(who_cannot_be_accepted_costs_no_turns);
	RUN(who_waited_is_accepted_when_there_is_room_again);
	(void)unlink("gateway.listen");
	(void)rmdir(folder);
	return check_done();
}
