/* SPDX-License-Identifier: MIT */
/* proto/metrics_fields.h - what the rows of a metrics.def are as members of a
 * struct. Included inside its braces, before the .def, which undefines them:
 *
 *   struct store_figures {
 *   #include "proto/metrics_fields.h"
 *   #include "store/metrics.def"
 *   };
 */
/* clang-format off */
#define COUNTER(field, name, help) uint64_t field;
#define SECONDS(field, name, help) uint64_t field;
#define GAUGE(field, name, help)   uint64_t field;
#define TIMES(field, name, help)   struct times field;
#define SIZES(field, name, help)   struct sizes field;
#define COUNTERS(field, set, label, name, help) uint64_t field[set##_WORDS];
#define GAUGES(field, set, label, name, help)   uint64_t field[set##_WORDS];
#define TIMES_OF(field, set, label, name, help) struct times field[set##_WORDS];
/* clang-format on */
