/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/sandbox_test.c - what each kind of daemon may still do.
 *
 * Each act is tried by a process of its own, which closes itself in as a daemon
 * does and then ends with the act's errno, 0 if it could, or by the kernel's
 * signal.
 */
#include "tests/unit/proto/sandbox_fixture.h"

#include <openssl/rand.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <time.h>

#define KILLED (128 + SIGSYS)

static const struct sandbox_row auth_rows[] = {
	{ .need = SANDBOX_DATA },
	{ 0 },
};

static const struct sandbox auth = { .rows = auth_rows,
				     .data = data,
				     .run = run };
static const struct sandbox unwanted = { .data = data,
					 .run = run,
					 .is_off = true };

/* --- What is tried: 0, or -1 with errno */

static int
read_users(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 ? -1 : 0;
}

static int
make_in_data(void)
{
	return open_at("data/made", O_RDWR | O_CREAT);
}

static int
read_log(void)
{
	return open_at("run/file", O_RDONLY);
}

static int
write_log(void)
{
	return open_at("run/file", O_WRONLY);
}

static int
write_elsewhere(void)
{
	return open_at("other/file", O_WRONLY | O_TRUNC);
}

static int
make_elsewhere(void)
{
	return open_at("other/made", O_WRONLY | O_CREAT);
}

static int
write_certificate(void)
{
	return open_at("tls/file", O_WRONLY);
}

static int
remove_socket(void)
{
	char path[128];

	snprintf(path, sizeof path, "%s/run/socket", base);
	return unlink(path);
}

static int
make_unix_socket(void)
{
	return open_socket(AF_UNIX, SOCK_STREAM);
}

static int
make_raw_socket(void)
{
	return open_socket(AF_INET, SOCK_RAW);
}

static int
make_packet_socket(void)
{
	return open_socket(AF_PACKET, SOCK_DGRAM);
}

static int
listen_anew(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return listen(fd, 1);
}

static int
run_a_program(void)
{
	char *const nothing[] = { "/bin/true", NULL };

	return execve(nothing[0], nothing, nothing + 1);
}

static int
make_a_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid < 0 ? -1 : 0;
}

static int
trace_another(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0 ? 0 : -1;
}

static int
mount_something(void)
{
	return mount("none", base, "tmpfs", 0, NULL);
}

static int
become_another(void)
{
	return setuid(getuid());
}

static int
leave_namespace(void)
{
	return (int)syscall(SYS_unshare, 0);
}

static int
signal_another(void)
{
	return kill(getppid(), 0);
}

static int
allow_core_files(void)
{
	const struct rlimit limit = { 0, 0 };

	return setrlimit(RLIMIT_CORE, &limit);
}

static int
make_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return 0; /* not what is asked: tells as if it could */
	return mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static int
map_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? -1 : 0;
}

static void *
do_nothing(void *unused)
{
	return unused;
}

static int
make_a_thread(void)
{
	pthread_t thread;
	int rc = pthread_create(&thread, NULL, do_nothing, NULL);

	if (rc == 0)
		rc = pthread_join(thread, NULL);
	errno = rc;
	return rc == 0 ? 0 : -1;
}

static int
take_random_bytes(void)
{
	unsigned char bytes[32];

	errno = EIO;
	return RAND_priv_bytes(bytes, sizeof bytes) == 1 ? 0 : -1;
}

static int
tell_the_time(void)
{
	struct timespec nap = { 0, 1000 }, now;
	char text[64];
	struct tm local;

	return clock_gettime(CLOCK_REALTIME, &now) == 0 &&
		       localtime_r(&now.tv_sec, &local) != NULL &&
		       strftime(text, sizeof text, "%c", &local) > 0 &&
		       nanosleep(&nap, NULL) == 0
		   ? 0
		   : -1;
}

/* Journals of both kinds, a sort that needs a file, and an end that removes
 * what lies beside the database. */
static int
keep_a_database(void)
{
	static const char sql[] =
	    "CREATE TABLE t (x);"
	    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 20000) INSERT INTO t SELECT randomblob(200) FROM n;"
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	    "PRAGMA mmap_size = 1048576;"
	    "PRAGMA temp_store = FILE; PRAGMA cache_size = 10;"
	    "CREATE INDEX by_x ON t (x); UPDATE t SET x = randomblob(100);"
	    "VACUUM; PRAGMA wal_checkpoint(TRUNCATE);";
	sqlite3 *db = NULL;
	int rc = sqlite3_open(database, &db);

	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_close(db);
	errno = EIO;
	return rc == SQLITE_OK ? 0 : -1;
}

