/* SPDX-License-Identifier: MIT */
/* tools/parley/password.c - reads a line from the terminal, seen or unseen. */
#include "tools/parley/password.h"

#include "tools/client/typed.h"
#include "tools/parley/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int
failed(const char *what)
{
	if (errno == EMSGSIZE)
		return complain("the %s is too long", what);
	if (errno == ENODATA)
		return complain("no %s was given", what);
	if (errno == EINTR)
		return STATUS_FAILED;
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

/* Of what was typed as a line. */
static int
judge(char *line, ssize_t n, const char *what)
{
	if (n < 0)
		return failed(what);
	if (n > 0 && line[n - 1] == '\r')
		line[n - 1] = '\0';
	return 0;
}

int
ask_line(const char *prompt, char *into, size_t room)
{
	int fd = open_terminal(), status;
	ssize_t n = -1;

	if (fd < 0)
		return STATUS_USAGE;
	if (write(fd, prompt, strlen(prompt)) >= 0)
		n = typed_line(fd, into, room);
	status = judge(into, n, "name");
	close(fd);
	return status;
}

int
ask_password(const char *prompt, char into[PASSWORD_BYTES])
{
	int fd = open_terminal(), status;
	ssize_t n;

	if (fd < 0)
		return STATUS_USAGE;
	n = typed_unseen(fd, fd, prompt, into, PASSWORD_BYTES);
	status = judge(into, n, "password");
	close(fd);
	return status;
}

int
read_password(char into[PASSWORD_BYTES])
{
	return judge(into, typed_line(STDIN_FILENO, into, PASSWORD_BYTES),
		     "password");
}
