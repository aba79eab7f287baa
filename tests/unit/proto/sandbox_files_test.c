/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/sandbox_files_test.c - what goes with the files: core files,
 * privileges and the way out; and which certificates may still be read.
 */
#include "tests/unit/proto/sandbox_fixture.h"

#include <arpa/inet.h>
#include <sys/prctl.h>
#include <sys/resource.h>

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

static void
run_all(void)
{
	RUN(the_process_gives_up_core_files_and_privileges);
	RUN(only_a_daemon_with_peers_on_tcp_connects_out);
	RUN(a_certificate_in_the_data_folder_opens_no_folder);
	RUN(a_linked_certificate_may_be_replaced);
}

int
main(void)
{
	return run_in_folders(run_all);
}
