/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/view_internal.h - what the two files of view.h share.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_VIEW_INTERNAL_H
#define PARLEY_TOOLS_PARLEYCTL_VIEW_INTERNAL_H

#include "tools/parleyctl/view.h"

#include <stdio.h>

/* A new line, empty; where there is no room for one, the last. */
struct view_line *view_line(struct view *view, enum tone tone);

/* As much as has room. */
void view_append(struct view_line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The daemons, a row each, in the order that look->sort says. */
void view_table(struct view *view, const struct look *look);

#endif
