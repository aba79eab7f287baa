/* SPDX-License-Identifier: MIT */
/* tests/chaos/lost_journal.c - what is not synced yet, kept while a daemon
 * runs, and taken back where the power was lost.
 *
 * Its own files are opened before the daemon's sandbox closes, and written by
 * system calls, since the names that these have in libc are taken
 * (lost_writes.c).
 */
#include "lost_writes.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GONE ".gone." /* what such a name has is removed, not synced */

struct lost_disk lost_disk = { .lock = PTHREAD_MUTEX_INITIALIZER };

void
give_up(const char *what)
{
	dprintf(2, "lost_writes: %s: %s\n", what, strerror(errno));
	abort();
}

static void
put(int fd, const void *bytes, size_t n, uint64_t at)
{
	const char *from = bytes;

	while (n > 0) {
		long done = syscall(SYS_pwrite64, fd, from, n, at);

		if (done <= 0)
			give_up("cannot write");
		from += done;
		at += (uint64_t)done;
		n -= (size_t)done;
	}
}

static void
cut(int fd, uint64_t size)
{
	if (syscall(SYS_ftruncate, fd, size) != 0)
		give_up("cannot truncate");
}

uint64_t
journal_size(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		give_up("cannot look at a file");
	return (uint64_t)st.st_size;
}

/* The name within the folder, or NULL if it is not of our concern. */
const char *
journal_own_name(const char *path)
{
	size_t n = lost_disk.folder == NULL ? 0 : strlen(lost_disk.folder);
	const char *name = path + n + 1;

	if (n == 0 || strncmp(path, lost_disk.folder, n) != 0 ||
	    path[n] != '/' || *name == '\0' || strchr(name, '/') != NULL ||
	    strlen(name) >= NAME_BYTES - sizeof GONE - 20)
		return NULL;
	n = strlen(name);
	return n > 4 && strcmp(name + n - 4, "-shm") == 0 ? NULL : name;
}

static void
path_of(const char *name, char into[PATH_BYTES])
{
	snprintf(into, PATH_BYTES, "%s/%s", lost_disk.folder, name);
}

/* --- Files */

/* The journal of the file that is open there, or -1. */
int
journal_of(int fd)
{
	struct stat st;

	if (lost_disk.folder == NULL || fstat(fd, &st) != 0 ||
	    !S_ISREG(st.st_mode))
		return -1;
	for (size_t i = 0; i < FILES; i++)
		if (lost_disk.files[i].ino == st.st_ino)
			return lost_disk.files[i].journal;
	return -1;
}

static void
set_file(size_t i, ino_t ino)
{
	uint64_t number = ino;

	lost_disk.files[i].ino = ino;
	cut(lost_disk.files[i].journal, 0);
	put(lost_disk.files[i].journal, &number, sizeof number, 0);
}

static void
forget_file(ino_t ino)
{
	for (size_t i = 0; i < FILES; i++)
		if (lost_disk.files[i].ino == ino)
			set_file(i, 0);
}

