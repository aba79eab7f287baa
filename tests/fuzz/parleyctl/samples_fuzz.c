/* SPDX-License-Identifier: MIT */
/* tests/fuzz/parleyctl/samples_fuzz.c - what something that says that it is a
 * daemon tells of its metrics: read, summed, and taken for histograms.
 */
#include "tools/parleyctl/distribution.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void
measure(const struct samples *samples, const char *name)
{
	struct distribution d = { 0 }, growth = { 0 };
	double half;

	if (!distribution_add(&d, samples, name))
		return;
	half = distribution_percentile(&d, 0.5);
	if (isnan(half) != !(distribution_count(&d) > 0))
		abort();
	if (half > distribution_percentile(&d, 0.99))
		abort();
	/* Nothing has grown since now. */
	if (distribution_add_growth(&growth, &d, &d) &&
	    distribution_count(&growth) > 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct samples samples = { 0 };

	(void)samples_add(&samples, (struct slice){ (const char *)bytes, n });
	for (size_t i = 0; i < samples.n && i < 50; i++) {
		const struct sample *row = &samples.rows[i];
		char name[64];
		size_t length = strlen(row->name);

		(void)samples_sum(&samples, row->name, row->word);
		if (length <= 7 || length >= sizeof name)
			continue;
		memcpy(name, row->name, length - 7);
		name[length - 7] = '\0';
		measure(&samples, name);
	}
	samples_fini(&samples);
	return 0;
}
