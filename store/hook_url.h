/* SPDX-License-Identifier: MIT */
/* store/hook_url.h - which addresses a hook may have, as text: what they lead
 * to is judged by who connects.
 */
#ifndef PARLEY_STORE_HOOK_URL_H
#define PARLEY_STORE_HOOK_URL_H

#include "proto/slice.h"

#define HOOK_URL_MAX 2048 /* bytes */

/* NULL if `url` is an address of http or https (RFC 9110 4.2) with a host and,
 * perhaps, a port, path and query, or else what is wrong with it, for people.
 * User names, passwords and fragments are wrong: they are not sent, or hide
 * where it leads. */
const char *hook_url_fault(struct slice url);

#endif
