/* SPDX-License-Identifier: MIT */
/* proto/run_folder.c - see run_folder.h. */
#include "proto/run_folder.h"

#include <errno.h>
#include <stdio.h>

int
run_folder_choose(const char **run, const char *data, char into[PATH_MAX])
{
	int n;

	if (*run != NULL && **run != '\0')
		return 0;
	n = snprintf(into, PATH_MAX, "%s/run", data);
	if (n < 0 || n >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	*run = into;
	return 0;
}
