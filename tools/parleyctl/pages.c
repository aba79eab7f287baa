/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/pages.c - see pages.h. */
#include "tools/parleyctl/pages.h"

int
pages_print(struct call *call, const struct column *columns, enum party kind,
	    struct frame *request, uint64_t *after, enum frame_kind wanted,
	    hear_fn *hear)
{
	struct page page = { .records = json_array() };
	int status;

	do {
		*after = page.next;
		status = ask(call, kind, request, wanted, hear, &page);
	} while (status == 0 && page.next != 0);
	if (status == 0)
		return list_print(call, columns, page.records);
	json_decref(page.records);
	return status;
}
