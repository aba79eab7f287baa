/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/password.c - see password.h. */
#include "tools/parleyctl/password.h"

#include "proto/uuid.h"
#include "tools/client/typed.h"

#include <errno.h>
#include <string.h>
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

/* A password has at most 1,024 bytes. */
#define LINE_ROOM (PASSWORD_ROOM - 1)

static int
judge(struct call *call, const char *what, ssize_t n)
{
	if (n > 0)
		return 0;
	if (n == 0 || errno == ENODATA)
		return fail(call, "no %s was given", what);
	if (errno == EMSGSIZE)
		return fail(call, "the %s is too long", what);
	if (errno == EINTR)
		return STATUS_FAILED;
	return fail(call, "stdin: %s", strerror(errno));
}

static int
read_line(struct call *call, const char *what, char into[PASSWORD_ROOM])
{
	return judge(call, what, typed_line(STDIN_FILENO, into, LINE_ROOM));
}

static int
ask_quietly(struct call *call, const char *prompt, const char *what,
	    char into[PASSWORD_ROOM])
{
	return judge(
	    call, what,
	    typed_unseen(STDIN_FILENO, STDERR_FILENO, prompt, into, LINE_ROOM));
}

static int
ask_twice(struct call *call, char into[PASSWORD_ROOM])
{
	char again[PASSWORD_ROOM];
	int status = ask_quietly(call, "Password: ", "password", into);

	if (status == 0)
		status = ask_quietly(call, "Again: ", "password", again);
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
				    : read_line(call, "password", into);
}

int
password_get_secret(struct call *call, char into[PASSWORD_ROOM])
{
	return isatty(STDIN_FILENO)
		   ? ask_quietly(call, "Secret: ", "secret", into)
		   : read_line(call, "secret", into);
}

void
password_show(const struct call *call, const char *password)
{
	if (call_flag(call, "generate") != NULL)
		puts(password);
}
