/* SPDX-License-Identifier: MIT */
/* proto/options_internal.h - walks the rows, for what reads settings and what
 * prints of them.
 */
#ifndef PARLEY_PROTO_OPTIONS_INTERNAL_H
#define PARLEY_PROTO_OPTIONS_INTERNAL_H

#include "proto/options.h"

#define VARIABLE_BYTES 128

typedef const struct option_row *const *row_tables;

/* The row behind `row`, in whatever table; the first one for NULL; NULL at the
 * end. *tables moves along. */
const struct option_row *options_next_row(row_tables *tables,
					  const struct option_row *row);

/* The row of that name, `n` bytes long, or NULL. */
const struct option_row *options_find_row(row_tables tables, const char *name,
					  size_t n);

/* The row's variable: its own or PARLEY_NAME. */
const char *options_variable_of(const struct option_row *row,
				char into[VARIABLE_BYTES]);

#endif
