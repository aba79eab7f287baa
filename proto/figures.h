/* SPDX-License-Identifier: MIT */
/* proto/figures.h - the figures that all daemons have, and the words of their
 * labels. The bus counts in them; process.c fills in the rest when asked.
 */
#ifndef PARLEY_PROTO_FIGURES_H
#define PARLEY_PROTO_FIGURES_H

#include "proto/frame.h"
#include "proto/metrics.h"

#define VERSION_WORDS 1
const char *VERSION_word(size_t i);

/* Levels as in log.h. */
#define LEVEL_WORDS 4
const char *LEVEL_word(size_t i);

/* Kinds of peer, in the order of their bits. */
#define PARTY_WORDS 7
const char *PARTY_word(size_t i);

/* The place of a party among them. */
size_t party_place(enum party party);

/* Why something was refused: codes of errors.def, by their numbers. */
#define REFUSAL_WORDS ERROR_CODES
const char *REFUSAL_word(size_t i);

enum loss {
	LOSS_bad_frame,    /* could not be read */
	LOSS_not_admitted, /* came from whom it may not */
	LOSS_cannot_pack,  /* one of ours breaks its bounds */
	LOSS_batch,        /* something before what came is missing */
	LOSS_events,       /* missed, and no longer kept for replay */
	LOSS_torn,         /* no memory, or the peer reads too slowly */
	LOSS_WORDS,
};
const char *LOSS_word(size_t i);

struct common_figures {
#include "proto/metrics_fields.h"

#include "proto/metrics.def"
};

/* Ends with { 0 }. */
extern const struct metric_row common_metrics[];

#endif
