/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/sandbox_calls_test.c - calls are closed for every thread,
 * and even where no memory is left.
 */
#include "tests/unit/proto/sandbox_fixture.h"

#include <pthread.h>
#include <sys/resource.h>

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

static void
run_all(void)
{
	RUN(a_thread_that_was_there_before_is_closed_in_too);
	RUN(no_memory_is_needed_to_close_the_calls);
}

int
main(void)
{
	return run_in_folders(run_all);
}
