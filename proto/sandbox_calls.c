/* SPDX-License-Identifier: MIT */
/* proto/sandbox_calls.c - the system calls that a running daemon may make.
 *
 * Tables of names, and some calls whose arguments matter. A call that stands
 * in no table fails with EPERM: a library that is newer than the table loses
 * that call, not the daemon all its connections. But what none of ours ever
 * calls and an intruder would, ends the process at once: the kernel says so in
 * its log, and the supervisor that it was killed by signal 31 (SIGSYS).
 */
#include "proto/sandbox.h"

#include "proto/log.h"
#include "proto/sandbox_filter.h"

#include <errno.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKET_KIND 0xf /* the rest of socket()'s second argument are flags */

/* Names, as not every machine has each call, nor every libseccomp its number.
 */
typedef const char *const call_names[];

/* clang-format off */
static call_names always = {
	/* memory; mmap and mprotect have a rule of their own */
	"brk", "madvise", "mremap", "munmap", "mlock", "munlock",
	/* threads, signals, the end */
	"exit", "exit_group", "futex", "futex_waitv", "get_robust_list",
	"getpid", "getppid", "gettid", "membarrier", "restart_syscall", "rseq",
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait",
	"sched_getaffinity", "sched_getparam", "sched_getscheduler",
	"sched_setscheduler", "sched_yield", "set_robust_list",
	"set_tid_address", "sigaltstack",
	/* time, chance, who we are */
	"clock_getres", "clock_gettime", "clock_nanosleep", "getegid",
	"geteuid", "getgid", "getrandom", "getrusage", "gettimeofday",
	"getuid", "nanosleep", "sysinfo", "time", "uname",
	/* what is open */
	"close", "dup", "dup3", "epoll_create1", "epoll_ctl", "epoll_pwait",
	"epoll_pwait2", "epoll_wait", "eventfd2", "fcntl", "fstat", "lseek",
	"poll", "ppoll", "pread64", "pwrite64", "read", "readv", "write",
	"writev",
	/* connections */
	"accept", "accept4", "connect", "getpeername", "getsockname",
	"getsockopt", "recvfrom", "recvmsg", "recvmmsg", "sendmmsg", "sendmsg",
	"sendto", "setsockopt", "shutdown",
	/* at the end sockets and pid file are removed */
	"unlink", "unlinkat",
	NULL,
};

/* For those that have files; which ones, landlock knows. */
static call_names reading = {
	"access", "faccessat", "faccessat2", "getcwd", "lstat", "newfstatat",
	"open", "openat", "readlink", "readlinkat", "stat", "statx",
	NULL,
};

static call_names keeping = {
	"chmod", "fallocate", "fchmod", "fchmodat", "fchown", "fdatasync",
	"flock", "fsync", "ftruncate", "rename", "renameat", "renameat2",
	"umask",
	NULL,
};

/* libcurl looks for names in threads, which wake the loop by these. */
static call_names waking = {
	"socketpair",
	NULL,
};

static call_names deadly = {
	/* other programs and processes */
	"execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv",
	"process_vm_writev", "pidfd_getfd", "kcmp",
	/* another user */
	"setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid",
	"setgroups", "setfsuid", "setfsgid", "capset",
	/* another world */
	"mount", "umount2", "pivot_root", "chroot", "unshare", "setns",
	"open_tree", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick",
	"mount_setattr", "swapon", "swapoff", "open_by_handle_at", "mknod",
	"mknodat",
	/* the kernel */
	"init_module", "finit_module", "delete_module", "kexec_load",
	"kexec_file_load", "reboot", "bpf", "perf_event_open", "userfaultfd",
	"io_uring_setup", "io_uring_enter", "io_uring_register", "add_key",
	"request_key", "keyctl", "iopl", "ioperm", "modify_ldt", "personality",
	"acct", "syslog", "settimeofday", "clock_settime", "sethostname",
	NULL,
};
/* clang-format on */

/* Names, unlike all else of libseccomp, cost no memory. */
static void
add_calls(struct sandbox_filter *filter, uint32_t action,
	  const char *const names[])
{
	for (; *names != NULL; names++)
		sandbox_filter_call(filter, action,
				    seccomp_syscall_resolve_name(*names));
}

/* Allowed where one argument, an int, has this value within the mask. */
static void
allow_if(struct sandbox_filter *filter, int number, unsigned argument,
	 uint32_t mask, uint32_t value)
{
	const struct sandbox_check check = { argument, false, mask, value };

	sandbox_filter_call_if(filter, SECCOMP_RET_ALLOW, number, &check, 1);
}

