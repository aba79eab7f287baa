/* SPDX-License-Identifier: MIT */
/* tests/fuzz/proto/env_file_fuzz.c - any bytes as a `.env` file.
 *
 * Whatever they are, an error names a line that there is, and a value is never
 * longer than the file.
 */
#include "proto/env_file.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static size_t
count_lines(const uint8_t *bytes, size_t n)
{
	size_t lines = 1;

	for (size_t i = 0; i < n; i++)
		lines += bytes[i] == '\n';
	return lines;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct slice text = { (const char *)bytes, n };
	struct env_file file = { 0 };
	struct env_error error;
	const char *value;

	if (env_file_parse(&file, text, &error) < 0 &&
	    (error.why == NULL || error.line > count_lines(bytes, n)))
		abort();
	value = env_file_find(&file, "A");
	if (value != NULL && strlen(value) >= n)
		abort();
	env_file_fini(&file);
	return 0;
}
