/* SPDX-License-Identifier: MIT */
/* proto/sandbox.h - takes from a daemon what it does not need.
 *
 * In two steps, since the kernel has two means. Files (landlock) are closed as
 * soon as it is known which ones are needed, before any thread is made: what
 * a thread may reach, it has from the one that made it. System calls (seccomp)
 * are closed for all threads at once, when everything is open. What a daemon
 * needs beyond its sockets in the runtime folder, it declares in rows.
 */
#ifndef PARLEY_PROTO_SANDBOX_H
#define PARLEY_PROTO_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

enum sandbox_need {
	/* The data folder, with databases and secrets. */
	SANDBOX_DATA = 1,
	/* The folder of a database, in which SQLite makes more files. */
	SANDBOX_DATABASE,
	/* To read a file, and what replaces it in its folder. */
	SANDBOX_FILE,
	/* Addresses that clients connect to, and a file that says which. */
	SANDBOX_CLIENTS,
	/* To connect to addresses anywhere, and to look for those of names. */
	SANDBOX_OUTSIDE,
};

struct sandbox_row {
	enum sandbox_need need;
	const char **setting; /* the path; NULL or empty: nothing is needed */
	/* Makes an absolute path of the setting: 0, or -1 after a log line.
	 * NULL: a relative path begins where the daemon was started. */
	int (*path)(const char *setting, const char *data, char *into,
		    size_t room);
};

struct sandbox {
	const struct sandbox_row *rows; /* ends with { 0 }; or NULL */
	const char *data;               /* folder, absolute */
	const char *run;                /* folder, absolute */
	const char *started_in; /* folder, absolute; NULL if it is gone */
	const char *keys;       /* folder of CURVE keys; NULL or empty: none */
	const char *kind;       /* "router": whose secret key is read there */
	bool is_off;            /* nothing shall be closed */
	bool has_tcp;           /* it meets other daemons over tcp:// */
};

/* Why nothing is closed: it is not wanted, or not possible in this build. NULL:
 * it is. */
const char *sandbox_obstacle(const struct sandbox *sandbox);

/* Gives up new privileges, core files and debuggers, and all files but those
 * that are needed. An obstacle, or a kernel without the means, is told of in
 * the log and is no failure. 0, or -1 after a log line. */
int sandbox_close_files(const struct sandbox *sandbox);

/* Gives up all system calls but those that are needed: see sandbox_calls.c for
 * what becomes of the others. As above. */
int sandbox_close_calls(const struct sandbox *sandbox);

/* For the parts of the sandbox: whether there is a row of this need, and
 * whether it connects over TCP at all, to other daemons or to anybody. */
bool sandbox_needs(const struct sandbox *sandbox, enum sandbox_need need);
bool sandbox_connects(const struct sandbox *sandbox);

#endif