/* --- Who tries it */

static const struct trial {
	const struct sandbox *sandbox;
	int (*act)(void);
	int wanted;
	bool by_files; /* landlock decides */
} trials[] = {
	{ &router, make_unix_socket, 0 },
	{ &router, remove_socket, 0 },
	{ &router, make_a_thread, 0 },
	{ &router, take_random_bytes, 0 },
	{ &router, tell_the_time, 0 },
	{ &router, read_users, EPERM },
	{ &router, read_data, EPERM },
	{ &router, read_log, EPERM },
	{ &router, write_log, EPERM },
	{ &router, write_elsewhere, EPERM },
	{ &router, make_tcp_socket, EPERM },
	{ &router, make_raw_socket, EPERM },
	{ &router, make_packet_socket, EPERM },
	{ &router, listen_anew, EPERM },
	{ &router, signal_another, EPERM },
	{ &router, allow_core_files, EPERM },
	{ &router, make_code, EPERM },
	{ &router, map_code, EPERM },
	{ &router, run_a_program, KILLED },
	{ &router, make_a_process, KILLED },
	{ &router, trace_another, KILLED },
	{ &router, mount_something, KILLED },
	{ &router, become_another, KILLED },
	{ &router, leave_namespace, KILLED },

	{ &remote, make_tcp_socket, 0 },
	{ &remote, make_raw_socket, EPERM },
	{ &remote, make_packet_socket, EPERM },
	{ &remote, listen_anew, EPERM },
	{ &remote, read_users, EACCES, true },
	{ &remote, read_data, EACCES, true },
	{ &remote, run_a_program, KILLED },

	{ &unwanted, read_users, 0 },
	{ &unwanted, make_tcp_socket, 0 },
	{ &unwanted, make_a_process, 0 },

	{ &store, keep_a_database, 0 },
	{ &store, take_random_bytes, 0 },
	{ &store, read_users, EACCES, true },
	{ &store, write_elsewhere, EACCES, true },
	{ &store, make_elsewhere, EACCES, true },
	{ &store, write_log, EACCES, true },
	{ &store, make_tcp_socket, EPERM },
	{ &store, run_a_program, KILLED },
	{ &store, make_a_process, KILLED },
	{ &store, trace_another, KILLED },

	{ &auth, read_data, 0 },
	{ &auth, make_in_data, 0 },
	{ &auth, take_random_bytes, 0 },
	{ &auth, make_a_thread, 0 },
	{ &auth, read_users, EACCES, true },
	{ &auth, write_elsewhere, EACCES, true },
	{ &auth, make_tcp_socket, EPERM },
	{ &auth, run_a_program, KILLED },
	{ &auth, make_a_process, KILLED },
	{ &auth, trace_another, KILLED },

	{ &gateway, read_certificate, 0 },
	{ &gateway, read_next_certificate, 0 },
	{ &gateway, make_unix_socket, 0 },
	{ &gateway, write_certificate, EACCES, true },
	{ &gateway, read_users, EACCES, true },
	{ &gateway, read_data, EACCES, true },
	{ &gateway, make_in_data, EACCES, true },
	{ &gateway, write_elsewhere, EACCES, true },
	{ &gateway, make_tcp_socket, EPERM },
	{ &gateway, make_raw_socket, EPERM },
	{ &gateway, run_a_program, KILLED },
	{ &gateway, make_a_process, KILLED },
	{ &gateway, trace_another, KILLED },
};

static void
each_kind_does_what_it_needs_and_no_more(void)
{
	for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
		const struct trial *t = &trials[i];
		int got;

		if (t->by_files && landlock() < 1)
			continue;
		got = try(t->sandbox, t->act);
		if (got != t->wanted)
			printf("# trial %zu\n", i + 1);
		CHECK_INT(got, t->wanted);
	}
}

static void
run_all(void)
{
	RUN(each_kind_does_what_it_needs_and_no_more);
}

int
main(void)
{
	return run_in_folders(run_all);
}
