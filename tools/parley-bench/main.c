/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/main.c - puts a chat server under load, and counts what
 * comes of it: losses, duplicates, times, CPU and memory.
 *
 * The plan says what is done, the conductor leads the workers through it, each
 * of which has a share of the connections; the report says what it came to.
 */
#include "tools/parley-bench/conductor.h"
#include "tools/parley-bench/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int
main(int argc, char **argv)
{
	static struct plan plan;
	static struct outcome outcome;
	struct shared *shared;
	int status = plan_read(&plan, argc, argv);

	if (status >= 0)
		return status;
	shared = shared_new(&plan);
	if (shared == NULL) {
		fprintf(stderr, "parley-bench: %s\n", strerror(errno));
		return 1;
	}
	if (conduct(&plan, shared, &outcome) != 0)
		return 1;
	if (plan.json == NULL || strcmp(plan.json, "-") != 0)
		report_table(&plan, &outcome);
	if (report_json(&plan, &outcome) != 0)
		return 1;
	return report_is_clean(&outcome) ? 0 : 1;
}
