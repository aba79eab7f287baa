/* SPDX-License-Identifier: MIT */
/* proto/metrics.h - figures that a daemon counts, in Prometheus text format.
 */
#ifndef PARLEY_PROTO_METRICS_H
#define PARLEY_PROTO_METRICS_H

#include "proto/buffer.h"

#include <stdint.h>

enum metric_type { METRIC_COUNTER, METRIC_GAUGE };

/* A row of a table that ends with { 0 }. Rows of one name stand together and
 * differ in their labels. */
struct metric_row {
	const char *name;   /* without the prefix parley_DAEMON_ */
	const char *labels; /* such as code="1001"; or NULL */
	enum metric_type type;
	const uint64_t *value;
	const char *help;
};

/* Appends the table, each name behind "parley_DAEMON_". 0, or -1 with errno
 * ENOMEM. */
int metrics_print(const struct metric_row *rows, const char *daemon,
		  struct buffer *into);

#endif
