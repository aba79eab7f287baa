/* SPDX-License-Identifier: MIT */
/* proto/names.h - when two names of users or rooms are one name.
 *
 * Names are 1 to 64 characters of printable Unicode. Two are the same if they
 * are equal after NFC and ASCII case folding.
 */
#ifndef PARLEY_PROTO_NAMES_H
#define PARLEY_PROTO_NAMES_H

#include "proto/slice.h"

#include <stdbool.h>

#define NAME_MAX_CHARACTERS 64
#define NAME_MAX_BYTES      256

/* Room for a key and its NUL: NFC may lengthen a name (at most threefold). */
#define NAME_KEY_BYTES (3 * NAME_MAX_BYTES + 1)

/* Whether `name` is UTF-8 of 1 to 64 characters (code points after NFC), none
 * of them a control, a private, an unassigned or a line-breaking one, and none
 * a format but the joiners U+200C and U+200D; and something of it can be seen.
 */
bool name_is_valid(struct slice name);

/* Writes what a valid name is compared by, ended by NUL. False if the name is
 * not valid. */
bool name_key(struct slice name, char into[NAME_KEY_BYTES]);

/* Copies a name that dies with its frame: as much of it as fits. */
struct slice name_keep(struct slice name, char into[NAME_MAX_BYTES]);

#endif
