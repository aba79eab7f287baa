/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/subject.c - see subject.h. */
#include "tools/parley-tap/subject.h"

size_t
subject_stem(const char *word)
{
	return strcspn(word, "*");
}

bool
subject_is_possible(const char *word)
{
	size_t n = subject_stem(word);

	return strncmp(word, "in.", n < 3 ? n : 3) == 0 ||
	       strncmp(word, "out.", n < 4 ? n : 4) == 0;
}

/* A star takes as little as it can; where that turns out too little, it takes
 * one character more, and only the last star need be tried again. */
static bool
fits_pattern(const char *word, struct slice subject)
{
	const char *star = NULL;
	size_t at = 0, taken = 0;

	while (at < subject.n) {
		if (*word == '*') {
			star = ++word;
			taken = at;
		} else if (*word != '\0' && *word == subject.at[at]) {
			word++;
			at++;
		} else if (star != NULL) {
			word = star;
			at = ++taken;
		} else {
			return false;
		}
	}
	while (*word == '*')
		word++;
	return *word == '\0';
}

bool
subject_fits(const char *word, struct slice subject)
{
	size_t n = subject_stem(word);

	if (word[n] == '*')
		return fits_pattern(word, subject);
	return subject.n >= n && memcmp(subject.at, word, n) == 0;
}
