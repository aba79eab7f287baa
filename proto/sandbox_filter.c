/* SPDX-License-Identifier: MIT */
/* proto/sandbox_filter.c - rules one after the other, the first that fits
 * decides.
 *
 * Before each rule the accumulator holds the call's number; a rule that has
 * looked at arguments loads it again. For calls that are always allowed the
 * kernel runs the filter once and remembers.
 */
#include "proto/sandbox_filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD   (BPF_LD | BPF_W | BPF_ABS)
#define EQUAL  (BPF_JMP | BPF_JEQ | BPF_K)
#define ABOVE  (BPF_JMP | BPF_JGE | BPF_K)
#define MASK   (BPF_ALU | BPF_AND | BPF_K)
#define RETURN (BPF_RET | BPF_K)

#define CHECK_STEPS 3

/* Numbers of the x32 calls, which come as if they were x86_64's. */
#define X32_BIT UINT32_C(0x40000000)

/* Jumps over `skip` steps if an EQUAL or ABOVE is not so. */
static void
add(struct sandbox_filter *filter, uint16_t code, size_t skip, uint32_t k)
{
	if (filter->n == SANDBOX_STEPS_MAX || skip > UINT8_MAX) {
		filter->is_too_long = true;
		return;
	}
	filter->steps[filter->n++] =
	    (struct sock_filter){ code, 0, (uint8_t)skip, k };
}

static void
load_number(struct sandbox_filter *filter)
{
	add(filter, LOAD, 0, offsetof(struct seccomp_data, nr));
}

void
sandbox_filter_init(struct sandbox_filter *filter)
{
	const uint32_t native = seccomp_arch_native();

	filter->n = 0;
	filter->is_too_long = false;
	add(filter, LOAD, 0, offsetof(struct seccomp_data, arch));
	/* The one jump if it is so: over the end. */
	add(filter, EQUAL, 0, native);
	filter->steps[filter->n - 1].jt = 1;
	add(filter, RETURN, 0, SECCOMP_RET_KILL_PROCESS);
	load_number(filter);
	if (native != SCMP_ARCH_X86_64)
		return;
	/* -1 is what a tracer leaves of a call that it takes away. */
	add(filter, EQUAL, 1, UINT32_MAX);
	add(filter, RETURN, 0, SECCOMP_RET_ERRNO | EPERM);
	add(filter, ABOVE, 1, X32_BIT);
	add(filter, RETURN, 0, SECCOMP_RET_KILL_PROCESS);
}

void
sandbox_filter_call(struct sandbox_filter *filter, uint32_t action, int number)
{
	if (number < 0)
		return;
	add(filter, EQUAL, 1, (uint32_t)number);
	add(filter, RETURN, 0, action);
}

static uint32_t
offset_of_half(const struct sandbox_check *check)
{
	const size_t at = offsetof(struct seccomp_data, args) +
			  check->argument * sizeof(uint64_t);
	const bool is_second =
	    check->is_upper == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);

	return (uint32_t)(at + (is_second ? sizeof(uint32_t) : 0));
}

void
sandbox_filter_call_if(struct sandbox_filter *filter, uint32_t action,
		       int number, const struct sandbox_check *checks, size_t n)
{
	size_t left = n * CHECK_STEPS + 1; /* with what returns */

	if (number < 0)
		return;
	add(filter, EQUAL, left + 1, (uint32_t)number);
	for (size_t i = 0; i < n; i++) {
		left -= CHECK_STEPS;
		add(filter, LOAD, 0, offset_of_half(&checks[i]));
		add(filter, MASK, 0, checks[i].mask);
		add(filter, EQUAL, left, checks[i].value);
	}
	add(filter, RETURN, 0, action);
	load_number(filter);
}

/* The kernel's log is a help, not a need: not every kernel can. */
static long
set(const struct sock_fprog *program)
{
	const unsigned all = SECCOMP_FILTER_FLAG_TSYNC;
	long rc = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			  all | SECCOMP_FILTER_FLAG_LOG, program);

	if (rc < 0 && errno == EINVAL)
		rc =
		    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, all, program);
	return rc;
}

int
sandbox_filter_close(struct sandbox_filter *filter, uint16_t error)
{
	struct sock_fprog program = { .filter = filter->steps };
	long rc;

	add(filter, RETURN, 0, SECCOMP_RET_ERRNO | error);
	program.len = filter->n;
	if (filter->is_too_long)
		errno = E2BIG;
	if (filter->is_too_long || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	rc = set(&program);
	if (rc > 0) /* the thread that has another filter */
		errno = ESRCH;
	return rc == 0 ? 0 : -1;
}
