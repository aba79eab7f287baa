/* SPDX-License-Identifier: MIT */
/* proto/restoring.h - the sign that the files of a data folder are being
 * replaced by those of a backup.
 *
 * Files are replaced one by one, but make sense together only. The sign is
 * there before the first goes and until the last has come, so that whatever
 * happens in between, no daemon begins with some of each.
 */
#ifndef PARLEY_PROTO_RESTORING_H
#define PARLEY_PROTO_RESTORING_H

#include <stdbool.h>

/* A file in the data folder. */
#define RESTORING_NAME "restore.unfinished"

/* Whether the files of a data folder belong together; false after a log line.
 */
bool restoring_is_over(const char *folder);

#endif
