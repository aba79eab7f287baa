/* SPDX-License-Identifier: MIT */
/* tests/chaos/lost_writes.h - the journals of what is not synced yet: kept by
 * lost_journal.c while a daemon runs, as lost_writes.c tells it, and followed
 * back by lose_power.c.
 *
 * The journal of a file is the number of its inode, 64 bits (0: of none), and
 * then entries; that of the names is entries alone.
 */
#ifndef PARLEY_CHAOS_LOST_WRITES_H
#define PARLEY_CHAOS_LOST_WRITES_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define FILES      24
#define NAME_BYTES 128
#define PATH_BYTES 4096

enum kind {
	WRITTEN = 1,
	CUT,
	SYNCED, /* the entries before the place `at` are on disk */
	CREATED,
	REMOVED,
};

/* Of a file; the replaced bytes follow. */
struct change {
	uint64_t kind;
	uint64_t at;
	uint64_t n;    /* bytes that were written, or cut off */
	uint64_t kept; /* bytes that follow: what was there of them */
	uint64_t size; /* of the file, before */
};

/* Of the folder. */
struct name {
	uint64_t kind;
	uint64_t at;
	char from[NAME_BYTES];
	char to[NAME_BYTES]; /* REMOVED: where it waits for the sync */
};

struct lost_disk {
	const char *folder; /* NULL: nothing is to be done */
	ino_t ino;
	int names; /* the journal of the folder */
	uint64_t removed;
	struct {
		int journal; /* begins with the number of the inode */
		ino_t ino;   /* 0: free */
	} files[FILES];
	pthread_mutex_t lock; /* held from a note to the end of its call */
};

extern struct lost_disk lost_disk;

/* Says what went wrong and ends the process: the test must not go on with a
 * disk that forgets the wrong things. */
_Noreturn void give_up(const char *what);

/* Takes back in `folder` what `journals` (of FILES files) and `names` hold, all
 * of it if the seed is 0. The journals stay as they are. */
void lose_power(const char *folder, const int *journals, int names,
		uint64_t seed);

/* The name within the folder, or NULL if it is not of our concern. */
const char *journal_own_name(const char *path);

/* A file was opened: from now on it has a journal. */
void journal_take(int fd);

/* The journal of the file that is open there, or -1; its size. */
int journal_of(int fd);
uint64_t journal_size(int fd);

/* What is about to happen to a file; nothing if it has no journal. */
void journal_write(int fd, size_t n, off_t at);
void journal_cut(int fd, off_t size);

/* A name came (CREATED, and `to` is empty) or went. */
void journal_name(enum kind kind, const char *from, const char *to);

/* Removes a name: what has it waits in another place until the folder is
 * synced. 0, or -1 with errno. */
int journal_remove(const char *path, const char *name);

/* The first `end` bytes of the journal tell of what is on disk now. */
void journal_file_synced(int journal, uint64_t end);
void journal_names_synced(uint64_t end);

#endif
