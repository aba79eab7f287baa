/* SPDX-License-Identifier: MIT */
/* gateway/refusals.h - what a daemon refused, in words for people. */
#ifndef PARLEY_GATEWAY_REFUSALS_H
#define PARLEY_GATEWAY_REFUSALS_H

#include "proto/frame.h"

#define REFUSAL_TEXT_BYTES 320

/* The daemon's own words, and how long to wait where it said so; the text lives
 * in `into`. */
struct slice refusal_words(const struct frame_refused *why,
			   char into[REFUSAL_TEXT_BYTES]);

/* A refusal that is made here; `text` is not copied. */
struct frame_refused refusal_of(enum error_code code, const char *text);

#endif
