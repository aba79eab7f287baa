/* SPDX-License-Identifier: MIT */
/* tests/unit/check.h - the few lines that a unit test needs.
 *
 * A test is a function without arguments; main() calls RUN() for each and ends
 * with `return check_done();`. The output is TAP, one line a test. A failed
 * CHECK is told with its place and the test goes on, so that one run shows all.
 */
#ifndef PARLEY_TESTS_UNIT_CHECK_H
#define PARLEY_TESTS_UNIT_CHECK_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int check_count;
static int check_failed_tests;
static int check_failed_here;

#define CHECK(condition)                                                       \
	do {                                                                   \
		if (!(condition)) {                                            \
			printf("# %s:%d: not so: %s\n", __FILE__, __LINE__,    \
			       #condition);                                    \
			check_failed_here++;                                   \
		}                                                              \
	} while (0)

#define CHECK_INT(got, want)                                                   \
	do {                                                                   \
		intmax_t got_ = (intmax_t)(got);                               \
		intmax_t want_ = (intmax_t)(want);                             \
		if (got_ != want_) {                                           \
			printf("# %s:%d: %s is %jd, want %jd\n", __FILE__,     \
			       __LINE__, #got, got_, want_);                   \
			check_failed_here++;                                   \
		}                                                              \
	} while (0)

#define CHECK_STR(got, want)                                                   \
	do {                                                                   \
		const char *got_ = (got);                                      \
		const char *want_ = (want);                                    \
		if (got_ == NULL || strcmp(got_, want_) != 0) {                \
			printf("# %s:%d: %s is \"%s\", want \"%s\"\n",         \
			       __FILE__, __LINE__, #got,                       \
			       got_ ? got_ : "(null)", want_);                 \
			check_failed_here++;                                   \
		}                                                              \
	} while (0)

#define RUN(test)                                                              \
	do {                                                                   \
		check_failed_here = 0;                                         \
		test();                                                        \
		check_failed_tests += check_failed_here != 0;                  \
		printf("%sok %d - %s\n", check_failed_here ? "not " : "",      \
		       ++check_count, #test);                                  \
	} while (0)

static inline int
check_done(void)
{
	printf("1..%d\n", check_count);
	return check_failed_tests != 0;
}

#endif
