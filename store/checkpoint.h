/* SPDX-License-Identifier: MIT */
/* store/checkpoint.h - moves what the wal holds into the database, in a thread
 * of its own: inside a commit it would hold up a post for a quarter second.
 */
#ifndef PARLEY_STORE_CHECKPOINT_H
#define PARLEY_STORE_CHECKPOINT_H

#include "proto/loop.h"

#include <sqlite3.h>
#include <stdbool.h>

struct checkpoint;

/* Looks after the database of `writer`, from whose commits it hears how long
 * the wal is. NULL after a log line. */
struct checkpoint *checkpoint_new(struct loop *loop, sqlite3 *writer);

/* Starts one if none is under way: on a full disk it may make the wal's space
 * good for use again. */
void checkpoint_now(struct checkpoint *checkpoint);

/* Waits for the one under way. NULL is fine. */
void checkpoint_free(struct checkpoint **checkpoint);

#endif
