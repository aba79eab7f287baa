/* SPDX-License-Identifier: MIT */
/* tools/parley/password.c - reads a line from the terminal, seen or unseen. */
#include "tools/parley/password.h"

#include "tools/parley/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t caught;

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

#define ENDING_COUNT (sizeof ending / sizeof *ending)

static void
on_ending(int signal_number)
{
	caught = signal_number;
}

/* Reads up to a line break or the end. The length, or -1 with errno: EINTR
 * after a signal, EMSGSIZE if there is no room, ENODATA if nothing came. */
static ssize_t
read_line(int fd, char *into, size_t room)
{
	size_t n = 0;

	for (;;) {
		char c;
		ssize_t got = read(fd, &c, 1);

		if (got < 0 && errno == EINTR && caught == 0)
			continue;
		if (got < 0)
			return -1;
		if (got == 0 && n == 0) {
			errno = ENODATA;
			return -1;
		}
		if (got == 0 || c == '\n')
			break;
		if (n + 1 == room) {
			errno = EMSGSIZE;
			return -1;
		}
		into[n++] = c;
	}
	if (n > 0 && into[n - 1] == '\r')
		n--;
	into[n] = '\0';
	return (ssize_t)n;
}

static int
failed(const char *what)
{
	if (errno == EMSGSIZE)
		return complain("the %s is too long", what);
	if (errno == ENODATA)
		return complain("no %s was given", what);
	return complain("cannot read the %s: %s", what, strerror(errno));
}

static int
open_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		complain("there is no terminal to ask at; use "
			 "--password-stdin");
	return fd;
}

static int
ask(int fd, const char *prompt, char *into, size_t room, const char *what)
{
	if (write(fd, prompt, strlen(prompt)) < 0 ||
	    read_line(fd, into, room) < 0)
		return caught != 0 ? STATUS_FAILED : failed(what);
	return 0;
}

int
ask_line(const char *prompt, char *into, size_t room)
{
	int fd = open_terminal(), status;

	if (fd < 0)
		return STATUS_USAGE;
	status = ask(fd, prompt, into, room, "name");
	close(fd);
	return status;
}

/* Between these two, a signal waits until the terminal is as it was. */
static void
catch_endings(struct sigaction before[ENDING_COUNT])
{
	struct sigaction action = { .sa_handler = on_ending };

	caught = 0;
	for (size_t i = 0; i < ENDING_COUNT; i++)
		sigaction(ending[i], &action, &before[i]);
}

static void
give_back_endings(const struct sigaction before[ENDING_COUNT])
{
	for (size_t i = 0; i < ENDING_COUNT; i++)
		sigaction(ending[i], &before[i], NULL);
	if (caught != 0)
		raise(caught);
}

int
ask_password(const char *prompt, char into[PASSWORD_BYTES])
{
	struct sigaction before[ENDING_COUNT];
	struct termios shown, hidden;
	int fd = open_terminal(), status;

	if (fd < 0)
		return STATUS_USAGE;
	if (tcgetattr(fd, &shown) != 0) {
		status = failed("password");
		close(fd);
		return status;
	}
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	catch_endings(before);
	(void)tcsetattr(fd, TCSAFLUSH, &hidden);
	status = ask(fd, prompt, into, PASSWORD_BYTES, "password");
	(void)tcsetattr(fd, TCSAFLUSH, &shown);
	(void)!write(fd, "\n", 1);
	close(fd);
	give_back_endings(before);
	return status;
}

int
read_password(char into[PASSWORD_BYTES])
{
	return read_line(STDIN_FILENO, into, PASSWORD_BYTES) < 0
		   ? failed("password")
		   : 0;
}
