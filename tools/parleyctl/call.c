/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/call.c - what commands say and ask of their call. */
#include "tools/parleyctl/ctl.h"

#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECONDS_MAX (100ull * 365 * 86400)

const char *
call_flag(const struct call *call, const char *name)
{
	const struct flag_row *rows = call->command->flags;

	for (size_t i = 0; rows != NULL && rows[i].name != NULL; i++)
		if (strcmp(rows[i].name, name) == 0)
			return call->flags[i];
	return NULL;
}

static void
complain(const struct call *call, const char *format, va_list args)
{
	fprintf(stderr, "parleyctl %s: ", call->command->name);
	vfprintf(stderr, format, args);
}

int
fail(const struct call *call, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(call, format, args);
	va_end(args);
	fputc('\n', stderr);
	return STATUS_FAILED;
}

int
wrong_usage(const struct call *call, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(call, format, args);
	va_end(args);
	fputs("; try --help\n", stderr);
	return STATUS_USAGE;
}

/* Behind sudo it is who came, not root. */
const char *
who_asks(void)
{
	const char *name = getenv("SUDO_USER");
	const struct passwd *user;

	if (name == NULL || *name == '\0') {
		user = getpwuid(getuid());
		name = user == NULL ? "unknown" : user->pw_name;
	}
	return strlen(name) <= 64 ? name : "unknown";
}

bool
read_seconds(const char *text, uint64_t *seconds)
{
	static const struct {
		char letter;
		unsigned seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	size_t n = strlen(text);
	unsigned long number, unit = 1;
	char digits[24];

	if (n == 0 || n >= sizeof digits)
		return false;
	memcpy(digits, text, n + 1);
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (text[n - 1] == units[i].letter) {
			unit = units[i].seconds;
			digits[n - 1] = '\0';
		}
	if (!option_number(digits, 1, SECONDS_MAX / unit, &number))
		return false;
	*seconds = number * unit;
	return true;
}
