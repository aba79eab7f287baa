/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/list.h - records, printed as a table for people or, with
 * --json, as a line of JSON each.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_LIST_H
#define PARLEY_TOOLS_PARLEYCTL_LIST_H

#include "proto/slice.h"
#include "proto/uuid.h"
#include "tools/parleyctl/ctl.h"

#include <jansson.h>

struct column {
	const char *key;   /* of the records */
	const char *title; /* NULL: in JSON alone */
	bool is_number;    /* stands at the right */
	const char *none;  /* what stands for no value; NULL: "-" */
};

/* Values for records; NULL if there is no memory. Time is in ms since 1970; 0
 * is null. */
json_t *list_text(struct slice text);
json_t *list_id(const struct uuid *id);
json_t *list_time(uint64_t ms);

/* Appends the record, which it takes; NULL is fine: it was out of memory then.
 * 0, or STATUS_FAILED after a line on stderr. */
int list_add(struct call *call, json_t *records, json_t *record);

/* Prints a table for people. */
void list_table(const struct column *columns, const json_t *records);

/* Prints an array of objects. Takes `records`. Returns an exit status. */
int list_print(struct call *call, const struct column *columns,
	       json_t *records);

#endif
