/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/main.c - administers a running suite, over the bus, and its
 * data folder.
 *
 * The command line is read by the table of commands; what one of them does is
 * in the file of the thing that it is about.
 */
#include "proto/log.h"
#include "proto/run_folder.h"
#include "tools/parleyctl/arguments.h"
#include "tools/parleyctl/ask.h"
#include "tools/parleyctl/ctl.h"

#include <stdlib.h>
#include <string.h>

struct settings settings;

static const struct option_row rows[] = {
	{ "env", &settings.env, ".env", "file with settings" },
	{ "data", &settings.data, "./data", "folder of what is kept" },
	{ "run", &settings.run, NULL,
	  "folder of the daemons' sockets (default: DATA/run)" },
	{ "timeout", &settings.timeout, "5000",
	  "how long to wait for a daemon, in ms" },
	{ .name = "database",
	  .value = &settings.database,
	  .fallback = "sqlite:chat.db",
	  .help = "where messages are kept: sqlite:PATH, from the data "
		  "folder on",
	  .variable = "DATABASE_URL" },
	{ "curve-dir", &settings.curve_dir, "",
	  "folder of keys for tcp:// endpoints: that of tool, and the public "
	  "ones" },
	{ "router", &settings.endpoints.router, "ipc://router.sock",
	  "where the router is" },
	{ "presence", &settings.endpoints.presence, "ipc://presence.sock",
	  "where presence is" },
	{ "store", &settings.endpoints.store, "ipc://store.sock",
	  "where the store is" },
	{ "auth", &settings.endpoints.auth, "ipc://auth.sock",
	  "where auth is" },
	{ 0 },
};

const struct option_row *const setting_tables[] = { rows, NULL };

static int
complete_settings(void)
{
	static char run[PATH_MAX];

	if (run_folder_choose(&settings.run, settings.data, run) == 0)
		return 0;
	perror("parleyctl: --data");
	return STATUS_FAILED;
}

static int
read_settings(struct call *call, char **argv)
{
	char **flags = calloc((size_t)call->given_n + 2, sizeof *flags);
	int status;

	if (flags == NULL) {
		fputs("parleyctl: out of memory\n", stderr);
		return STATUS_FAILED;
	}
	flags[0] = argv[0];
	memcpy(flags + 1, call->given, (size_t)call->given_n * sizeof *flags);
	status =
	    options_read(setting_tables, call->given_n + 1, flags, "parleyctl");
	free(flags);
	return status != 0 ? status : complete_settings();
}

int
main(int argc, char **argv)
{
	struct call call = { .settings = &settings };
	int status;

	log_setup("parleyctl", LOG_ERROR, false);
	status = arguments_read(&call, argc, argv);
	if (status < 0)
		status = read_settings(&call, argv);
	else
		goto out;
	if (status == 0)
		status = call.command->run(&call);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("parleyctl: stdout");
		status = STATUS_FAILED;
	}
out:
	ask_end(&call);
	arguments_free(&call);
	return status;
}
