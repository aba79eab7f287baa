/* SPDX-License-Identifier: MIT */
/* gateway/figures.h - what a gateway counts, and the words of its labels.
 */
#ifndef PARLEY_GATEWAY_FIGURES_H
#define PARLEY_GATEWAY_FIGURES_H

#include "proto/figures.h"

/* Dialects, by their places: see dialect_place(). */
#define DIALECT_WORDS 8
const char *DIALECT_word(size_t i);

/* The close codes that we send; the first is none, the last any other. */
#define CLOSE_WORDS 14
const char *CLOSE_word(size_t i);
size_t close_place(unsigned code);

/* Of HTTP's status codes. */
#define CLASS_WORDS 5
const char *CLASS_word(size_t i);

enum slow { SLOW_full, SLOW_stuck, SLOW_WORDS };
const char *SLOW_word(size_t i);

struct gateway_figures {
#include "proto/metrics_fields.h"

#include "gateway/metrics.def"
};

/* Ends with { 0 }. */
extern const struct metric_row gateway_metrics[];

struct gateway;

/* Sets what is not counted as it changes. */
void figures_measure(void *gateway);

/* Notes a daemon's answer to what a client asked for: refusals, and how long a
 * post took. */
void figures_hear_answer(struct gateway *gateway, const struct frame *answer);

/* A post that came in at `since_us` (see proto/clock.h) was told to clients,
 * who get it at the end of this turn; figures_turn() is that. */
void figures_note_delivery(struct gateway *gateway, uint64_t since_us);
void figures_turn(struct gateway *gateway);

#endif
