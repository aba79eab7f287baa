/* SPDX-License-Identifier: MIT */
#include "tools/parley-bench/plan.h"

#include "proto/program.h"
#include "proto/run_folder.h"
#include "proto/uuid.h"
#include "tools/parley-bench/protocol.h"
#include "tools/parley-bench/scenarios.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#define USAGE       2
#define SECRET_MAX  1024
#define WORKER_FDS  64 /* besides its connections */
#define CONNECTIONS 10000000

static const char *server, *protocol, *path, *data, *jwt_secret, *secret_file,
    *run, *processes, *json, *rooms, *members, *senders, *rate, *window, *bytes,
    *missed, *warm_up, *seconds, *workers, *connecting, *per_source, *patience,
    *logins, *rooms_from, *ids;

/* Variables of their own: PARLEY_RATE is the server's. */
#define ROW(flag, variable_name, where, standard, text)                        \
	{                                                                      \
		.name = flag, .value = &where, .fallback = standard,           \
		.help = text, .variable = "PARLEY_BENCH_" variable_name        \
	}

static const struct option_row rows[] = {
	ROW("server", "SERVER", server, "127.0.0.1:8080",
	    "address and port, IPv4"),
	ROW("protocol", "PROTOCOL", protocol, "campfire",
	    "how it wants to be spoken to"),
	ROW("path", "PATH", path, NULL,
	    "of the upgrade, %r stands for the room (default: the protocol's)"),
	ROW("data", "DATA", data, "./data",
	    "parley's data folder: whence the secret and the daemons are "
	    "known"),
	{ .name = "jwt-secret",
	  .value = &jwt_secret,
	  .help = "secrets of parley, separated by spaces; the first signs the "
		  "tokens of our users",
	  .variable = "JWT_SECRET",
	  .secret = true },
	ROW("secret-file", "SECRET_FILE", secret_file, NULL,
	    "whence the secret that signs tokens (default: DATA/jwt.secret)"),
	ROW("run", "RUN", run, NULL, "parley's run folder (default: DATA/run)"),
	ROW("processes", "PROCESSES", processes, NULL,
	    "NAME=PID ...: another server's processes, to tell what they cost"),
	ROW("rooms", "ROOMS", rooms, NULL, "how many rooms"),
	ROW("members", "MEMBERS", members, NULL, "connections in each room"),
	ROW("senders", "SENDERS", senders, NULL, "how many of them post"),
	ROW("rate", "RATE", rate, NULL, "posts a second, all together"),
	ROW("window", "WINDOW", window, "0",
	    "posts that each sender has in flight, instead of a rate"),
	ROW("bytes", "BYTES", bytes, "100", "of a post"),
	ROW("missed", "MISSED", missed, "10",
	    "posts in each room for those who return, or read"),
	ROW("logins", "LOGINS", logins, NULL,
	    "logins with a password that are under way at the same time"),
	ROW("ids", "IDS", ids, "v7",
	    "of posts: v7, which sort by time, or random"),
	ROW("rooms-from", "ROOMS_FROM", rooms_from, NULL,
	    "file of parley's rooms, an id a line (default: rooms are made)"),
	ROW("warm-up", "WARM_UP", warm_up, "2",
	    "seconds before figures are taken"),
	ROW("seconds", "SECONDS", seconds, "10", "that figures are taken"),
	ROW("workers", "WORKERS", workers, "0",
	    "processes that make load (default: as few as may be)"),
	ROW("connecting", "CONNECTING", connecting, "200",
	    "connections that a worker makes at the same time"),
	ROW("per-source", "PER_SOURCE", per_source, "20000",
	    "connections from one address: 127.0.0.1, 127.0.0.2 ..."),
	ROW("patience", "PATIENCE", patience, "60",
	    "seconds for all to connect, and for what is under way"),
	ROW("json", "JSON", json, NULL, "file for the figures; -: stdout"),
	{ 0 },
};

static const struct option_row *const tables[] = { rows, NULL };

