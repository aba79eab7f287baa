/* SPDX-License-Identifier: MIT */
/* tools/metrics_words.h - what the rows of a metrics.def are in words, for
 * people: included anew before each .def, which undefines them.
 */
/* clang-format off */
#define COUNTER(field, name, help) { name, "counter", "", help },
#define SECONDS(field, name, help) { name, "counter", "", help },
#define GAUGE(field, name, help)   { name, "gauge", "", help },
#define TIMES(field, name, help)   { name, "histogram", "", help },
#define SIZES(field, name, help)   { name, "histogram", "", help },
#define COUNTERS(field, set, label, name, help) { name, "counter", label, help },
#define GAUGES(field, set, label, name, help)   { name, "gauge", label, help },
#define TIMES_OF(field, set, label, name, help) { name, "histogram", label, help },
/* clang-format on */
