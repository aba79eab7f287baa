/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/files.h - the files of a data folder, and what is done to
 * files whole.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_FILES_H
#define PARLEY_TOOLS_PARLEYCTL_FILES_H

#include "tools/parleyctl/ctl.h"

#include <limits.h>

/* SHA-256 as hexadecimal digits with a NUL. */
#define DIGEST_BYTES 65

struct files {
	char chat[PATH_MAX]; /* chat.db, wherever the settings say */
	char auth[PATH_MAX];
	char search[PATH_MAX];
	char secret[PATH_MAX]; /* jwt.secret */
	char sign[PATH_MAX];   /* that they are being replaced */
};

/* Where they are, by the settings. 0, or an exit status after a line on stderr.
 */
int files_find(struct call *call, struct files *files);

/* Whether they belong together. 0, or STATUS_FAILED after a line on stderr: a
 * restore did not come to its end. */
int files_judge(struct call *call, const struct files *files);

/* Whether there is something at `path`. */
bool file_exists(const char *path);

/* Writes the digest and the size of a file. 0, or -1 with errno. */
int file_digest(const char *path, char digest[DIGEST_BYTES], uint64_t *size);

/* Makes sure that a rename in the folder of `path` is on disk. 0, or -1 with
 * errno. */
int file_sync_folder(const char *path);

#endif
