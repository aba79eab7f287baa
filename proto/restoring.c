/* SPDX-License-Identifier: MIT */
/* proto/restoring.c - see restoring.h. */
#include "proto/restoring.h"

#include "proto/log.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

bool
restoring_is_over(const char *folder)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/" RESTORING_NAME, folder) >=
		PATH_MAX ||
	    access(path, F_OK) != 0)
		return true;
	log_error("restore_unfinished", KT("file", path),
		  KT("hint", "run parleyctl restore again"));
	return false;
}
