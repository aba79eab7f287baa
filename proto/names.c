/* SPDX-License-Identifier: MIT */
/* proto/names.c - looks at a name in its composed form (NFC), so that a name
 * counts and compares the same however a keyboard put it together.
 *
 * The joiners U+200C and U+200D are formats, but Persian, Indic scripts and
 * emoji are wrong without them: they may stand inside a name.
 */
#include "proto/names.h"

#include <stdint.h>
#include <utf8proc.h>

/* A character decomposes into at most four (canonically). */
#define DECOMPOSED_MAX (4 * NAME_MAX_BYTES)

#define NON_JOINER 0x200c
#define JOINER     0x200d

struct characters {
	/* One more: composing writes a terminator in some versions. */
	utf8proc_int32_t at[DECOMPOSED_MAX + 1];
	size_t n;
};

/* False if `name` is not UTF-8 or too long. */
static bool
compose(struct slice name, struct characters *characters)
{
	const utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	utf8proc_ssize_t n;

	if (name.n == 0 || name.n > NAME_MAX_BYTES)
		return false;
	n = utf8proc_decompose((const utf8proc_uint8_t *)name.at,
			       (utf8proc_ssize_t)name.n, characters->at,
			       DECOMPOSED_MAX, how);
	if (n < 0 || n > DECOMPOSED_MAX)
		return false;
	n = utf8proc_normalize_utf32(characters->at, n, how);
	if (n < 0)
		return false;
	characters->n = (size_t)n;
	return true;
}

static bool
is_printable(utf8proc_int32_t code)
{
	switch (utf8proc_category(code)) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return false;
	case UTF8PROC_CATEGORY_CF:
		return code == JOINER || code == NON_JOINER;
	default:
		return true;
	}
}

/* Shows nothing, and takes no place either. */
static bool
is_invisible(utf8proc_int32_t code)
{
	return utf8proc_get_property(code)->ignorable;
}

static bool
is_space(utf8proc_int32_t code)
{
	return utf8proc_category(code) == UTF8PROC_CATEGORY_ZS;
}

/* Those make an emoji of the character before them, often the last one. */
static bool
is_variation_selector(utf8proc_int32_t code)
{
	return (code >= 0xfe00 && code <= 0xfe0f) ||
	       (code >= 0xe0100 && code <= 0xe01ef);
}

static bool
is_valid(const struct characters *characters)
{
	const utf8proc_int32_t *at = characters->at;
	size_t n = characters->n;
	bool can_be_seen = false;

	if (n == 0 || n > NAME_MAX_CHARACTERS)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is_printable(at[i]))
			return false;
		can_be_seen |= !is_space(at[i]);
	}
	return can_be_seen && !is_invisible(at[0]) &&
	       (!is_invisible(at[n - 1]) || is_variation_selector(at[n - 1]));
}

bool
name_is_valid(struct slice name)
{
	struct characters characters;

	return compose(name, &characters) && is_valid(&characters);
}

/* A small letter may make one character with the mark behind it where the
 * capital does not, as in U+01F0: so it is composed once more. */
static bool
fold(struct characters *characters)
{
	const utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	utf8proc_ssize_t n;

	for (size_t i = 0; i < characters->n; i++)
		if (characters->at[i] >= 'A' && characters->at[i] <= 'Z')
			characters->at[i] += 'a' - 'A';
	n = utf8proc_normalize_utf32(characters->at,
				     (utf8proc_ssize_t)characters->n, how);
	if (n < 0)
		return false;
	characters->n = (size_t)n;
	return true;
}

bool
name_key(struct slice name, char into[NAME_KEY_BYTES])
{
	struct characters characters;
	size_t n = 0;

	if (!compose(name, &characters) || !is_valid(&characters) ||
	    !fold(&characters))
		return false;
	/* 64 characters of at most 4 bytes: always room. */
	for (size_t i = 0; i < characters.n; i++)
		n += (size_t)utf8proc_encode_char(characters.at[i],
						  (utf8proc_uint8_t *)into + n);
	into[n] = '\0';
	return true;
}

struct slice
name_keep(struct slice name, char into[NAME_MAX_BYTES])
{
	size_t n = name.n < NAME_MAX_BYTES ? name.n : NAME_MAX_BYTES;

	if (n > 0)
		memcpy(into, name.at, n);
	return (struct slice){ into, n };
}
