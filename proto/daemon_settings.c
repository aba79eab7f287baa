/* SPDX-License-Identifier: MIT */
/* proto/daemon_settings.c - the options that all daemons share, and what
 * follows from them: its name, its log, its folders. */
#include "proto/daemon_internal.h"

#include "proto/run_folder.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const enum party daemon_kinds[KINDS] = { GATEWAY, ROUTER, PRESENCE,
					 STORE,   AUTH,   HOOKS };

/* --- Options */

static const char *const endpoint_defaults[KINDS] = { NULL, "ipc://router.sock",
						      "ipc://presence.sock",
						      "ipc://store.sock",
						      "ipc://auth.sock" };

static const char *const endpoint_help[KINDS] = {
	NULL, "where the router binds and others connect",
	"where presence binds and others connect",
	"where the store binds and others connect",
	"where auth binds and others connect"
};

void
daemon_fill_rows(struct process *p,
		 struct option_row rows[COMMON_ROWS + KINDS + 1])
{
	struct settings *s = &p->settings;
	const struct option_row common[COMMON_ROWS] = {
		{ "env", &s->env, ".env", "file with settings" },
		{ "data", &s->data, "./data", "folder of what is kept" },
		{ "run", &s->run, NULL,
		  "folder of sockets and pid files (default: DATA/run)" },
		{ "instance", &s->instance, "1",
		  "which one of its kind this is, from 1" },
		{ "log", &s->log, "info", "error, warn, info or debug" },
		{ "log-format", &s->log_format, "logfmt", "logfmt or json" },
		{ "curve-dir", &s->curve_dir, "",
		  "folder of keys for tcp:// endpoints" },
		{ "sandbox", &s->sandbox, "on",
		  "on, or off to debug: may do all that its user may" },
		{ "restarts", &s->restarts, "0",
		  "how often its supervisor has started it again, for the "
		  "metrics" },
	};
	size_t n = COMMON_ROWS;

	memcpy(rows, common, sizeof common);
	for (size_t i = 0; i < KINDS; i++) {
		bool is_own =
		    p->daemon->party == daemon_kinds[i] && p->daemon->binds;
		if (daemon_kinds[i] == GATEWAY ||
		    (!is_own && (p->daemon->connects & daemon_kinds[i]) == 0))
			continue;
		rows[n++] = (struct option_row){
			.name = party_name(daemon_kinds[i]),
			.value = &s->endpoints[i],
			.fallback = endpoint_defaults[i],
			.help = endpoint_help[i],
		};
	}
	rows[n] = (struct option_row){ 0 };
}

static int
wrong_usage(const struct process *p, const char *option, const char *value)
{
	fprintf(stderr, "%s: --%s cannot be '%s'; try --help\n",
		p->daemon->name, option, value);
	return 2;
}

int
daemon_check_settings(struct process *p)
{
	struct settings *s = &p->settings;
	enum log_level level;
	unsigned long instance, restarts;

	if (!log_level_parse(&level, s->log))
		return wrong_usage(p, "log", s->log);
	if (strcmp(s->log_format, "logfmt") != 0 &&
	    strcmp(s->log_format, "json") != 0)
		return wrong_usage(p, "log-format", s->log_format);
	if (strcmp(s->sandbox, "on") != 0 && strcmp(s->sandbox, "off") != 0)
		return wrong_usage(p, "sandbox", s->sandbox);
	if (!option_number(s->instance, 1, 9999, &instance))
		return wrong_usage(p, "instance", s->instance);
	if (!option_number(s->restarts, 0, UINT32_MAX, &restarts))
		return wrong_usage(p, "restarts", s->restarts);
	p->runtime.instance = (unsigned)instance;
	p->figures.restarts = restarts;
	if (instance == 1)
		snprintf(p->name, sizeof p->name, "%s", p->daemon->name);
	else
		snprintf(p->name, sizeof p->name, "%s.%lu", p->daemon->name,
			 instance);
	p->runtime.name = p->name;
	log_setup(p->name, level, strcmp(s->log_format, "json") == 0);
	return 0;
}

/* --- Folders */

/* Makes a folder and those above it, and says where it is, absolutely. */
static char *
make_folder(const char *path)
{
	char *copy = strdup(path);
	char *absolute = NULL;

	if (copy == NULL) {
		log_error("no_memory", KT("for", path));
		return NULL;
	}
	for (char *slash = copy + 1; *slash != '\0'; slash++) {
		if (*slash != '/')
			continue;
		*slash = '\0';
		(void)mkdir(copy, 0700);
		*slash = '/';
	}
	if (mkdir(copy, 0700) == 0 || errno == EEXIST)
		absolute = realpath(copy, NULL);
	if (absolute == NULL)
		log_error("no_folder", KT("folder", path),
			  KT("error", strerror(errno)),
			  KT("hint", "set PARLEY_DATA or PARLEY_RUN"));
	free(copy);
	return absolute;
}

/* The folder is found from where the daemon was started. A missing one is told
 * of by whoever opens it. */
static void
make_absolute(const char **path, char **owned)
{
	*owned = **path == '\0' ? NULL : realpath(*path, NULL);
	if (*owned != NULL)
		*path = *owned;
}

int
daemon_enter_folders(struct process *p)
{
	char *data = make_folder(p->settings.data);
	const char *folder = p->settings.run;
	char in_data[PATH_MAX], *run = NULL;

	if (data == NULL)
		return -1;
	p->runtime.started_in = getcwd(NULL, 0);
	p->runtime.data = data;
	if (run_folder_choose(&folder, data, in_data) != 0)
		log_error("no_folder", KT("folder", data),
			  KT("error", strerror(errno)));
	else
		run = make_folder(folder);
	if (run == NULL)
		return -1;
	p->runtime.run = run;
	make_absolute(&p->settings.curve_dir, &p->curve_dir);
	/* A socket's path may have 107 bytes: relative ones fit anywhere. */
	if (chdir(run) == 0)
		return 0;
	log_error("no_folder", KT("folder", run), KT("error", strerror(errno)));
	return -1;
}
