/* SPDX-License-Identifier: MIT */
/* proto/hash.h - uthash for a process that outlives a lack of memory.
 *
 * By default uthash ends the process when it gets no memory. Here a failed
 * HASH_ADD leaves the table as it was and `hh.tbl` of the element NULL, which
 * whoever adds looks at.
 */
#ifndef PARLEY_PROTO_HASH_H
#define PARLEY_PROTO_HASH_H

#define HASH_NONFATAL_OOM 1

#include <uthash.h>
#include <utlist.h>

#endif
