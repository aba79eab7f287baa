/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/tar.h - an archive of a few plain files, as POSIX.1-1988
 * ustar: `tar tvf` reads it. What is read comes from outside: names are only
 * compared, sizes are bounded, and nothing is made by what an archive says.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_TAR_H
#define PARLEY_TOOLS_PARLEYCTL_TAR_H

#include <stdbool.h>
#include <stdint.h>

#define TAR_BLOCK      512
#define TAR_NAME_BYTES 101

struct tar_entry {
	char name[TAR_NAME_BYTES];
	uint64_t size;
};

/* Fills the block that stands before a file of this name, shorter than
 * TAR_NAME_BYTES, and size. `now` is in seconds since 1970. */
void tar_make_header(uint8_t block[TAR_BLOCK], const char *name, uint64_t size,
		     uint64_t now);

/* Reads such a block. False if it is anything but a plain file's header with a
 * right checksum. */
bool tar_read_header(const uint8_t block[TAR_BLOCK], struct tar_entry *entry);

/* Whether all of the block is zero: two of these end an archive. */
bool tar_is_end(const uint8_t block[TAR_BLOCK]);

/* Zeros behind a file of this size, up to the next block. */
unsigned tar_padding(uint64_t size);

#endif
