/* SPDX-License-Identifier: MIT */
/* tests/fuzz/parleyctl/archive_fuzz.c - a backup's header and manifest, as
 * anybody may have written them.
 */
#include "tools/parleyctl/manifest.h"
#include "tools/parleyctl/tar.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* What was read is written the same way again. */
static void
read_block(const uint8_t block[TAR_BLOCK])
{
	struct tar_entry entry, again;
	uint8_t made[TAR_BLOCK];

	if (!tar_read_header(block, &entry))
		return;
	if (strlen(entry.name) >= TAR_NAME_BYTES)
		abort();
	tar_make_header(made, entry.name, entry.size, 0);
	if (!tar_read_header(made, &again) || again.size != entry.size)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct manifest manifest;

	if (n >= TAR_BLOCK)
		read_block(bytes);
	if (manifest_read(&manifest, (const char *)bytes, n) == NULL &&
	    (manifest_find(&manifest, "chat.db") == NULL ||
	     manifest.n > MANIFEST_FILES_MAX))
		abort();
	return 0;
}
