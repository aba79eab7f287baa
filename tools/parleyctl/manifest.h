/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/manifest.h - the first file of a backup: what else is in it.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_MANIFEST_H
#define PARLEY_TOOLS_PARLEYCTL_MANIFEST_H

#include "tools/parleyctl/files.h"

#define MANIFEST_FILES_MAX 3
#define MANIFEST_BYTES_MAX 65536

struct manifest_file {
	char name[16]; /* chat.db, auth.db or jwt.secret */
	uint64_t size;
	char digest[DIGEST_BYTES];
};

struct manifest {
	uint64_t taken_at; /* seconds since 1970 */
	uint64_t messages;
	uint64_t rooms;
	struct manifest_file files[MANIFEST_FILES_MAX];
	size_t n;
};

/* Counts what the copy of chat.db holds. 0, or an exit status after a line on
 * stderr. */
int manifest_count(struct call *call, struct manifest *manifest,
		   const char *chat);

/* As text, for free(). NULL if there is no memory. */
char *manifest_print(const struct manifest *manifest);

/* Reads a manifest. NULL if all is well, or in words what is wrong: it must
 * name chat.db and auth.db, and nothing else but jwt.secret. */
const char *manifest_read(struct manifest *manifest, const char *text,
			  size_t n);

/* The row of a file; NULL if it is not named. */
const struct manifest_file *manifest_find(const struct manifest *manifest,
					  const char *name);

/* Says on stdout what is in the backup at `path`. */
void manifest_tell(const struct manifest *manifest, const char *path);

#endif
