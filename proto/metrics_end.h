/* SPDX-License-Identifier: MIT */
/* proto/metrics_end.h - ends a metrics.def: forgets what its rows were, so that
 * it can be included again as something else.
 */
#undef COUNTER
#undef SECONDS
#undef GAUGE
#undef TIMES
#undef SIZES
#undef COUNTERS
#undef GAUGES
#undef TIMES_OF
#undef ROW
#undef ROWS
