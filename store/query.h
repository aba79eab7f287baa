/* SPDX-License-Identifier: MIT */
/* store/query.h - what a user typed into a search, as a query of FTS5.
 *
 * Every word is quoted, so that nothing in it is an operator. Text in double
 * quotes is a phrase; a last word outside of them may be a beginning.
 */
#ifndef PARLEY_STORE_QUERY_H
#define PARLEY_STORE_QUERY_H

#include "proto/buffer.h"
#include "proto/slice.h"

/* Appends the query for `typed`. The number of words and phrases (0: there is
 * nothing to search for), or -1 with errno ENOMEM. */
int query_write(struct slice typed, struct buffer *into);

#endif
