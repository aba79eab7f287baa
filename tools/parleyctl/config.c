/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/config.c - what the settings of the daemons come to, and
 * where each came from.
 *
 * Each daemon's program is asked (`NAME --settings`), with the environment of
 * this one: it alone knows its options, and nothing is listed twice.
 */
#include "tools/parleyctl/list.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Settings that all daemons take as flags. */
static const char *const passed[] = { "--env", "--data", "--run" };

const char *const config_daemons[] = { "gateway", "router", "presence", "store",
				       "auth",    "hooks",  NULL };

static const struct column columns[] = {
	{ "variable", "SETTING" },
	{ "value", "VALUE" },
	{ "source", "FROM" },
	{ "daemons", "OF" },
	{ 0 },
};

/* --- Asking a daemon's program */

/* Beside this program where all was built, and where make install puts daemons
 * when BINDIR and LIBEXECDIR are under one PREFIX. */
static const char *const places[] = { ".", "../libexec/parley" };

static int
find_in(struct call *call, const char *folder, size_t n, const char *place,
	const char *daemon, char into[PATH_MAX])
{
	if (snprintf(into, PATH_MAX, "%.*s/%s/%s", (int)n, folder, place,
		     daemon) >= PATH_MAX)
		return fail(call, "%s: the path is too long", folder);
	return access(into, X_OK) == 0 ? 0 : -1;
}

/* A folder that is named is the only one. */
static int
find_program(struct call *call, const char *daemon, char into[PATH_MAX])
{
	const char *named = call_flag(call, "programs");
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	int status = -1;

	if (n <= 0)
		return fail(call, "/proc/self/exe: %s", strerror(errno));
	self[n] = '\0';
	n = strrchr(self, '/') - self;
	if (named != NULL)
		status = find_in(call, named, strlen(named), ".", daemon, into);
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (status < 0 && named == NULL)
			status = find_in(call, self, (size_t)n, places[i],
					 daemon, into);
	if (status >= 0)
		return status;
	return named != NULL
		   ? fail(call, "there is no program %s in %s", daemon, named)
		   : fail(call,
			  "there is no program %s near %s (--programs names "
			  "its folder)",
			  daemon, self);
}

static bool
is_passed(const char *flag)
{
	for (size_t i = 0; i < sizeof passed / sizeof *passed; i++) {
		size_t n = strlen(passed[i]);

		if (strncmp(flag, passed[i], n) == 0 &&
		    (flag[n] == '\0' || flag[n] == '='))
			return true;
	}
	return false;
}

/* In the child: becomes the daemon's program. */
static void
become(const struct call *call, char *program, int out)
{
	char *argv[2 * sizeof passed / sizeof *passed + 3];
	size_t n = 0;

	argv[n++] = program;
	argv[n++] = (char *)"--settings";
	for (int i = 0; i < call->given_n; i++) {
		bool has_value = strchr(call->given[i], '=') != NULL;

		if (is_passed(call->given[i]) &&
		    n + 2 < sizeof argv / sizeof *argv) {
			argv[n++] = call->given[i];
			if (!has_value && i + 1 < call->given_n)
				argv[n++] = call->given[i + 1];
		}
		i += !has_value;
	}
	argv[n] = NULL;
	if (dup2(out, STDOUT_FILENO) >= 0)
		execv(program, argv);
	fprintf(stderr, "parleyctl config: %s: %s\n", program, strerror(errno));
	_exit(127);
}

/* --- What it says */

/* The row of a setting as another daemon has said it already. */
static json_t *
find_same(const json_t *rows, const char *variable, const char *source,
	  const char *value)
{
	size_t i;
	json_t *row;

	json_array_foreach(
	    rows, i,
	    row) if (strcmp(json_string_value(json_object_get(row, "variable")),
			    variable) == 0 &&
		     strcmp(json_string_value(json_object_get(row, "source")),
			    source) == 0 &&
		     strcmp(json_string_value(json_object_get(row, "value")),
			    value) == 0) return row;
	return NULL;
}

static int
add_daemon(struct call *call, json_t *row, const char *daemon)
{
	const char *before = json_string_value(json_object_get(row, "daemons"));
	json_t *both = json_sprintf("%s %s", before, daemon);

	return json_object_set_new(row, "daemons", both) == 0
		   ? 0
		   : fail(call, "out of memory");
}

/* VARIABLE, tab, SOURCE, tab, VALUE. */
static int
take_line(struct call *call, json_t *rows, const char *daemon, char *line)
{
	char *source = strchr(line, '\t');
	char *value = source == NULL ? NULL : strchr(source + 1, '\t');
	json_t *row;

	if (value == NULL)
		return fail(call, "%s --settings: '%s'", daemon, line);
	*source++ = '\0';
	*value++ = '\0';
	value[strcspn(value, "\n")] = '\0';
	row = find_same(rows, line, source, value);
	if (row != NULL)
		return add_daemon(call, row, daemon);
	return list_add(call, rows,
			json_pack("{s:s,s:s,s:s,s:s}", "variable", line,
				  "value", value, "source", source, "daemons",
				  daemon));
}

static int
read_lines(struct call *call, json_t *rows, const char *daemon, int fd)
{
	FILE *in = fdopen(fd, "r");
	char *line = NULL;
	size_t room = 0;
	int status = 0;

	if (in == NULL) {
		close(fd);
		return fail(call, "%s", strerror(errno));
	}
	while (status == 0 && getline(&line, &room, in) > 0)
		status = take_line(call, rows, daemon, line);
	free(line);
	fclose(in);
	return status;
}

static int
ask_program(struct call *call, json_t *rows, const char *daemon)
{
	char program[PATH_MAX];
	int ends[2], status = 0, child_status = 0;
	pid_t pid;

	if (find_program(call, daemon, program) != 0)
		return STATUS_FAILED;
	if (pipe(ends) != 0)
		return fail(call, "%s", strerror(errno));
	pid = fork();
	if (pid == 0)
		become(call, program, ends[1]);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return fail(call, "%s", strerror(errno));
	}
	status = read_lines(call, rows, daemon, ends[0]);
	while (waitpid(pid, &child_status, 0) < 0 && errno == EINTR)
		;
	/* It has said itself what is wrong. */
	return status != 0 || child_status != 0 ? STATUS_FAILED : 0;
}

int
config_show(struct call *call)
{
	const char *wanted = call->n == 0 ? NULL : call->words[0];
	json_t *rows = json_array();
	int status = 0;
	bool known = wanted == NULL;

	for (size_t i = 0; config_daemons[i] != NULL && status == 0; i++) {
		if (wanted != NULL && strcmp(wanted, config_daemons[i]) != 0)
			continue;
		known = true;
		status = ask_program(call, rows, config_daemons[i]);
	}
	if (!known)
		status = wrong_usage(call, "there is no daemon '%s'", wanted);
	if (status == 0)
		return list_print(call, columns, rows);
	json_decref(rows);
	return status;
}
