/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/password.c - see password.h. */
#include "tools/parleyctl/password.h"

#include "proto/uuid.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* 24 characters of 64: 144 random bits. */
#define MADE_CHARACTERS 24

static void
make(char into[PASSWORD_ROOM])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789-_";
	uint8_t bytes[MADE_CHARACTERS];

	random_bytes(bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		into[i] = letters[bytes[i] & 63];
	into[MADE_CHARACTERS] = '\0';
	explicit_bzero(bytes, sizeof bytes);
}

/* One line without its end, byte by byte, so that nothing of what follows is
 * kept anywhere. */
static int
read_line(struct call *call, char into[PASSWORD_ROOM])
{
	size_t n = 0;
	ssize_t got;

	while ((got = read(STDIN_FILENO, into + n, 1)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(call, "stdin: %s", strerror(errno));
		if (into[n] == '\n')
			break;
		if (++n == PASSWORD_ROOM - 1)
			return fail(call, "the password is too long");
	}
	into[n] = '\0';
	return n > 0 ? 0 : fail(call, "no password was given");
}

/* Ctrl-C must not leave a terminal without echo: it waits until that is back.
 */
static int
ask_quietly(struct call *call, const char *prompt, char into[PASSWORD_ROOM])
{
	struct termios before, quiet;
	sigset_t signals, old;
	int status;

	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return fail(call, "the terminal: %s", strerror(errno));
	sigemptyset(&signals);
	sigaddset(&signals, SIGTSTP);
	sigprocmask(SIG_BLOCK, &signals, &old);
	quiet = before;
	/* Without ISIG, Ctrl-C is a character, and ends the line. */
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	quiet.c_cc[VEOL] = 3;
	fputs(prompt, stderr);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	status = read_line(call, into);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fputc('\n', stderr);
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (status == 0 && strchr(into, 3) != NULL)
		return fail(call, "interrupted");
	return status;
}

static int
ask_twice(struct call *call, char into[PASSWORD_ROOM])
{
	char again[PASSWORD_ROOM];
	int status = ask_quietly(call, "Password: ", into);

	if (status == 0)
		status = ask_quietly(call, "Again: ", again);
	if (status == 0 && strcmp(into, again) != 0)
		status = fail(call, "the two are not the same");
	explicit_bzero(again, sizeof again);
	return status;
}

int
password_get(struct call *call, char into[PASSWORD_ROOM])
{
	if (call_flag(call, "generate") != NULL) {
		make(into);
		return 0;
	}
	return isatty(STDIN_FILENO) ? ask_twice(call, into)
				    : read_line(call, into);
}

void
password_show(const struct call *call, const char *password)
{
	if (call_flag(call, "generate") != NULL)
		puts(password);
}