static const struct program program = {
	.name = "parley-bench",
	.summary = "puts a chat server under load, and counts what comes of it",
	.words = "SCENARIO",
	.tables = tables,
};

/* --- Reading */

static bool
is_set(const char *value)
{
	return value != NULL && *value != '\0';
}

static int
wrong(const char *what, const char *value)
{
	fprintf(stderr, "parley-bench: %s '%s'; try --help\n", what, value);
	return USAGE;
}

/* What is not set is the scenario's. */
static int
read_number(const char *flag, const char *text, unsigned fallback, unsigned min,
	    unsigned max, unsigned *into)
{
	unsigned long number = fallback;

	if (is_set(text) && !option_number(text, min, max, &number)) {
		fprintf(stderr,
			"parley-bench: --%s is a number from %u to %u, not "
			"'%s'\n",
			flag, min, max, text);
		return USAGE;
	}
	*into = (unsigned)number;
	return -1;
}

struct number {
	const char *flag;
	const char *text;
	unsigned fallback, min, max;
	unsigned *into;
};

static int
read_numbers(struct plan *plan, const struct scenario *scenario)
{
	unsigned whole_rate;
	const struct number numbers[] = {
		{ "rooms", rooms, scenario->rooms, 1, CONNECTIONS,
		  &plan->rooms },
		{ "members", members, scenario->members, 1, CONNECTIONS,
		  &plan->members },
		{ "senders", senders, scenario->senders, 1, CONNECTIONS,
		  &plan->senders },
		{ "rate", rate, (unsigned)scenario->rate, 0, 10000000,
		  &whole_rate },
		{ "window", window, 0, 0, 10000, &plan->window },
		{ "bytes", bytes, 100, 51, 40960, &plan->bytes },
		{ "missed", missed, scenario->missed, 0, 1000, &plan->missed },
		{ "logins", logins, scenario->logins, 0, 1000, &plan->logins },
		{ "warm-up", warm_up, 2, 0, 3600, &plan->warm_up_s },
		{ "seconds", seconds, 10, 1, 86400, &plan->seconds },
		{ "workers", workers, 0, 0, 1024, &plan->workers },
		{ "connecting", connecting, 200, 1, 20000, &plan->connecting },
		{ "per-source", per_source, 20000, 1, 60000,
		  &plan->connections_per_source },
		{ "patience", patience, 60, 1, 86400, &plan->patience_s },
	};
	int status = -1;

	for (size_t i = 0; status < 0 && i < sizeof numbers / sizeof numbers[0];
	     i++)
		status = read_number(numbers[i].flag, numbers[i].text,
				     numbers[i].fallback, numbers[i].min,
				     numbers[i].max, numbers[i].into);
	plan->rate = status < 0 ? whole_rate : 0;
	return status;
}

static int
read_server(struct plan *plan)
{
	const char *colon = strrchr(server, ':');
	char address[INET_ADDRSTRLEN];
	unsigned long port;

	if (colon == NULL || (size_t)(colon - server) >= sizeof address ||
	    !option_number(colon + 1, 1, UINT16_MAX, &port))
		return wrong("a server is ADDRESS:PORT, not", server);
	memcpy(address, server, (size_t)(colon - server));
	address[colon - server] = '\0';
	plan->server.sin_family = AF_INET;
	plan->server.sin_port = htons((uint16_t)port);
	if (inet_pton(AF_INET, address, &plan->server.sin_addr) != 1)
		return wrong("a server is ADDRESS:PORT, not", server);
	return -1;
}

/* Only the first of several signs. */
static void
take_secret(struct plan *plan, FILE *in)
{
	static char secret[SECRET_MAX];

	if (fscanf(in, "%1023s", secret) == 1)
		plan->secret = secret;
}

static FILE *
open_secret(void)
{
	char name[PATH_MAX];

	if (is_set(jwt_secret))
		return fmemopen((char *)jwt_secret, strlen(jwt_secret), "r");
	if (is_set(secret_file))
		return fopen(secret_file, "re");
	snprintf(name, sizeof name, "%s/jwt.secret", data);
	return fopen(name, "re");
}

