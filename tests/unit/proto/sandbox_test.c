/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/sandbox_test.c - what each kind of daemon may still do.
 *
 * Each act is tried by a process of its own, which closes itself in as a daemon
 * does and then ends with the act's errno, 0 if it could, or by the kernel's
 * signal. On a kernel without landlock the acts that it would refuse are left
 * out; where sanitizers forbid a sandbox, all are.
 */
#include "proto/sandbox.h"

#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILLED (128 + SIGSYS)

/* base/ holds data/, run/, tls/ and other/, each with a file. */
static char base[] = "/tmp/sandbox_test.XXXXXX";
static char data[64], run[64], database[64], certificate[64];
static const char *database_setting = database;
static const char *certificate_setting = certificate;

static const struct sandbox_row store_rows[] = {
	{ SANDBOX_DATABASE, &database_setting },
	{ 0 },
};

static const struct sandbox_row auth_rows[] = {
	{ .need = SANDBOX_DATA },
	{ 0 },
};

static const struct sandbox_row gateway_rows[] = {
	{ .need = SANDBOX_CLIENTS },
	{ SANDBOX_FILE, &certificate_setting },
	{ 0 },
};

static struct sandbox router = { .data = data, .run = run };
static struct sandbox remote = { .data = data, .run = run, .has_tcp = true };
static struct sandbox unwanted = { .data = data, .run = run, .is_off = true };
static struct sandbox store = { .rows = store_rows, .data = data, .run = run };
static struct sandbox auth = { .rows = auth_rows, .data = data, .run = run };
static struct sandbox gateway = { .rows = gateway_rows,
				  .data = data,
				  .run = run };

/* --- What is tried: 0, or -1 with errno */

static int
open_at(const char *name, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof path, "%s/%s", base, name);
	fd = open(path, flags | O_CLOEXEC, 0600);
	return fd < 0 ? -1 : 0;
}

static int
read_users(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 ? -1 : 0;
}

static int
read_data(void)
{
	return open_at("data/file", O_RDONLY);
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
read_certificate(void)
{
	return open_at("tls/file", O_RDONLY);
}

static int
read_next_certificate(void)
{
	return open_at("tls/next", O_RDONLY);
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
open_socket(int family, int kind)
{
	return socket(family, kind | SOCK_CLOEXEC, 0) < 0 ? -1 : 0;
}

static int
make_unix_socket(void)
{
	return open_socket(AF_UNIX, SOCK_STREAM);
}

static int
make_tcp_socket(void)
{
	return open_socket(AF_INET6, SOCK_STREAM);
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

/* --- Trying */

static long
landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0,
		       LANDLOCK_CREATE_RULESET_VERSION);
}

/* How the child ended: its status, or 128 and its signal. */
static int
end_of(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static int
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

/* --- What needs more than one act */

static void
the_process_gives_up_core_files_and_privileges(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct rlimit core = { 1, 1 };

		if (sandbox_close_files(&router) != 0)
			_exit(1);
		if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
			_exit(2);
		if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
			_exit(3);
		if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0)
			_exit(4);
		_exit(0);
	}
	CHECK_INT(end_of(pid), 0);
}

static int waiting[2];

static void *
wait_and_try(void *got)
{
	char byte;

	if (read(waiting[0], &byte, 1) == 1)
		*(int *)got = make_tcp_socket() == 0 ? 0 : errno;
	return NULL;
}

static void
a_thread_that_was_there_before_is_closed_in_too(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		pthread_t thread;
		int got = -1;

		if (pipe(waiting) != 0 || sandbox_close_files(&router) != 0 ||
		    pthread_create(&thread, NULL, wait_and_try, &got) != 0 ||
		    sandbox_close_calls(&router) != 0 ||
		    write(waiting[1], "", 1) != 1 ||
		    pthread_join(thread, NULL) != 0)
			_exit(99);
		_exit(got);
	}
	CHECK_INT(end_of(pid), EPERM);
}

