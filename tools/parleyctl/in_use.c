/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/in_use.c - the locks of pid files, and SQLite's own.
 *
 * The first say it in words; the second also know of daemons whose folder of
 * sockets is somewhere else.
 */
#include "tools/parleyctl/in_use.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define BUSY_MS 500

static int
tell_runs(struct call *call, const char *daemon, int fd)
{
	char pid[16] = "";
	ssize_t n = pread(fd, pid, sizeof pid - 1, 0);

	pid[n > 0 ? strcspn(pid, "\n") : 0] = '\0';
	close(fd);
	return fail(call, "%s runs on this folder (pid %s): stop it first",
		    daemon, pid);
}

/* A folder that is not there has no daemons. */
static int
take_lock(struct call *call, struct in_use *locks, const char *run,
	  const char *daemon)
{
	char *path = locks->paths[locks->n];
	int fd;

	if (snprintf(path, PATH_MAX, "%s/%s.pid", run, daemon) >= PATH_MAX)
		return fail(call, "%s: the path is too long", run);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == ENOENT
			   ? 0
			   : fail(call, "%s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return tell_runs(call, daemon, fd);
	locks->fds[locks->n++] = fd;
	return 0;
}

static int
take_locks(struct call *call, struct in_use *locks, const char *run)
{
	int status = take_lock(call, locks, run, "store");

	return status != 0 ? status : take_lock(call, locks, run, "auth");
}

/* As the last one to close it, this also empties the wal of a database that
 * was left by a killed daemon. What is damaged, nobody can be using. */
static int
judge_database(struct call *call, const char *path)
{
	sqlite3 *db = NULL;
	int rc = SQLITE_OK;

	if (!file_exists(path))
		return 0;
	rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
	if (rc == SQLITE_OK) {
		sqlite3_busy_timeout(db, BUSY_MS);
		rc = sqlite3_exec(db,
				  "PRAGMA locking_mode = EXCLUSIVE;"
				  "BEGIN EXCLUSIVE; COMMIT",
				  NULL, NULL, NULL);
	}
	sqlite3_close(db);
	if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
		return fail(call, "%s is in use: stop who uses it first", path);
	return 0;
}

/* Whether the call itself says where something is. */
static bool
is_given(const struct call *call, const char *flag)
{
	size_t n = strlen(flag);

	for (int i = 0; i < call->given_n; i++)
		if (strncmp(call->given[i], flag, n) == 0 &&
		    (call->given[i][n] == '\0' || call->given[i][n] == '='))
			return true;
	return false;
}

/* With --data and without --run it is that folder's own; what a variable says
 * of sockets is about another suite then. */
int
in_use_begin(struct call *call, const struct files *files, struct in_use *locks)
{
	const struct settings *s = call->settings;
	char own[PATH_MAX];
	int status;

	*locks = (struct in_use){ .n = 0 };
	if (snprintf(own, sizeof own, "%s/run", s->data) >= PATH_MAX)
		return fail(call, "%s: the path is too long", s->data);
	status = take_locks(call, locks, own);
	if (status == 0 && strcmp(own, s->run) != 0 &&
	    (is_given(call, "--run") || !is_given(call, "--data")))
		status = take_locks(call, locks, s->run);
	if (status == 0)
		status = judge_database(call, files->chat);
	if (status == 0)
		status = judge_database(call, files->auth);
	if (status != 0)
		in_use_end(locks);
	return status;
}

void
in_use_end(struct in_use *locks)
{
	while (locks->n > 0) {
		(void)unlink(locks->paths[--locks->n]);
		close(locks->fds[locks->n]);
	}
}
