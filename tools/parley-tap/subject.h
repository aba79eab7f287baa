/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/subject.h - which subjects a word of the command line means.
 *
 * A word is the beginning of a subject, such as `in.gateway.post`; with a `*`,
 * which stands for any characters, it is a pattern of a whole one: `*.message`.
 */
#ifndef PARLEY_TOOLS_TAP_SUBJECT_H
#define PARLEY_TOOLS_TAP_SUBJECT_H

#include "proto/slice.h"

/* Whether a subject can fit `word` at all: they begin with `in.` or `out.`. */
bool subject_is_possible(const char *word);

/* How many bytes of `word` each subject that fits it begins with. */
size_t subject_stem(const char *word);

bool subject_fits(const char *word, struct slice subject);

#endif
