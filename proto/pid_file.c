/* SPDX-License-Identifier: MIT */
/* proto/pid_file.c - a lock and a number. */
#include "proto/pid_file.h"

#include "proto/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define OTHER_FOLDER "set PARLEY_RUN"

static int
fail(int fd, const char *event, const char *path, const char *hint)
{
	log_error(event, KT("file", path), KT("error", strerror(errno)),
		  KT("hint", hint));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The file that we locked may have been removed before we had the lock. */
static bool
is_still_there(int fd, const char *path)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && stat(path, &there) == 0 &&
	       ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

int
pid_file_open(const char *path)
{
	char text[32];
	int fd, n;

	for (;;) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
		if (fd < 0)
			return fail(fd, "cannot_open", path, OTHER_FOLDER);
		if (flock(fd, LOCK_EX | LOCK_NB) != 0)
			return fail(fd, "already_running", path,
				    "end the process whose number it has, "
				    "or " OTHER_FOLDER);
		if (is_still_there(fd, path))
			break;
		close(fd);
	}
	n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n)
		return fail(fd, "cannot_write", path, OTHER_FOLDER);
	return fd;
}

void
pid_file_close(int fd, const char *path)
{
	if (fd < 0)
		return;
	unlink(path);
	close(fd);
}
