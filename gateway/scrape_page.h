/* SPDX-License-Identifier: MIT */
/* gateway/scrape_page.h - metrics of several daemons become one text: all that
 * has one name stands together, as the text format wants it.
 */
#ifndef PARLEY_GATEWAY_SCRAPE_PAGE_H
#define PARLEY_GATEWAY_SCRAPE_PAGE_H

#include "proto/buffer.h"
#include "proto/frame.h"

struct scrape_family {
	char *name;
	char *type;
	char *help;
	char *samples;
};

/* What one daemon has told. */
struct scrape_part {
	char name[33];
	bool is_asked;
	bool is_whole; /* it has told all */
	struct scrape_family *families;
	size_t n;
	size_t bytes;
	struct scrape_part *next;
};

/* All zero is empty. */
struct scrape_page {
	struct scrape_part *parts;
	size_t n;
};

/* The part of a daemon, made if need be. NULL with errno: ENOMEM, or EINVAL (no
 * name, or too many parts). */
struct scrape_part *scrape_page_part(struct scrape_page *page,
				     struct slice name);

/* Adds families; copies them. 0, or -1 with errno ENOMEM, or EINVAL: one would
 * spoil the page, or there are too many. */
int scrape_part_add(struct scrape_part *part, const frame_list *families);

/* Forgets what a daemon has told so far. */
void scrape_part_drop(struct scrape_part *part);

/* Appends the text, with parley_up for each part. 0, or -1 with errno ENOMEM.
 */
int scrape_page_print(const struct scrape_page *page, struct buffer *into);

void scrape_page_fini(struct scrape_page *page);

#endif
