/* SPDX-License-Identifier: MIT */
/* store/schema.h - the tables of chat.db, and how an older one becomes them.
 *
 * PRAGMA user_version counts the steps that a database has taken. A step is one
 * transaction and goes forward only; a database that has taken more steps than
 * we know belongs to a newer program and is left alone.
 */
#ifndef PARLEY_STORE_SCHEMA_H
#define PARLEY_STORE_SCHEMA_H

#include "store/db.h"

/* Takes the steps from where the database is to `n`. 0, or -1 after a log
 * line; then the database stands at the last step that worked. */
int schema_migrate(struct db *db, const char *const *steps, size_t n);

/* The steps of chat.db. */
extern const char *const schema_steps[];
extern const size_t schema_steps_n;

/* Puts the index of known posts into the order that costs a post least, where
 * that is quickly done; every other one works, too. */
void schema_order_nonces(struct db *db);

#endif
