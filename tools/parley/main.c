/* SPDX-License-Identifier: MIT */
/* tools/parley/main.c - the client for terminals and pipes: finds the command
 * and lets it run. What commands there are stands in commands.def.
 */
#include "tools/parley/usage.h"

#include <curl/curl.h>
#include <locale.h>
#include <signal.h>
#include <string.h>

static const struct command *
find_command(const char *name)
{
	for (const struct command *c = commands; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static bool
is_one_of(const char *word, const char *a, const char *b)
{
	return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

/* What stands before any command. Returns an exit status. */
static int
answer_alone(const char *word)
{
	if (is_one_of(word, "--help", "-h")) {
		usage_overview(stdout);
		return STATUS_DONE;
	}
	if (strcmp(word, "--help=rows") == 0) {
		usage_rows(stdout);
		return STATUS_DONE;
	}
	if (is_one_of(word, "--version", "-V")) {
		printf("parley (parley) %s\n", PARLEY_VERSION);
		return STATUS_DONE;
	}
	complain("no command %s; try parley --help", word);
	return STATUS_USAGE;
}

static int
run(const struct command *command, int argc, char **argv)
{
	struct options options = { 0 };
	int status = usage_read(command, argc, argv, &options);

	if (status >= 0)
		return status;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return complain("libcurl does not start");
	status = command->run(&options);
	curl_global_cleanup();
	return status;
}

int
main(int argc, char **argv)
{
	const struct command *command;
	int status;

	setlocale(LC_CTYPE, "");
	/* A lost connection or reader is told by what failed to write. */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		usage_overview(stderr);
		return STATUS_USAGE;
	}
	command = find_command(argv[1]);
	status = command != NULL ? run(command, argc - 2, argv + 2)
				 : answer_alone(argv[1]);
	if (fflush(stdout) != 0 && status == STATUS_DONE)
		status = complain("cannot write what was asked for");
	return status;
}
