/* SPDX-License-Identifier: MIT */
/* proto/sandbox_filter.h - a seccomp filter, put together in place.
 *
 * No memory is asked for: a filter of which a part is missing looks like a
 * whole one, and the process behind it may not even end.
 */
#ifndef PARLEY_PROTO_SANDBOX_FILTER_H
#define PARLEY_PROTO_SANDBOX_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SANDBOX_STEPS_MAX 640

struct sandbox_filter {
	struct sock_filter steps[SANDBOX_STEPS_MAX];
	unsigned short n;
	bool is_too_long;
};

/* What half an argument must be: its lower 32 bits, or the upper ones, where
 * `mask` has bits. */
struct sandbox_check {
	unsigned argument; /* from 0 */
	bool is_upper;
	uint32_t mask;
	uint32_t value;
};

/* Begins with what calls of another architecture come to: the process ends. */
void sandbox_filter_init(struct sandbox_filter *filter);

/* Calls of this number come to `action` (SECCOMP_RET_*), unless a rule before
 * has said otherwise. A negative number is none: nothing is added. */
void sandbox_filter_call(struct sandbox_filter *filter, uint32_t action,
			 int number);

/* The same for those that pass all `n` checks. */
void sandbox_filter_call_if(struct sandbox_filter *filter, uint32_t action,
			    int number, const struct sandbox_check *checks,
			    size_t n);

/* All other calls fail with `error`; sets the filter for all threads. 0, or -1
 * with errno: E2BIG (too many rules), or the kernel's. */
int sandbox_filter_close(struct sandbox_filter *filter, uint16_t error);

#endif
