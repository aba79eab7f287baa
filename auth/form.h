/* SPDX-License-Identifier: MIT */
/* auth/form.h - whether what somebody signs up with is well formed.
 */
#ifndef PARLEY_AUTH_FORM_H
#define PARLEY_AUTH_FORM_H

#include "proto/frame.h"

/* NULL if all of it is; else what is wrong, and *field names where. */
const char *form_check(const struct frame_sign_up *form, const char **field);

/* The part of a well-formed address before its @. */
struct slice form_email_local(struct slice email);

#endif
