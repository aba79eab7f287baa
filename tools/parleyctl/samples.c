/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/samples.c - see samples.h.
 *
 *   parley_gateway_closes_total{daemon="gateway",code="1001"} 3
 */
#include "tools/parleyctl/samples.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_BYTES 40
#define WORD_MAX     128

/* --- A line */

static bool
take_character(struct slice *rest, char c)
{
	if (rest->n == 0 || *rest->at != c)
		return false;
	rest->at++;
	rest->n--;
	return true;
}

/* What comes before `end`, which is taken as well. */
static bool
take_until(struct slice *rest, char end, struct slice *taken)
{
	const char *found = memchr(rest->at, end, rest->n);

	if (found == NULL)
		return false;
	*taken = (struct slice){ rest->at, (size_t)(found - rest->at) };
	rest->n -= taken->n + 1;
	rest->at = found + 1;
	return true;
}

/* A label's value, up to the quote behind it; what is escaped is one character.
 */
static bool
take_value(struct slice *rest, char into[WORD_MAX])
{
	size_t n = 0;

	for (; rest->n > 0 && *rest->at != '"'; rest->at++, rest->n--) {
		if (*rest->at == '\\' && rest->n > 1) {
			rest->at++;
			rest->n--;
		}
		if (n + 1 == WORD_MAX)
			return false;
		into[n++] = *rest->at;
	}
	into[n] = '\0';
	return take_character(rest, '"');
}

static bool
read_number(struct slice text, double *number)
{
	char digits[NUMBER_BYTES], *end;

	if (text.n == 0 || text.n >= sizeof digits)
		return false;
	memcpy(digits, text.at, text.n);
	digits[text.n] = '\0';
	*number = strtod(digits, &end);
	return *end == '\0' && end != digits && !isnan(*number);
}

static bool
take_label(struct slice *rest, struct sample *sample, char word[WORD_MAX])
{
	char value[WORD_MAX];
	struct slice name;

	if (!take_until(rest, '=', &name) || !take_character(rest, '"') ||
	    !take_value(rest, value))
		return false;
	if (slice_is(name, "le"))
		return read_number(slice_of(value), &sample->bound);
	if (!slice_is(name, "daemon"))
		memcpy(word, value, strlen(value) + 1);
	return true;
}

static bool
read_line(struct slice line, struct sample *sample, struct slice *name,
	  char word[WORD_MAX])
{
	*sample = (struct sample){ .bound = NAN };
	word[0] = '\0';
	if (!take_until(&line, '{', name) || name->n == 0)
		return false;
	do {
		if (!take_label(&line, sample, word))
			return false;
	} while (take_character(&line, ','));
	return take_character(&line, '}') && take_character(&line, ' ') &&
	       read_number(line, &sample->value);
}

/* --- All of them */

static struct sample *
add_row(struct samples *samples)
{
	size_t room = samples->room == 0 ? 256 : 2 * samples->room;
	struct sample *rows;

	if (samples->n < samples->room)
		return &samples->rows[samples->n++];
	rows = realloc(samples->rows, room * sizeof *rows);
	if (rows == NULL)
		return NULL;
	samples->rows = rows;
	samples->room = room;
	return &samples->rows[samples->n++];
}

static int
add_line(struct samples *samples, struct slice line)
{
	char word[WORD_MAX];
	struct sample sample, *row;
	struct slice name;

	if (samples->n == SAMPLES_MAX ||
	    !read_line(line, &sample, &name, word)) {
		errno = EINVAL;
		return -1;
	}
	sample.name = arena_copy(&samples->memory, name.at, name.n);
	sample.word = arena_copy(&samples->memory, word, strlen(word));
	if (sample.name == NULL || sample.word == NULL ||
	    (row = add_row(samples)) == NULL)
		return -1;
	*row = sample;
	return 0;
}

int
samples_add(struct samples *samples, struct slice text)
{
	struct slice line;

	while (text.n > 0) {
		if (!take_until(&text, '\n', &line)) {
			line = text;
			text.n = 0;
		}
		if (add_line(samples, line) != 0)
			return -1;
	}
	return 0;
}

void
samples_fini(struct samples *samples)
{
	free(samples->rows);
	arena_fini(&samples->memory);
	*samples = (struct samples){ 0 };
}

double
samples_sum(const struct samples *samples, const char *name, const char *word)
{
	double sum = NAN;

	for (size_t i = 0; i < samples->n; i++) {
		const struct sample *row = &samples->rows[i];

		if (strcmp(row->name, name) == 0 &&
		    (word == NULL || strcmp(row->word, word) == 0))
			sum = isnan(sum) ? row->value : sum + row->value;
	}
	return sum;
}

const char *
samples_word(const struct samples *samples, const char *name)
{
	for (size_t i = 0; i < samples->n; i++)
		if (strcmp(samples->rows[i].name, name) == 0)
			return samples->rows[i].word;
	return NULL;
}
