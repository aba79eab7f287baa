/* SPDX-License-Identifier: MIT */
/* proto/figures.c - metrics.def as a table, and the words of its labels. */
#include "proto/figures.h"

#include "proto/log.h"

#define FIGURES struct common_figures
const struct metric_row common_metrics[] = {
#include "proto/metrics_rows.h"

#include "proto/metrics.def"
	{ 0 },
};

const char *
VERSION_word(size_t i)
{
	(void)i;
	return PARLEY_VERSION;
}

const char *
LEVEL_word(size_t i)
{
	return log_level_name((enum log_level)i);
}

const char *
PARTY_word(size_t i)
{
	return party_name((enum party)(1u << i));
}

size_t
party_place(enum party party)
{
	size_t i = 0;

	while (i + 1 < PARTY_WORDS && (1u << i) != (unsigned)party)
		i++;
	return i;
}

const char *
REFUSAL_word(size_t i)
{
	return i == ERROR_none ? NULL : error_name((enum error_code)i);
}

const char *
LOSS_word(size_t i)
{
	static const char *const words[LOSS_WORDS] = {
		[LOSS_bad_frame] = "bad_frame",
		[LOSS_not_admitted] = "not_admitted",
		[LOSS_cannot_pack] = "cannot_pack",
		[LOSS_batch] = "batch",
		[LOSS_events] = "events",
		[LOSS_torn] = "torn",
	};

	return words[i];
}
