/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/sandbox_fixture.h - daemons of each kind, the folders that
 * they are closed into, and a process of its own for what is tried there.
 *
 * On a kernel without landlock what it would refuse is not tried; where
 * sanitizers forbid a sandbox, nothing is.
 */
#ifndef PARLEY_TESTS_UNIT_PROTO_SANDBOX_FIXTURE_H
#define PARLEY_TESTS_UNIT_PROTO_SANDBOX_FIXTURE_H

#include "proto/sandbox.h"

#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* base/ holds data/, run/, tls/ and other/, each with a file. */
static char base[] = "/tmp/sandbox_test.XXXXXX";
static char data[64], run[64], database[64], certificate[64];
static const char *database_setting = database;
static const char *certificate_setting = certificate;

static const struct sandbox_row store_rows[] = {
	{ SANDBOX_DATABASE, &database_setting },
	{ 0 },
};

static const struct sandbox_row gateway_rows[] = {
	{ .need = SANDBOX_CLIENTS },
	{ SANDBOX_FILE, &certificate_setting },
	{ 0 },
};

static const struct sandbox router = { .data = data, .run = run };
static const struct sandbox remote = { .data = data,
				       .run = run,
				       .has_tcp = true };
static const struct sandbox store = { .rows = store_rows,
				      .data = data,
				      .run = run };
static const struct sandbox gateway = { .rows = gateway_rows,
					.data = data,
					.run = run };

/* --- What several tests try: 0, or -1 with errno */

static inline int
open_at(const char *name, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof path, "%s/%s", base, name);
	fd = open(path, flags | O_CLOEXEC, 0600);
	return fd < 0 ? -1 : 0;
}

static inline int
read_data(void)
{
	return open_at("data/file", O_RDONLY);
}

static inline int
read_certificate(void)
{
	return open_at("tls/file", O_RDONLY);
}

static inline int
read_next_certificate(void)
{
	return open_at("tls/next", O_RDONLY);
}

static inline int
open_socket(int family, int kind)
{
	return socket(family, kind | SOCK_CLOEXEC, 0) < 0 ? -1 : 0;
}

static inline int
make_tcp_socket(void)
{
	return open_socket(AF_INET6, SOCK_STREAM);
}

/* --- Trying */

static inline long
landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0,
		       LANDLOCK_CREATE_RULESET_VERSION);
}

/* How the child ended: its status, or 128 and its signal. */
static inline int
end_of(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static inline int
try(const struct sandbox *sandbox, int (*act)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		if (sandbox_close_files(sandbox) != 0 ||
		    sandbox_close_calls(sandbox) != 0)
			_exit(99);
		_exit(act() == 0 ? 0 : errno);
	}
	return end_of(pid);
}

/* --- Folders */

static inline int
make_folders(void)
{
	static const char *const folders[] = { "data", "run", "tls", "other" };
	char path[128];

	if (mkdtemp(base) == NULL)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s/%s", base, folders[i]);
		if (mkdir(path, 0700) != 0)
			return -1;
		snprintf(path, sizeof path, "%s/file", folders[i]);
		if (open_at(path, O_WRONLY | O_CREAT) != 0)
			return -1;
	}
	snprintf(data, sizeof data, "%s/data", base);
	snprintf(run, sizeof run, "%s/run", base);
	snprintf(database, sizeof database, "%s/data/chat.db", base);
	snprintf(certificate, sizeof certificate, "%s/tls/file", base);
	return open_at("tls/next", O_WRONLY | O_CREAT) == 0
		   ? open_at("run/socket", O_WRONLY | O_CREAT)
		   : -1;
}

static inline void
remove_folders(void)
{
	char *const words[] = { "rm", "-rf", base, NULL };
	pid_t pid = fork();

	if (pid == 0) {
		execvp(words[0], words);
		_exit(127);
	}
	CHECK_INT(end_of(pid), 0);
}

static inline void
a_build_with_sanitizers_says_why_it_has_no_sandbox(void)
{
	CHECK_STR(sandbox_obstacle(&router), "built with a sanitizer");
}

static inline int
run_in_folders(void (*tests)(void))
{
	if (sandbox_obstacle(&router) != NULL) {
		RUN(a_build_with_sanitizers_says_why_it_has_no_sandbox);
		return check_done();
	}
	if (make_folders() != 0)
		return 1;
	tests();
	remove_folders();
	return check_done();
}

#endif