/* Other servers want none. */
static int
read_secret(struct plan *plan)
{
	FILE *in = open_secret();

	if (in == NULL && is_set(secret_file)) {
		fprintf(stderr, "parley-bench: %s: %s\n", secret_file,
			strerror(errno));
		return 1;
	}
	if (in == NULL)
		return -1;
	take_secret(plan, in);
	fclose(in);
	return -1;
}

static int
read_processes(struct plan *plan)
{
	char in_data[PATH_MAX];
	const char *folder = run, *fault = NULL;

	if (run_folder_choose(&folder, data, in_data) != 0)
		return wrong("too long a folder is", data);
	if (is_set(processes))
		fault = processes_parse(&plan->processes, processes);
	else if (is_set(run) || access(folder, F_OK) == 0)
		fault = processes_find(&plan->processes, folder);
	if (fault == NULL)
		return -1;
	fprintf(stderr, "parley-bench: %s\n", fault);
	return USAGE;
}

/* --- What follows from it */

/* One process makes the load unless its descriptors do not suffice. */
static unsigned
fewest_workers(const struct plan *plan)
{
	unsigned each = (unsigned)sysconf(_SC_OPEN_MAX) - WORKER_FDS;

	return (plan->connections + each - 1) / each;
}

static int
read_ids(struct plan *plan)
{
	plan->has_random_ids = strcmp(ids, "random") == 0;
	return plan->has_random_ids || strcmp(ids, "v7") == 0
		   ? -1
		   : wrong("ids are v7 or random, not", ids);
}

static int
complete(struct plan *plan)
{
	if ((uint64_t)plan->rooms * plan->members > CONNECTIONS)
		return wrong("too many connections in rooms of", members);
	plan->connections = plan->rooms * plan->members;
	if (plan->senders > plan->members)
		plan->senders = plan->members;
	if (plan->workers < fewest_workers(plan))
		plan->workers = fewest_workers(plan);
	if (plan->exercise == EXERCISE_ASK && plan->protocol->ask == NULL)
		return wrong("nothing can be asked for in the protocol",
			     plan->protocol->name);
	if (plan->logins > 0 && !plan->protocol->has_accounts)
		return wrong("nobody can log in by the protocol",
			     plan->protocol->name);
	plan->rooms_from = is_set(rooms_from) ? rooms_from : NULL;
	plan->path = is_set(path) ? path : NULL;
	plan->json = is_set(json) ? json : NULL;
	random_bytes(&plan->run, sizeof plan->run);
	return -1;
}

static void
list_names(void)
{
	puts("\nScenarios:");
	scenario_list(stdout);
	puts("\nProtocols:");
	protocol_list(stdout);
}

static bool
is_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0)
			return true;
	return false;
}

int
plan_read(struct plan *plan, int argc, char **argv)
{
	const struct scenario *scenario;
	int words, status = program_begin(&program, argc, argv, &words);

	if (status == 0 && is_help(argc, argv))
		list_names();
	if (status >= 0)
		return status;
	if (words != 1)
		return wrong("one scenario is wanted, not",
			     words > 1 ? argv[1] : "");
	if ((scenario = scenario_find(argv[0])) == NULL)
		return wrong("there is no scenario", argv[0]);
	*plan = (struct plan){ .scenario = scenario->name,
			       .exercise = scenario->exercise,
			       .protocol = protocol_find(protocol) };
	if (plan->protocol == NULL)
		return wrong("there is no protocol", protocol);
	if ((status = read_numbers(plan, scenario)) >= 0 ||
	    (status = read_server(plan)) >= 0 ||
	    (status = read_secret(plan)) >= 0 ||
	    (status = read_processes(plan)) >= 0 ||
	    (status = read_ids(plan)) >= 0)
		return status;
	return complete(plan);
}
