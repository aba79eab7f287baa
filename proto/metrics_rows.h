/* SPDX-License-Identifier: MIT */
/* proto/metrics_rows.h - what the rows of a metrics.def are as elements of a
 * struct metric_row[]. Included inside its braces, before the .def; FIGURES
 * names the struct that their fields are members of.
 */
/* clang-format off */
#define ROW(type, field, name, help) \
	{ name, METRIC_##type, offsetof(FIGURES, field), NULL, NULL, 1, help },
#define ROWS(type, field, set, label, name, help) \
	{ name, METRIC_##type, offsetof(FIGURES, field), label, set##_word, set##_WORDS, help },
#define COUNTER(field, name, help) ROW(COUNTER, field, name, help)
#define SECONDS(field, name, help) ROW(SECONDS, field, name, help)
#define GAUGE(field, name, help)   ROW(GAUGE, field, name, help)
#define TIMES(field, name, help)   ROW(TIMES, field, name, help)
#define SIZES(field, name, help)   ROW(SIZES, field, name, help)
#define COUNTERS(field, set, label, name, help) ROWS(COUNTER, field, set, label, name, help)
#define GAUGES(field, set, label, name, help)   ROWS(GAUGE, field, set, label, name, help)
#define TIMES_OF(field, set, label, name, help) ROWS(TIMES, field, set, label, name, help)
/* clang-format on */
