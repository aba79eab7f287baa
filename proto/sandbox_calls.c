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

#include <errno.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <string.h>
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

static int
add_calls(scmp_filter_ctx filter, uint32_t action, const char *const names[])
{
	for (; *names != NULL; names++) {
		int number = seccomp_syscall_resolve_name(*names);
		int rc;

		if (number < 0) /* there is no such call here */
			continue;
		rc = seccomp_rule_add(filter, action, number, 0);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* New threads may be made, and no other processes. Of clone3() the filter
 * cannot see which it is: libc takes clone() if there is none. */
static int
add_threads(scmp_filter_ctx filter)
{
	const uint64_t thread = CLONE_THREAD | CLONE_VM;
	int rc;

	rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3),
			      0);
	if (rc == 0)
		rc = seccomp_rule_add(
		    filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
		    SCMP_A0(SCMP_CMP_MASKED_EQ, thread, thread));
	if (rc == 0)
		rc = seccomp_rule_add(
		    filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone), 1,
		    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
	return rc;
}

/* No memory that is to be run: all libraries are loaded. abort() signals
 * itself. */
static int
add_own(scmp_filter_ctx filter)
{
	const uint32_t allow = SCMP_ACT_ALLOW;
	int rc;

	rc = seccomp_rule_add(filter, allow, SCMP_SYS(mmap), 1,
			      SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (rc == 0)
		rc =
		    seccomp_rule_add(filter, allow, SCMP_SYS(mprotect), 1,
				     SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (rc == 0)
		rc = seccomp_rule_add(filter, allow, SCMP_SYS(tgkill), 1,
				      SCMP_A0(SCMP_CMP_EQ, (uint64_t)getpid()));
	if (rc == 0)
		rc = seccomp_rule_add(filter, allow, SCMP_SYS(prctl), 1,
				      SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
	if (rc == 0) /* to ask for limits, not to set them */
		rc = seccomp_rule_add(filter, allow, SCMP_SYS(prlimit64), 1,
				      SCMP_A2(SCMP_CMP_EQ, 0));
	return rc;
}

static int
add_socket(scmp_filter_ctx filter, int family, int kind)
{
	return seccomp_rule_add(
	    filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
	    SCMP_A0(SCMP_CMP_EQ, (uint64_t)family),
	    SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_KIND, (uint64_t)kind));
}

/* What others may connect to is bound by now. Lost links are made anew; those
 * over TCP may have to look for a name first. */
static int
add_sockets(scmp_filter_ctx filter, bool has_tcp)
{
	static const int families[] = { AF_INET, AF_INET6 };
	int rc = add_socket(filter, AF_UNIX, SOCK_STREAM);

	for (size_t i = 0; rc == 0 && has_tcp && i < 2; i++) {
		rc = add_socket(filter, families[i], SOCK_STREAM);
		if (rc == 0)
			rc = add_socket(filter, families[i], SOCK_DGRAM);
	}
	return rc;
}

static int
add_all(scmp_filter_ctx filter, const struct sandbox *sandbox)
{
	bool keeps = sandbox_needs(sandbox, SANDBOX_DATA) ||
		     sandbox_needs(sandbox, SANDBOX_DATABASE);
	bool reads = keeps || sandbox->has_tcp ||
		     sandbox_needs(sandbox, SANDBOX_FILE) ||
		     sandbox_needs(sandbox, SANDBOX_CLIENTS);
	int rc = add_calls(filter, SCMP_ACT_ALLOW, always);

	if (rc == 0 && reads)
		rc = add_calls(filter, SCMP_ACT_ALLOW, reading);
	if (rc == 0 && keeps)
		rc = add_calls(filter, SCMP_ACT_ALLOW, keeping);
	if (rc == 0)
		rc = add_calls(filter, SCMP_ACT_KILL_PROCESS, deadly);
	if (rc == 0)
		rc = add_threads(filter);
	if (rc == 0)
		rc = add_own(filter);
	if (rc == 0)
		rc = add_sockets(filter, sandbox->has_tcp);
	return rc;
}

/* The kernel's log is a help, not a need: not every kernel can. */
static int
set_up(scmp_filter_ctx filter)
{
	int rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);

	if (rc == 0)
		rc = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
				      SCMP_ACT_KILL_PROCESS);
	if (rc == 0)
		rc = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);
	return rc;
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
	scmp_filter_ctx filter;
	int rc;

	if (sandbox_obstacle(sandbox) != NULL || !has_seccomp())
		return 0;
	filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (filter == NULL)
		rc = -ENOMEM;
	else if ((rc = set_up(filter)) == 0 &&
		 (rc = add_all(filter, sandbox)) == 0)
		rc = seccomp_load(filter);
	if (filter != NULL)
		seccomp_release(filter);
	if (rc == 0)
		return 0;
	log_error("no_sandbox", KT("error", strerror(-rc)),
		  KT("hint", "set PARLEY_SANDBOX=off"));
	return -1;
}
