/* SPDX-License-Identifier: MIT */
/* gateway/json_fault.h - what is wrong with a text that is not JSON, in words
 * for who sent it.
 *
 * Jansson's own words may quote half a character, and a frame that is not UTF-8
 * ends the connection of who gets it.
 */
#ifndef PARLEY_GATEWAY_JSON_FAULT_H
#define PARLEY_GATEWAY_JSON_FAULT_H

#include <jansson.h>

#define JSON_FAULT_BYTES 96

/* The fault that json_loadb() told, in ASCII; returns `into`. */
const char *json_fault_words(const json_error_t *error,
			     char into[JSON_FAULT_BYTES]);

#endif
