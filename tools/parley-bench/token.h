/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/token.h - who the connections are: users whose tokens we
 * sign as an application that embeds parley would. Each run has its own, so
 * that nobody has rooms of earlier runs, and missed what was said there.
 */
#ifndef PARLEY_TOOLS_BENCH_TOKEN_H
#define PARLEY_TOOLS_BENCH_TOKEN_H

#include "proto/uuid.h"

#define TOKEN_BYTES 400

/* Writes a JWT of a run's user for a day, signed with `secret`, and a NUL. 0,
 * or -1 if OpenSSL fails. */
int token_write(const char *secret, uint32_t run, unsigned number,
		char into[TOKEN_BYTES]);

#endif
