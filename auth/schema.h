/* SPDX-License-Identifier: MIT */
/* auth/schema.h - the tables of auth.db and how older files come up to date.
 *
 * PRAGMA user_version says how many of the steps a file has taken. A file of a
 * later version than ours is left alone.
 */
#ifndef PARLEY_AUTH_SCHEMA_H
#define PARLEY_AUTH_SCHEMA_H

#include <sqlite3.h>
#include <stdbool.h>

/* Takes the steps that are missing, all in one transaction. False after a log
 * line if one cannot be taken. */
bool schema_update(sqlite3 *handle);

#endif