void
journal_take(int fd)
{
	struct stat st;

	if (journal_of(fd) >= 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return;
	for (size_t i = 0; i < FILES; i++)
		if (lost_disk.files[i].ino == 0) {
			set_file(i, st.st_ino);
			return;
		}
	errno = ENFILE;
	give_up("too many files");
}

/* Keeps what is there before it is replaced. */
static void
note(int journal, int fd, enum kind kind, uint64_t at, uint64_t n)
{
	struct change change = { kind, at, n, 0, journal_size(fd) };
	uint64_t end = journal_size(journal);
	char *old;

	if (at < change.size)
		change.kept = at + n < change.size ? n : change.size - at;
	old = malloc(change.kept + 1);
	if (old == NULL ||
	    syscall(SYS_pread64, fd, old, change.kept, at) != (long)change.kept)
		give_up("cannot keep what is replaced");
	put(journal, old, change.kept, end + sizeof change);
	put(journal, &change, sizeof change, end);
	free(old);
}

void
journal_write(int fd, size_t n, off_t at)
{
	int journal = journal_of(fd);

	if (journal >= 0 && n > 0)
		note(journal, fd, WRITTEN, (uint64_t)at, n);
}

void
journal_cut(int fd, off_t size)
{
	int journal = journal_of(fd);
	uint64_t before = journal < 0 ? 0 : journal_size(fd);

	if ((uint64_t)size < before)
		note(journal, fd, CUT, (uint64_t)size, before - (uint64_t)size);
	else if (journal >= 0)
		note(journal, fd, WRITTEN, before, (uint64_t)size - before);
}

/* The first `end` bytes of the journal tell of what is on disk now. */
void
journal_file_synced(int journal, uint64_t end)
{
	struct change mark = { .kind = SYNCED, .at = end };
	uint64_t now = journal_size(journal);

	if (now == end)
		cut(journal, sizeof(uint64_t));
	else
		put(journal, &mark, sizeof mark, now);
}

/* --- Names */

void
journal_name(enum kind kind, const char *from, const char *to)
{
	struct name entry = { .kind = kind };

	snprintf(entry.from, sizeof entry.from, "%s", from);
	snprintf(entry.to, sizeof entry.to, "%s", to);
	put(lost_disk.names, &entry, sizeof entry,
	    journal_size(lost_disk.names));
}

static bool
read_name(uint64_t at, struct name *entry)
{
	return syscall(SYS_pread64, lost_disk.names, entry, sizeof *entry,
		       at) == sizeof *entry;
}

/* What was removed is so for good. */
static void
remove_gone(const struct name *entry)
{
	char path[PATH_BYTES];
	struct stat st;

	if (entry->kind != REMOVED)
		return;
	path_of(entry->to, path);
	if (stat(path, &st) == 0 && st.st_nlink == 1)
		forget_file(st.st_ino);
	syscall(SYS_unlink, path);
}

void
journal_names_synced(uint64_t end)
{
	struct name entry = { .kind = SYNCED, .at = end };
	struct name early;
	uint64_t now = journal_size(lost_disk.names);

	for (uint64_t at = 0; at < end && read_name(at, &early);
	     at += sizeof early)
		remove_gone(&early);
	if (now == end)
		cut(lost_disk.names, 0);
	else
		put(lost_disk.names, &entry, sizeof entry, now);
}

/* Removed names wait in another place until the folder is synced. */
int
journal_remove(const char *path, const char *name)
{
	char to[NAME_BYTES], aside[PATH_BYTES];

	snprintf(to, sizeof to, "%s" GONE "%d.%llu", name, (int)getpid(),
		 (unsigned long long)++lost_disk.removed);
	path_of(to, aside);
	if (syscall(SYS_rename, path, aside) != 0)
		return -1;
	journal_name(REMOVED, name, to);
	return 0;
}

/* --- The beginning */

static int
open_journal(const char *folder, const char *name, int number)
{
	char path[PATH_BYTES];
	int fd;

	snprintf(path, sizeof path, "%s/%s.%d", folder, name, number);
	fd = (int)syscall(SYS_openat, AT_FDCWD, path,
			  O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		give_up(path);
	return fd;
}

static ino_t
file_of(int journal)
{
	uint64_t number = 0;

	return syscall(SYS_pread64, journal, &number, sizeof number, 0L) ==
		       sizeof number
		   ? (ino_t)number
		   : 0;
}

/* A kill alone loses nothing: then the journals of the last life go on. */
static void
look_for_power(const char *folder)
{
	char path[PATH_BYTES];
	int journals[FILES];
	uint64_t seed;
	FILE *order;

	snprintf(path, sizeof path, "%s/power", folder);
	order = fopen(path, "r");
	if (order == NULL)
		return;
	if (fscanf(order, "%" SCNu64, &seed) != 1)
		give_up(path);
	fclose(order);
	for (size_t i = 0; i < FILES; i++)
		journals[i] = lost_disk.files[i].journal;
	lose_power(lost_disk.folder, journals, lost_disk.names, seed);
	journal_names_synced(journal_size(lost_disk.names));
	for (size_t i = 0; i < FILES; i++)
		set_file(i, 0);
	syscall(SYS_unlink, path);
}

__attribute__((constructor)) static void
open_disk(void)
{
	const char *folder = getenv("LOST_WRITES");
	const char *of = getenv("LOST_WRITES_OF");
	struct stat st;

	if (folder == NULL || of == NULL)
		return;
	if (stat(of, &st) != 0)
		give_up(of);
	for (int i = 0; i < FILES; i++) {
		lost_disk.files[i].journal = open_journal(folder, "file", i);
		lost_disk.files[i].ino = file_of(lost_disk.files[i].journal);
	}
	lost_disk.names = open_journal(folder, "names", 0);
	lost_disk.ino = st.st_ino;
	lost_disk.folder = of;
	look_for_power(folder);
}
