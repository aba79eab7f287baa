/* SPDX-License-Identifier: MIT */
/* tests/chaos/lost_writes.c - a disk that forgets what was not synced.
 *
 * Preloaded into a daemon (LD_PRELOAD) it keeps, for each file that lies in the
 * folder LOST_WRITES_OF, what the writes since its last sync have replaced; for
 * the folder, which names came and went since that was synced. All that stands
 * in the folder LOST_WRITES, which the test makes, and so outlives a kill.
 *
 * Where a file `power` lies there when a daemon starts, the power was lost:
 * what was not synced is taken back before the daemon opens anything. The file
 * holds a seed: 0 takes all of it back; any other leaves some sectors as they
 * were written (lose_power.c).
 *
 * Left alone are folders within the folder, and -shm files: SQLite maps them,
 * and does not believe them after a loss of power.
 */
#include "lost_writes.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int
open_by(const char *path, int flags, mode_t mode)
{
	const char *name = journal_own_name(path);
	struct stat st;
	bool was_there;
	int fd;

	if (name == NULL)
		return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	pthread_mutex_lock(&lost_disk.lock);
	was_there = stat(path, &st) == 0;
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags & ~O_TRUNC, mode);
	if (fd >= 0)
		journal_take(fd);
	if (fd >= 0 && !was_there)
		journal_name(CREATED, name, "");
	pthread_mutex_unlock(&lost_disk.lock);
	if (fd >= 0 && (flags & O_TRUNC) != 0 && ftruncate(fd, 0) != 0) {
		syscall(SYS_close, fd);
		return -1;
	}
	return fd;
}

int
open(const char *path, int flags, ...)
{
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
	va_end(more);
	return open_by(path, flags, mode);
}

int open64(const char *path, int flags, ...)
    __attribute__((alias("open"), copy(open)));

int
creat(const char *path, mode_t mode)
{
	return open_by(path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t n, off_t at)
{
	ssize_t done;

	pthread_mutex_lock(&lost_disk.lock);
	journal_write(fd, n, at);
	done = syscall(SYS_pwrite64, fd, bytes, n, at);
	pthread_mutex_unlock(&lost_disk.lock);
	return done;
}

ssize_t
pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	return pwrite64(fd, bytes, n, at);
}

ssize_t
write(int fd, const void *bytes, size_t n)
{
	ssize_t done;

	if (journal_of(fd) < 0)
		return syscall(SYS_write, fd, bytes, n);
	pthread_mutex_lock(&lost_disk.lock);
	journal_write(fd, n, lseek(fd, 0, SEEK_CUR));
	done = syscall(SYS_write, fd, bytes, n);
	pthread_mutex_unlock(&lost_disk.lock);
	return done;
}

/* One after the other will do: a short write is no error. */
ssize_t
writev(int fd, const struct iovec *parts, int n)
{
	return n > 0 && journal_of(fd) >= 0
		   ? write(fd, parts->iov_base, parts->iov_len)
		   : syscall(SYS_writev, fd, parts, n);
}

int
ftruncate64(int fd, off_t size)
{
	int rc;

	pthread_mutex_lock(&lost_disk.lock);
	journal_cut(fd, size);
	rc = (int)syscall(SYS_ftruncate, fd, size);
	pthread_mutex_unlock(&lost_disk.lock);
	return rc;
}

int
ftruncate(int fd, off_t size)
{
	return ftruncate64(fd, size);
}

int
unlink(const char *path)
{
	const char *name = journal_own_name(path);
	int rc;

	if (name == NULL)
		return (int)syscall(SYS_unlink, path);
	pthread_mutex_lock(&lost_disk.lock);
	rc = journal_remove(path, name);
	pthread_mutex_unlock(&lost_disk.lock);
	return rc;
}

int
link(const char *from, const char *to)
{
	const char *name = journal_own_name(to);
	int rc;

	pthread_mutex_lock(&lost_disk.lock);
	rc = (int)syscall(SYS_link, from, to);
	if (rc == 0 && name != NULL)
		journal_name(CREATED, name, "");
	pthread_mutex_unlock(&lost_disk.lock);
	return rc;
}

/* As a link and a removal: nobody here looks at it in between. */
int
rename(const char *from, const char *to)
{
	const char *name = journal_own_name(to);

	if (name == NULL || journal_own_name(from) == NULL)
		return (int)syscall(SYS_rename, from, to);
	if (unlink(to) != 0 && errno != ENOENT)
		return -1;
	return link(from, to) != 0 ? -1 : unlink(from);
}

static bool
is_folder(int fd)
{
	struct stat st;

	return lost_disk.folder != NULL && fstat(fd, &st) == 0 &&
	       S_ISDIR(st.st_mode) && st.st_ino == lost_disk.ino;
}

/* What is written while the sync goes on is not a part of it. */
static int
sync_by(const char *call, int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, call);
	bool of_names = is_folder(fd);
	int journal = journal_of(fd), rc;
	uint64_t end = 0;

	if (real == NULL)
		give_up(call);
	if (!of_names && journal < 0)
		return real(fd);
	pthread_mutex_lock(&lost_disk.lock);
	end = journal_size(of_names ? lost_disk.names : journal);
	pthread_mutex_unlock(&lost_disk.lock);
	rc = real(fd);
	if (rc != 0)
		return rc;
	pthread_mutex_lock(&lost_disk.lock);
	if (of_names)
		journal_names_synced(end);
	else
		journal_file_synced(journal, end);
	pthread_mutex_unlock(&lost_disk.lock);
	return 0;
}

int
fsync(int fd)
{
	return sync_by("fsync", fd);
}

int
fdatasync(int fd)
{
	return sync_by("fdatasync", fd);
}
