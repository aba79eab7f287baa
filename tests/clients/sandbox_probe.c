/* SPDX-License-Identifier: MIT */
/* tests/clients/sandbox_probe.c - tries from inside a real daemon what only an
 * intruder would, loaded into it by LD_PRELOAD.
 *
 * The main thread's first wait for events is the moment when the daemon runs
 * and its sandbox is closed. From then on each thread that waits tries, once,
 * what PROBE_PATHS names (to read), and connections and memory; each outcome is
 * a line `probe=THREAD WHAT=ERRNO`. PROBE_DEADLY names the one call that is
 * tried first, and that should be the last. PROBE_OLD_KERNEL takes landlock and
 * seccomp away from the daemon, as kernels do that have none.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_bool is_running;
static _Thread_local bool has_tried;

static void
tell(const char *what, int rc)
{
	int number = errno;
	char line[512];
	int n = snprintf(line, sizeof line, "probe=%s %s=%s\n",
			 gettid() == getpid() ? "main" : "other", what,
			 rc >= 0 ? "OK" : strerrorname_np(number));

	if (write(STDERR_FILENO, line, (size_t)n) != n)
		_exit(3);
}

static void
try_paths(void)
{
	char *paths = strdup(getenv("PROBE_PATHS"));
	char *rest = NULL;

	for (char *path = strtok_r(paths, " ", &rest); path != NULL;
	     path = strtok_r(NULL, " ", &rest))
		tell(path, open(path, O_RDONLY | O_CLOEXEC));
	free(paths);
}

static int
map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
		   ? -1
		   : 0;
}

static void
try_deadly(const char *name)
{
	char *const words[] = { "/bin/true", NULL };

	if (strcmp(name, "execve") == 0)
		tell(name, execve(words[0], words, words + 1));
	else if (strcmp(name, "fork") == 0)
		tell(name, fork());
	else if (strcmp(name, "ptrace") == 0)
		tell(name, (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	else if (strcmp(name, "mount") == 0)
		tell(name, mount("none", "/mnt", "tmpfs", 0, NULL));
	else if (strcmp(name, "setuid") == 0)
		tell(name, setuid(getuid()));
	_exit(4);
}

static void
try_all(void)
{
	has_tried = true;
	if (getenv("PROBE_DEADLY") != NULL)
		try_deadly(getenv("PROBE_DEADLY"));
	tell("unix", socket(AF_UNIX, SOCK_STREAM, 0));
	tell("tcp", socket(AF_INET, SOCK_STREAM, 0));
	tell("udp", socket(AF_INET, SOCK_DGRAM, 0));
	tell("raw", socket(AF_INET, SOCK_RAW, 1));
	tell("code", map_code());
	tell("kill", kill(getppid(), 0));
	try_paths();
	tell("end", 0);
}

int
epoll_wait(int fd, struct epoll_event *events, int most, int timeout_ms)
{
	if (getenv("PROBE_PATHS") != NULL && !has_tried) {
		if (gettid() == getpid())
			is_running = true;
		if (is_running)
			try_all();
	}
	return epoll_pwait(fd, events, most, timeout_ms, NULL);
}

/* libc's own words for the two, by which a daemon asks for its sandbox. */
long
syscall(long number, ...)
{
	long (*real)(long, ...) = dlsym(RTLD_NEXT, "syscall");
	long a[6];
	va_list rest;

	va_start(rest, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(rest, long);
	va_end(rest);
	if (number == SYS_landlock_create_ruleset &&
	    getenv("PROBE_OLD_KERNEL") != NULL) {
		errno = ENOSYS;
		return -1;
	}
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int
prctl(int option, ...)
{
	int (*real)(int, ...) = dlsym(RTLD_NEXT, "prctl");
	unsigned long a[4];
	va_list rest;

	va_start(rest, option);
	for (int i = 0; i < 4; i++)
		a[i] = va_arg(rest, unsigned long);
	va_end(rest);
	if (option == PR_GET_SECCOMP && getenv("PROBE_OLD_KERNEL") != NULL) {
		errno = EINVAL;
		return -1;
	}
	return real(option, a[0], a[1], a[2], a[3]);
}
