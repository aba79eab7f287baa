/* SPDX-License-Identifier: MIT */
/* tests/fuzz/must.h - ends a fuzzer where what always holds does not. */
#ifndef PARLEY_TESTS_FUZZ_MUST_H
#define PARLEY_TESTS_FUZZ_MUST_H

#include <stdio.h>
#include <stdlib.h>

/* Optimisers make one abort() of many: say which it was. */
#define must(condition)                                                        \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__,     \
				#condition);                                   \
			abort();                                               \
		}                                                              \
	} while (0)

#endif
