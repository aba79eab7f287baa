/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/pages.h - lists that daemons tell in pages.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_PAGES_H
#define PARLEY_TOOLS_PARLEYCTL_PAGES_H

#include "tools/parleyctl/ask.h"
#include "tools/parleyctl/list.h"

/* What hears a page appends to `records` and sets `next`, from where the page
 * behind it is asked for; 0: there is none. */
struct page {
	json_t *records;
	uint64_t next;
};

/* Asks a daemon of this kind page by page, and prints all records. `hear` gets
 * a struct page as itself; `after` is the field of `request` that says where a
 * page begins. Returns an exit status. */
int pages_print(struct call *call, const struct column *columns,
		enum party kind, struct frame *request, uint64_t *after,
		enum frame_kind wanted, hear_fn *hear);

#endif
