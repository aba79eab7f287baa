/* SPDX-License-Identifier: MIT */
/* proto/metrics_pages.h - the metrics of a daemon as frames: page by page, a
 * family (a metric with all its samples) for each row.
 */
#ifndef PARLEY_PROTO_METRICS_PAGES_H
#define PARLEY_PROTO_METRICS_PAGES_H

#include "proto/arena.h"
#include "proto/frame.h"
#include "proto/metrics.h"

#define METRIC_TABLES 2

/* What a gateway tells of each daemon besides, whether it answers or not. */
#define METRIC_UP      "parley_up"
#define METRIC_UP_HELP "1: the daemon told its metrics in time; 0: it is away"

struct metric_source {
	const char *daemon;                        /* the instance: gateway.2 */
	struct metric_table tables[METRIC_TABLES]; /* rows may be NULL */
	void (*measure)(void *self); /* brings up to date what is not counted
					as it happens; may be NULL */
	void *self;
};

/* Makes *answer the page of metrics behind the first `after` ones. 0, or -1
 * with errno ENOMEM. */
int metrics_page(const struct metric_source *source, uint64_t after,
		 struct arena *arena, struct frame *answer);

/* Whether a family can stand in the text format as it is: a word of its name
 * that is none would spoil the whole scrape. */
bool metrics_family_is_sound(const struct frame_family *family);

#endif
