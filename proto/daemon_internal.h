/* SPDX-License-Identifier: MIT */
/* proto/daemon_internal.h - what the files of the runtime share.
 *
 *   daemon.c           start, turns, drain, exit status
 *   daemon_settings.c  options, names and folders
 *   daemon_notify.c    what the service manager is told
 */
#ifndef PARLEY_PROTO_DAEMON_INTERNAL_H
#define PARLEY_PROTO_DAEMON_INTERNAL_H

#include "proto/daemon.h"
#include "proto/process.h"

#include "proto/notify.h"

#define KINDS       6
#define COMMON_ROWS 9
#define NAME_BYTES  33
#define LINE_BYTES  64

extern const enum party daemon_kinds[KINDS];

/* What the common options say. */
struct settings {
	const char *env;
	const char *data;
	const char *run;
	const char *instance;
	const char *log;
	const char *log_format;
	const char *curve_dir;
	const char *sandbox;
	const char *restarts;
	const char *endpoints[KINDS];
};

struct process {
	const struct daemon *daemon;
	struct settings settings;
	struct runtime runtime;
	struct sandbox sandbox;
	struct common_figures figures;
	struct metric_source metrics;
	struct process_files files;
	char name[NAME_BYTES];
	char pid_path[LINE_BYTES];
	char *curve_dir; /* absolute, owned */
	int pid_fd;
	struct loop_watch signals;
	struct loop_timer drain_end;
	struct notify notify;
	struct loop_timer look;
	unsigned told_missing; /* kinds of daemon, as bits */
	bool draining;
	bool started;
};

/* The rows of the common options of this daemon; ends with { 0 }. */
void daemon_fill_rows(struct process *p,
		      struct option_row rows[COMMON_ROWS + KINDS + 1]);

/* Reads what the options say into the name and the log. 0, or 2 after a line
 * that says what is wrong. */
int daemon_check_settings(struct process *p);

/* Makes the folders and enters the one of sockets. 0, or -1 after a log line.
 */
int daemon_enter_folders(struct process *p);

/* Tells the service manager, if there is one, that all is open, and from then
 * on, within the loop, who is missing and that we live. */
void daemon_notify_ready(struct process *p);

void daemon_notify_stopping(struct process *p);

#endif
