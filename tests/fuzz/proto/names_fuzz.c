/* SPDX-License-Identifier: MIT */
/* tests/fuzz/proto/names_fuzz.c - any bytes as a name: a key is a fixed point
 * (it is the key of itself) and fits where it is written.
 */
#include "proto/names.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const struct slice name = { (const char *)bytes, n };
	char key[NAME_KEY_BYTES], again[NAME_KEY_BYTES];

	if (name_key(name, key) != name_is_valid(name))
		abort();
	if (!name_is_valid(name) || strlen(key) > NAME_MAX_BYTES)
		return 0;
	if (!name_key(slice_of(key), again) || strcmp(key, again) != 0)
		abort();
	return 0;
}
