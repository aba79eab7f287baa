/* SPDX-License-Identifier: MIT */
/* gateway/json_fault.c - says where the fault is, and quotes nothing. */
#include "gateway/json_fault.h"

#include <stdbool.h>
#include <stdio.h>

const char *
json_fault_words(const json_error_t *error, char into[JSON_FAULT_BYTES])
{
	bool is_twice = json_error_code(error) == json_error_duplicate_key;

	snprintf(into, JSON_FAULT_BYTES, "%s, at line %d, column %d",
		 is_twice ? "a member is there twice" : "that is not JSON",
		 error->line, error->column);
	return into;
}