/* New threads may be made, and no other processes. Of clone3() the filter
 * cannot see which it is: libc takes clone() if there is none. */
static void
add_threads(struct sandbox_filter *filter)
{
	const uint32_t thread = CLONE_THREAD | CLONE_VM;
	const struct sandbox_check process = { 0, false, CLONE_THREAD, 0 };

	sandbox_filter_call(filter, SECCOMP_RET_ERRNO | ENOSYS,
			    SCMP_SYS(clone3));
	allow_if(filter, SCMP_SYS(clone), 0, thread, thread);
	sandbox_filter_call_if(filter, SECCOMP_RET_KILL_PROCESS,
			       SCMP_SYS(clone), &process, 1);
}

/* No memory that is to be run: all libraries are loaded. abort() signals
 * itself. Limits may be asked for, not set. */
static void
add_own(struct sandbox_filter *filter)
{
	static const struct sandbox_check no_limit[] = {
		{ 2, false, UINT32_MAX, 0 },
		{ 2, true, UINT32_MAX, 0 },
	};

	allow_if(filter, SCMP_SYS(mmap), 2, PROT_EXEC, 0);
	allow_if(filter, SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
	allow_if(filter, SCMP_SYS(tgkill), 0, UINT32_MAX, (uint32_t)getpid());
	allow_if(filter, SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_NAME);
	sandbox_filter_call_if(filter, SECCOMP_RET_ALLOW, SCMP_SYS(prlimit64),
			       no_limit, 2);
}

static void
add_socket(struct sandbox_filter *filter, uint32_t family, uint32_t kind)
{
	const struct sandbox_check checks[] = {
		{ 0, false, UINT32_MAX, family },
		{ 1, false, SOCKET_KIND, kind },
	};

	sandbox_filter_call_if(filter, SECCOMP_RET_ALLOW, SCMP_SYS(socket),
			       checks, 2);
}

/* What others may connect to is bound by now. Lost links are made anew; those
 * over TCP may have to look for a name first. */
static void
add_sockets(struct sandbox_filter *filter, bool has_tcp)
{
	static const uint32_t families[] = { AF_INET, AF_INET6 };

	add_socket(filter, AF_UNIX, SOCK_STREAM);
	for (size_t i = 0; has_tcp && i < 2; i++) {
		add_socket(filter, families[i], SOCK_STREAM);
		add_socket(filter, families[i], SOCK_DGRAM);
	}
}

/* libc asks how long an answer about a name is. */
static void
add_outside(struct sandbox_filter *filter)
{
	add_calls(filter, SECCOMP_RET_ALLOW, waking);
	allow_if(filter, SCMP_SYS(ioctl), 1, UINT32_MAX, FIONREAD);
}

static void
add_all(struct sandbox_filter *filter, const struct sandbox *sandbox)
{
	bool keeps = sandbox_needs(sandbox, SANDBOX_DATA) ||
		     sandbox_needs(sandbox, SANDBOX_DATABASE);
	bool reads = keeps || sandbox_connects(sandbox) ||
		     sandbox_needs(sandbox, SANDBOX_FILE) ||
		     sandbox_needs(sandbox, SANDBOX_CLIENTS);

	add_calls(filter, SECCOMP_RET_ALLOW, always);
	if (reads)
		add_calls(filter, SECCOMP_RET_ALLOW, reading);
	if (keeps)
		add_calls(filter, SECCOMP_RET_ALLOW, keeping);
	add_calls(filter, SECCOMP_RET_KILL_PROCESS, deadly);
	add_threads(filter);
	add_own(filter);
	add_sockets(filter, sandbox_connects(sandbox));
	if (sandbox_needs(sandbox, SANDBOX_OUTSIDE))
		add_outside(filter);
}

static bool
has_seccomp(void)
{
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0)
		return true;
	log_warn("no_seccomp", KT("error", strerror(errno)));
	return false;
}

int
sandbox_close_calls(const struct sandbox *sandbox)
{
	struct sandbox_filter filter;

	if (sandbox_obstacle(sandbox) != NULL || !has_seccomp())
		return 0;
	sandbox_filter_init(&filter);
	add_all(&filter, sandbox);
	if (sandbox_filter_close(&filter, EPERM) == 0)
		return 0;
	log_error("no_sandbox", KT("error", strerror(errno)),
		  KT("hint", "set PARLEY_SANDBOX=off"));
	return -1;
}
