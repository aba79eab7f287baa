/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/ctl.h - a command of parleyctl, and what it is called with.
 *
 * Commands are rows of the table in commands.c. From it come the parsing of
 * the command line, --help and the completion of shells.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_CTL_H
#define PARLEY_TOOLS_PARLEYCTL_CTL_H

#include "proto/options.h"
#include "tools/client/endpoints.h"

#include <stdbool.h>
#include <stdint.h>

#define FLAGS_MAX 8

/* What a command's run() returns is the exit status. */
enum { STATUS_FINE = 0, STATUS_FAILED = 1, STATUS_USAGE = 2 };

struct call;

struct flag_row {
	const char *name;
	const char *value; /* what to call its value; NULL: it has none */
	const char *help;
};

struct command {
	const char *name;  /* "users list" */
	const char *words; /* "NAME [SESSION]"; NULL: none */
	int least;         /* words */
	int most;
	const char *summary;
	const struct flag_row *flags; /* ends with { 0 }; or NULL */
	int (*run)(struct call *call);
};

/* Settings that all commands share. */
struct settings {
	const char *env;
	const char *data;
	const char *run;
	const char *timeout;
	const char *database;
	const char *curve_dir;
	struct endpoints endpoints;
};

struct call {
	const struct command *command;
	const struct settings *settings;
	char **words;
	int n;
	const char *flags[FLAGS_MAX]; /* by row; NULL: not given */
	char **given;                 /* settings that are flags of the call,
				       * each with its value */
	int given_n;
	void *memory;        /* arguments.c */
	struct asker *asker; /* ask.c */
};

/* The table; ends with { 0 }. */
extern const struct command commands[];

/* The tables of settings, for options_read(). */
extern const struct option_row *const setting_tables[];
extern struct settings settings;

/* The names of the daemons; ends with NULL. */
extern const char *const config_daemons[];

/* What the call says for a flag of its command: NULL if it is not given, ""
 * where it has no value. */
const char *call_flag(const struct call *call, const char *name);

/* A line on stderr that begins with the program and the command. Returns
 * STATUS_FAILED. */
int fail(const struct call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same with "try --help" behind. Returns STATUS_USAGE. */
int wrong_usage(const struct call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Who uses the tool, for the log of a daemon. */
const char *who_asks(void);

/* Seconds of "90", "15m", "12h", "30d". False if it is anything else, 0, or
 * more than 100 years. */
bool read_seconds(const char *text, uint64_t *seconds);

/* Commands, a file for each kind of thing. */
int users_list(struct call *call);
int users_create(struct call *call);
int users_disable(struct call *call);
int users_enable(struct call *call);
int users_reset_password(struct call *call);
int users_sessions(struct call *call);
int users_revoke(struct call *call);
int tokens_mint(struct call *call);
int tokens_bot(struct call *call);
int tokens_list(struct call *call);
int tokens_revoke(struct call *call);
int rooms_list(struct call *call);
int rooms_create(struct call *call);
int rooms_members(struct call *call);
int rooms_bans(struct call *call);
int rooms_add(struct call *call);
int rooms_kick(struct call *call);
int rooms_ban(struct call *call);
int rooms_unban(struct call *call);
int rooms_mute(struct call *call);
int rooms_unmute(struct call *call);
int rooms_role(struct call *call);
int rooms_rename(struct call *call);
int rooms_archive(struct call *call);
int rooms_unarchive(struct call *call);
int hooks_list(struct call *call);
int hooks_create(struct call *call);
int hooks_change(struct call *call);
int hooks_pause(struct call *call);
int hooks_resume(struct call *call);
int hooks_remove(struct call *call);
int stats_show(struct call *call);
int top_show(struct call *call);
int backup_make(struct call *call);
int backup_restore(struct call *call);
int backup_check(struct call *call);
int config_show(struct call *call);
int completion_print(struct call *call);

#endif
