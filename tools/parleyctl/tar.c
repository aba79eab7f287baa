/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/tar.c - one block before each file. */
#include "tools/parleyctl/tar.h"

#include <stdio.h>
#include <string.h>

/* Where fields begin, and their bytes. */
#define NAME_AT     0
#define MODE_AT     100
#define OWNER_AT    108
#define GROUP_AT    116
#define SIZE_AT     124
#define SIZE_BYTES  12
#define TIME_AT     136
#define SUM_AT      148
#define SUM_BYTES   8
#define TYPE_AT     156
#define MAGIC_AT    257
#define OCTAL_MAX   077777777777ull /* 8 GiB: what 11 octal digits hold */
#define BINARY_MARK 0x80

/* The sum of all bytes, those of the sum itself as blanks. */
static unsigned
sum_of(const uint8_t block[TAR_BLOCK])
{
	unsigned sum = 0;

	for (int i = 0; i < TAR_BLOCK; i++)
		sum += i >= SUM_AT && i < SUM_AT + SUM_BYTES ? ' ' : block[i];
	return sum;
}

/* Larger sizes than octal digits hold are binary, as GNU tar writes them. */
static void
write_size(uint8_t *at, uint64_t size)
{
	if (size <= OCTAL_MAX) {
		snprintf((char *)at, SIZE_BYTES, "%011llo",
			 (unsigned long long)size);
		return;
	}
	at[0] = BINARY_MARK;
	for (int i = SIZE_BYTES - 1; i > 0; i--, size >>= 8)
		at[i] = (uint8_t)size;
}

void
tar_make_header(uint8_t block[TAR_BLOCK], const char *name, uint64_t size,
		uint64_t now)
{
	char *text = (char *)block;

	memset(block, 0, TAR_BLOCK);
	snprintf(text + NAME_AT, TAR_NAME_BYTES - 1, "%s", name);
	memcpy(text + MODE_AT, "0000600", 7);
	memcpy(text + OWNER_AT, "0000000", 7);
	memcpy(text + GROUP_AT, "0000000", 7);
	write_size(block + SIZE_AT, size);
	snprintf(text + TIME_AT, SIZE_BYTES, "%011llo",
		 (unsigned long long)(now & OCTAL_MAX));
	block[TYPE_AT] = '0';
	memcpy(text + MAGIC_AT, "ustar\00000", 8);
	snprintf(text + SUM_AT, SUM_BYTES, "%06o", sum_of(block));
	text[SUM_AT + 7] = ' ';
}

/* Octal digits, blanks or NUL at either end. */
static bool
read_octal(const uint8_t *at, int n, uint64_t *number)
{
	int digits = 0;

	*number = 0;
	while (n > 0 && *at == ' ')
		at++, n--;
	for (; n > 0 && *at >= '0' && *at <= '7'; at++, n--, digits++)
		*number = *number << 3 | (uint64_t)(*at - '0');
	for (; n > 0; at++, n--)
		if (*at != ' ' && *at != '\0')
			return false;
	return digits > 0;
}

static bool
read_size(const uint8_t *at, uint64_t *size)
{
	if (at[0] != BINARY_MARK)
		return read_octal(at, SIZE_BYTES, size);
	*size = 0;
	for (int i = 1; i < SIZE_BYTES; i++) {
		if (*size >> 55 != 0)
			return false;
		*size = *size << 8 | at[i];
	}
	return true;
}

bool
tar_read_header(const uint8_t block[TAR_BLOCK], struct tar_entry *entry)
{
	uint64_t sum;

	if (memcmp(block + MAGIC_AT, "ustar", 5) != 0 ||
	    !read_octal(block + SUM_AT, SUM_BYTES, &sum) ||
	    sum != sum_of(block) ||
	    (block[TYPE_AT] != '0' && block[TYPE_AT] != '\0') ||
	    !read_size(block + SIZE_AT, &entry->size))
		return false;
	memcpy(entry->name, block + NAME_AT, TAR_NAME_BYTES - 1);
	entry->name[TAR_NAME_BYTES - 1] = '\0';
	return true;
}

bool
tar_is_end(const uint8_t block[TAR_BLOCK])
{
	for (int i = 0; i < TAR_BLOCK; i++)
		if (block[i] != 0)
			return false;
	return true;
}

unsigned
tar_padding(uint64_t size)
{
	return (unsigned)((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}
