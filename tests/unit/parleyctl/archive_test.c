/* SPDX-License-Identifier: MIT */
/* tests/unit/parleyctl/archive_test.c - headers and manifests of backups. */
#include "tools/parleyctl/manifest.h"
#include "tools/parleyctl/tar.h"

#include "tests/unit/check.h"

#include <stdlib.h>

#define SHA "335396afa9cd08ad4d2a63ce56dd36375e0f879e68d6e07087029440425b83a4"

struct settings settings;
const struct option_row *const setting_tables[] = { NULL };

static void
a_header_says_what_was_put_in(void)
{
	static const uint64_t sizes[] = {
		0, 1, 512, 077777777777, 0100000000000, UINT64_C(1) << 60
	};
	uint8_t block[TAR_BLOCK];
	struct tar_entry entry;

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		tar_make_header(block, "chat.db", sizes[i], 1700000000);
		CHECK(tar_read_header(block, &entry));
		CHECK_STR(entry.name, "chat.db");
		CHECK(entry.size == sizes[i]);
	}
}

static void
any_other_byte_makes_it_none(void)
{
	uint8_t block[TAR_BLOCK];
	struct tar_entry entry;

	tar_make_header(block, "chat.db", 4096, 1700000000);
	for (int i = 0; i < TAR_BLOCK; i++) {
		block[i] ^= 0x11;
		/* The sum's own last byte may be blank or NUL. */
		CHECK(!tar_read_header(block, &entry));
		block[i] ^= 0x11;
	}
	memset(block, 0, sizeof block);
	CHECK(!tar_read_header(block, &entry));
	CHECK(tar_is_end(block));
	block[511] = 1;
	CHECK(!tar_is_end(block));
}

static void
padding_fills_the_block(void)
{
	CHECK_INT(tar_padding(0), 0);
	CHECK_INT(tar_padding(1), 511);
	CHECK_INT(tar_padding(511), 1);
	CHECK_INT(tar_padding(512), 0);
}

static void
a_manifest_is_read_as_it_was_written(void)
{
	struct manifest written = {
		.taken_at = 1700000000,
		.messages = 7,
		.rooms = 2,
		.files = { { "chat.db", 4096, SHA }, { "auth.db", 8192, SHA } },
		.n = 2,
	};
	struct manifest read;
	char *text = manifest_print(&written);

	CHECK(text != NULL);
	if (text == NULL)
		return;
	CHECK(manifest_read(&read, text, strlen(text)) == NULL);
	CHECK_INT(read.n, 2);
	CHECK_INT(read.messages, 7);
	CHECK_INT(read.rooms, 2);
	CHECK_INT(manifest_find(&read, "auth.db")->size, 8192);
	CHECK_STR(manifest_find(&read, "auth.db")->digest, SHA);
	CHECK(manifest_find(&read, "jwt.secret") == NULL);
	free(text);
}

#define HEAD "{\"parley_backup\":1,\"messages\":0,\"rooms\":0,\"files\":["
#define FILE_ROW(name, size, sha)                                              \
	"{\"name\":\"" name "\",\"size\":" size ",\"sha256\":\"" sha "\"}"

static void
a_manifest_names_both_databases_and_little_else(void)
{
	static const char *const wrong[] = {
		"",
		"[]",
		"{}",
		"{\"parley_backup\":2,\"messages\":0,\"rooms\":0,\"files\":[]}",
		HEAD "]}",
		HEAD FILE_ROW("chat.db", "1", SHA) "]}",
		HEAD FILE_ROW("chat.db", "1", SHA) "," FILE_ROW("chat.db", "1",
								SHA) "]}",
		HEAD FILE_ROW("chat.db", "-1", SHA) "," FILE_ROW("auth.db", "1",
								 SHA) "]}",
		HEAD FILE_ROW("chat.db", "1", "33") "," FILE_ROW("auth.db", "1",
								 SHA) "]}",
		HEAD FILE_ROW("chat.db", "1", SHA) "," FILE_ROW(
		    "auth.db", "1", SHA) "," FILE_ROW("../../etc/passwd", "1",
						      SHA) "]}",
	};
	struct manifest manifest;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		CHECK(manifest_read(&manifest, wrong[i], strlen(wrong[i])) !=
		      NULL);
}

int
main(void)
{
	RUN(a_header_says_what_was_put_in);
	RUN(any_other_byte_makes_it_none);
	RUN(padding_fills_the_block);
	RUN(a_manifest_is_read_as_it_was_written);
	RUN(a_manifest_names_both_databases_and_little_else);
	return check_done();
}
