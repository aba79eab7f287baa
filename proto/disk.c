/* SPDX-License-Identifier: MIT */
/* proto/disk.c - how much room is left beside a database.
 *
 * SQLite needs a first page, a first piece of the journal and 32 KiB for the
 * index of that to open a database.
 */
#include "proto/disk.h"

#include "proto/log.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#define NEEDED_BYTES (256 * 1024)

int
disk_judge(const char *path)
{
	char folder[PATH_MAX];
	struct statvfs disk;
	uint64_t room;
	char *slash;

	snprintf(folder, sizeof folder, "%s", path);
	slash = strrchr(folder, '/');
	if (slash != NULL)
		slash[slash == folder] = '\0';
	if (statvfs(folder, &disk) != 0)
		return -1;
	room = (uint64_t)disk.f_bavail * disk.f_frsize;
	if (room >= NEEDED_BYTES)
		return -1;
	log_error("disk_full", KT("folder", folder), KN("bytes_left", room),
		  KN("bytes_needed", NEEDED_BYTES));
	return DISK_FULL;
}
