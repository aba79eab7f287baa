/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/names_test.c - which names there are, and which are one. */
#include "proto/names.h"

#include "tests/unit/check.h"

static const struct {
	const char *name;
	const char *key; /* NULL: not a name */
} cases[] = {
	{ "J\xcc\x8c",
	  "\xc7\xb0" }, /* only the small letter has one of its own */
	{ "alice", "alice" },
	{ "Alice B", "alice b" },
	{ "a", "a" },
	{ "general-2_x.y!", "general-2_x.y!" },
	/* composed and decomposed are one; only ASCII is folded */
	{ "\xc3\x89lo\xc3\xafse", "\xc3\x89lo\xc3\xafse" },
	{ "E\xcc\x81loi\xcc\x88se", "\xc3\x89lo\xc3\xafse" },
	/* U+212A, the Kelvin sign, is a K after NFC */
	{ "\xe2\x84\xaa", "k" },
	/* U+FB2C becomes three characters and six bytes */
	{ "\xef\xac\xac", "\xd7\xa9\xd6\xbc\xd7\x81" },
	{ "\xe5\xbc\xa0\xe4\xbc\x9f", "\xe5\xbc\xa0\xe4\xbc\x9f" },
	/* Hangul from its parts */
	{ "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xed\x95\x9c" },
	/* joined emoji, and a heart with its variation selector at the end */
	{ "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
	  "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb" },
	{ "\xe2\x9d\xa4\xef\xb8\x8f", "\xe2\x9d\xa4\xef\xb8\x8f" },
	/* Persian with a non-joiner */
	{ "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae",
	  "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae" },

	/* blanks are characters, wherever they stand */
	{ " a", " a" },
	{ "Zero ", "zero " },

	{ "", NULL },
	{ " ", NULL },
	{ "  ", NULL },
	{ "\xe3\x80\x80", NULL },
	{ "a\nb", NULL },
	{ "a\tb", NULL },
	{ "a\x7f"
	  "b",
	  NULL },
	{ "a\xc2\x85"
	  "b",
	  NULL },
	{ "a\xc2\xad"
	  "b",
	  NULL }, /* soft hyphen */
	{ "a\xe2\x80\xae"
	  "b",
	  NULL }, /* right-to-left override */
	{ "a\xe2\x80\xa8"
	  "b",
	  NULL }, /* line separator */
	{ "a\xef\xbb\xbf"
	  "b",
	  NULL },                     /* byte order mark */
	{ "\xee\x80\x80", NULL },     /* private */
	{ "\xef\xbf\xbe", NULL },     /* noncharacter */
	{ "\xcd\xb8", NULL },         /* unassigned U+0378 */
	{ "\xe2\x80\x8d", NULL },     /* a joiner alone */
	{ "a\xe2\x80\x8d", NULL },    /* a joiner at the end */
	{ "\xe3\x85\xa4", NULL },     /* Hangul filler alone */
	{ "\xef\xb8\x8f", NULL },     /* a variation selector alone */
	{ "\xff", NULL },             /* not UTF-8 */
	{ "a\xc3", NULL },            /* cut */
	{ "\xc0\x80", NULL },         /* overlong */
	{ "\xed\xa0\x80", NULL },     /* surrogate */
	{ "\xf4\x90\x80\x80", NULL }, /* above U+10FFFF */
};

static void
names_have_keys(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct slice name = slice_of(cases[i].name);
		char key[NAME_KEY_BYTES];

		CHECK_INT(name_is_valid(name), cases[i].key != NULL);
		CHECK_INT(name_key(name, key), cases[i].key != NULL);
		if (cases[i].key != NULL)
			CHECK_STR(key, cases[i].key);
	}
}

static void
nul_is_no_character_of_a_name(void)
{
	CHECK(!name_is_valid((struct slice){ "a\0b", 3 }));
	CHECK(!name_is_valid((struct slice){ NULL, 0 }));
}

/* `n` times `text` as a name. */
static bool
is_valid_times(const char *text, size_t n)
{
	static char name[4096];
	size_t bytes = strlen(text);

	for (size_t i = 0; i < n; i++)
		memcpy(name + i * bytes, text, bytes);
	return name_is_valid((struct slice){ name, n * bytes });
}

static void
length_counts_characters_after_composing(void)
{
	CHECK(is_valid_times("a", 64));
	CHECK(!is_valid_times("a", 65));
	CHECK(!is_valid_times("a", 1000));
	CHECK(is_valid_times("\xf0\x9f\x92\xbb", 64));
	CHECK(!is_valid_times("\xf0\x9f\x92\xbb", 65));
	CHECK(is_valid_times("e\xcc\x81", 64));
	CHECK(!is_valid_times("e\xcc\x81", 65));
	/* 21 times three characters are 63 */
	CHECK(is_valid_times("\xef\xac\xac", 21));
	CHECK(!is_valid_times("\xef\xac\xac", 22));
	/* 85 characters that take part in 255 bytes */
	CHECK(!is_valid_times("\xef\xac\xac", 85));
}

static void
longest_key_fits(void)
{
	static char name[NAME_MAX_BYTES];
	char key[NAME_KEY_BYTES];

	for (size_t i = 0; i + 4 <= sizeof name; i += 4)
		memcpy(name + i, "\xf0\x9f\x92\xbb", 4);
	CHECK(name_key((struct slice){ name, sizeof name }, key));
	CHECK_INT(strlen(key), sizeof name);
}

int
main(void)
{
	RUN(names_have_keys);
	RUN(nul_is_no_character_of_a_name);
	RUN(length_counts_characters_after_composing);
	RUN(longest_key_fits);
	return check_done();
}