static void **taken; /* the first of a chain */

/* From here on, malloc() fails: what it had left is taken. */
static void
use_up_memory(void)
{
	const struct rlimit none = { 1, 1 };
	size_t n = 1 << 20;

	if (setrlimit(RLIMIT_AS, &none) != 0)
		_exit(98);
	while (n >= sizeof(void *)) {
		void **one = malloc(n);

		if (one == NULL) {
			n /= 2;
			continue;
		}
		*one = taken;
		taken = one;
	}
}

/* A process that is closed in by half a filter may not even end. */
static void
no_memory_is_needed_to_close_the_calls(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (sandbox_close_files(&gateway) != 0)
			_exit(99);
		use_up_memory();
		if (sandbox_close_calls(&gateway) != 0)
			_exit(97);
		_exit(make_tcp_socket() == 0 ? 0 : errno);
	}
	CHECK_INT(end_of(pid), EPERM);
}

/* 99, or the errno of a connection to a port where nobody listens. */
static int
connect_out(const struct sandbox *sandbox)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct sockaddr_in to = {
			.sin_family = AF_INET,
			.sin_port = htons(1),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		};
		int fd;

		if (sandbox_close_files(sandbox) != 0)
			_exit(99);
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		_exit(connect(fd, (struct sockaddr *)&to, sizeof to) == 0
			  ? 0
			  : errno);
	}
	return end_of(pid);
}

static void
only_a_daemon_with_peers_on_tcp_connects_out(void)
{
	if (landlock() >= 4) {
		CHECK_INT(connect_out(&gateway), EACCES);
		CHECK_INT(connect_out(&store), EACCES);
	}
	CHECK_INT(connect_out(&remote), ECONNREFUSED);
}

/* Beside the databases a certificate is read, and nothing else. */
static void
a_certificate_in_the_data_folder_opens_no_folder(void)
{
	if (landlock() < 1)
		return;
	snprintf(certificate, sizeof certificate, "%s/data/certificate", base);
	CHECK_INT(open_at("data/certificate", O_WRONLY | O_CREAT), 0);
	CHECK_INT(try(&gateway, read_data), EACCES);
	snprintf(certificate, sizeof certificate, "%s/certificate", base);
	CHECK_INT(open_at("certificate", O_WRONLY | O_CREAT), 0);
	CHECK_INT(try(&gateway, read_data), EACCES);
	snprintf(certificate, sizeof certificate, "%s/tls/file", base);
}

/* As tools for certificates lay them out: live/file is a link, and is moved. */
static void
a_linked_certificate_may_be_replaced(void)
{
	char link_path[128];

	snprintf(link_path, sizeof link_path, "%s/other/live", base);
	CHECK_INT(symlink(certificate, link_path), 0);
	certificate_setting = link_path;
	CHECK_INT(try(&gateway, read_certificate), 0);
	CHECK_INT(try(&gateway, read_next_certificate), 0);
	certificate_setting = certificate;
	CHECK_INT(unlink(link_path), 0);
}

static int
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

static void
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

static void
a_build_with_sanitizers_says_why_it_has_no_sandbox(void)
{
	CHECK_STR(sandbox_obstacle(&router), "built with a sanitizer");
}

int
main(void)
{
	if (sandbox_obstacle(&router) != NULL) {
		RUN(a_build_with_sanitizers_says_why_it_has_no_sandbox);
		return check_done();
	}
	if (make_folders() != 0)
		return 1;
	RUN(each_kind_does_what_it_needs_and_no_more);
	RUN(the_process_gives_up_core_files_and_privileges);
	RUN(a_thread_that_was_there_before_is_closed_in_too);
	RUN(no_memory_is_needed_to_close_the_calls);
	RUN(only_a_daemon_with_peers_on_tcp_connects_out);
	RUN(a_certificate_in_the_data_folder_opens_no_folder);
	RUN(a_linked_certificate_may_be_replaced);
	remove_folders();
	return check_done();
}
