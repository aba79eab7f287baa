/* SPDX-License-Identifier: MIT */
/* tools/client/typed.c - see typed.h. */
#include "tools/client/typed.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t caught; /* a signal that ends us, or 0 */

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

#define ENDING_COUNT (sizeof ending / sizeof *ending)

/* What is as it was before. */
struct signals {
	struct sigaction ending[ENDING_COUNT];
	sigset_t blocked;
};

static ssize_t
fail_with(int error)
{
	errno = error;
	return -1;
}

ssize_t
typed_line(int fd, char *into, size_t room)
{
	size_t n = 0;

	for (;;) {
		char c;
		ssize_t got = read(fd, &c, 1);

		if (got < 0 && errno == EINTR && caught == 0)
			continue;
		if (got < 0)
			return -1;
		if (got == 0 && n == 0)
			return fail_with(ENODATA);
		if (got == 0 || c == '\n')
			break;
		if (n + 1 == room)
			return fail_with(EMSGSIZE);
		into[n++] = c;
	}
	into[n] = '\0';
	return (ssize_t)n;
}

static void
on_ending(int number)
{
	caught = number;
}

static void
hold_signals(struct signals *before)
{
	struct sigaction action = { .sa_handler = on_ending };
	sigset_t stop;

	caught = 0;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	sigprocmask(SIG_BLOCK, &stop, &before->blocked);
	for (size_t i = 0; i < ENDING_COUNT; i++)
		sigaction(ending[i], &action, &before->ending[i]);
}

static void
let_signals_go(const struct signals *before)
{
	for (size_t i = 0; i < ENDING_COUNT; i++)
		sigaction(ending[i], &before->ending[i], NULL);
	sigprocmask(SIG_SETMASK, &before->blocked, NULL);
	if (caught != 0)
		raise(caught);
}

ssize_t
typed_unseen(int terminal, int out, const char *prompt, char *into, size_t room)
{
	struct signals before;
	struct termios shown, hidden;
	ssize_t n = -1;
	int error;

	if (tcgetattr(terminal, &shown) != 0)
		return -1;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	hold_signals(&before);
	(void)tcsetattr(terminal, TCSAFLUSH, &hidden);
	if (write(out, prompt, strlen(prompt)) >= 0)
		n = typed_line(terminal, into, room);
	error = errno;
	(void)tcsetattr(terminal, TCSAFLUSH, &shown);
	(void)!write(out, "\n", 1);
	let_signals_go(&before);
	errno = error;
	return n;
}
