/* SPDX-License-Identifier: MIT */
/* proto/sandbox_files.h - the kernel's landlock: files and TCP that a process
 * may still reach. The rest of the sandbox alone uses it.
 */
#ifndef PARLEY_PROTO_SANDBOX_FILES_H
#define PARLEY_PROTO_SANDBOX_FILES_H

#include <stdbool.h>
#include <stdint.h>

enum sandbox_right {
	SANDBOX_READ = 1,  /* files, and what a folder holds */
	SANDBOX_BIND = 2,  /* to make sockets, and to remove what is there */
	SANDBOX_WRITE = 4, /* to make files, and to write and rename them */
	SANDBOX_KEEP = SANDBOX_READ | SANDBOX_WRITE, /* as databases are kept */
};

struct sandbox_files {
	int ruleset;    /* -1: the kernel knows no landlock */
	long version;   /* of the kernel's landlock */
	uint64_t known; /* rights that this version knows */
};

/* Begins a set of rules that allows nothing: no file, no TCP connection unless
 * `connects`, no TCP listener unless that or `listens`. Tells once in the log
 * if there is no landlock; what follows then does nothing. 0, or -1 after a log
 * line. */
int sandbox_files_init(struct sandbox_files *files, bool connects,
		       bool listens);

/* Allows `rights` to a file, or to a folder and all beneath. What is not there
 * is passed over: whoever needs it will tell. 0, or -1 after a log line. */
int sandbox_files_allow(struct sandbox_files *files, const char *path,
			enum sandbox_right rights);

/* Closes what was not allowed, for this thread and those that it makes from
 * now on, for good. 0, or -1 after a log line. */
int sandbox_files_close(const struct sandbox_files *files);

void sandbox_files_fini(struct sandbox_files *files);

#endif
