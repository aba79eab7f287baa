/* SPDX-License-Identifier: MIT */
/* tests/unit/auth/seal_test.c - what a new sealed room gets, and what is kept
 * of it.
 */
#include "tests/unit/auth/fixture.h"

static void
a_room_gets_its_keys(void)
{
	struct uuid id = id_of(1);
	const struct told *t;

	set_up();
	t = seal(1, NULL, false);
	CHECK_INT(t->kind, FRAME_unsealed);
	CHECK(uuid_equal(&t->room, &id));
	CHECK_INT(strlen(t->join_key), JOIN_KEY_TEXT_BYTES - 1);
	CHECK_INT(t->key_n, 32);
	CHECK(!t->has_password);
	CHECK(seal(2, PASSWORD, false)->has_password);
	CHECK_INT(seal(3, NULL, true)->key_n, 0);
	CHECK_INT(auth.count.sealed, 3);
	tear_down();
}

static void
the_same_room_again_is_the_same_request(void)
{
	struct told first, again;

	set_up();
	first = *seal(1, PASSWORD, false);
	close_all();
	open_all();
	ask_seal(1, PASSWORD, false);
	CHECK_INT(told_n, 1); /* nothing was hashed */
	await(1);
	again = told[0];
	CHECK_STR(again.join_key, first.join_key);
	CHECK(again.has_password);
	CHECK(memcmp(again.key, first.key, sizeof first.key) == 0);
	CHECK_INT(auth.count.sealed, 0);
	seal(3, NULL, true);
	CHECK_INT(seal(3, NULL, false)->key_n, 0);
	tear_down();
}

static void
a_repeat_while_the_first_is_hashed_is_harmless(void)
{
	char join_key[64];

	set_up();
	ask_seal(1, PASSWORD, false);
	ask_seal(1, PASSWORD, false);
	CHECK_INT(told_n, 0);
	await(2);
	CHECK_INT(told[0].kind, FRAME_unsealed);
	CHECK_INT(told[1].kind, FRAME_unsealed);
	CHECK_STR(told[0].join_key, told[1].join_key);
	CHECK_INT(auth.count.sealed, 1);
	memcpy(join_key, told[0].join_key, sizeof join_key);
	CHECK_INT(unseal(join_key, PASSWORD, HOME)->kind, FRAME_unsealed);
	tear_down();
}

static void
a_full_queue_refuses(void)
{
	size_t n = 0, more = 0, refused;

	set_up();
	while (told_n == 0 && n < 150)
		ask_seal((uint8_t)++n, PASSWORD, false);
	CHECK(n > 64 && n < 100);
	CHECK_STR(told[0].code, "unavailable");
	CHECK_INT(told[0].retry_after, 1);
	/* A thread may have made room meanwhile. */
	for (; told_n == 1 && more < 100; more++)
		ask_unseal("nonsense", PASSWORD, HOME);
	CHECK_STR(told[1].code, "unavailable");
	refused = told_n;
	hashing_free(&auth.hashing);
	/* Each one is answered; those in hand may have been hashed. */
	CHECK_INT(told_n - refused, n - 1 + more - 1);
	CHECK(count(told_n, "unavailable") > 60);
	tear_down();
}

/* What is on disk must open nothing. */
static void
neither_key_is_kept(void)
{
	struct told t;
	static char file[1024 * 1024];
	FILE *f;
	size_t n;

	set_up();
	t = *seal(1, PASSWORD, false);
	close_all();
	f = fopen(path, "rb");
	CHECK(f != NULL);
	n = f == NULL ? 0 : fread(file, 1, sizeof file, f);
	CHECK(n > 0 && n < sizeof file);
	CHECK(memmem(file, n, t.join_key, strlen(t.join_key)) == NULL);
	CHECK(memmem(file, n, t.key, sizeof t.key) == NULL);
	CHECK(memmem(file, n, PASSWORD, strlen(PASSWORD)) == NULL);
	CHECK(memmem(file, n, "$argon2id$", 10) != NULL);
	if (f != NULL)
		fclose(f);
	unlink(path);
}

static void
run_all(void)
{
	RUN(a_room_gets_its_keys);
	RUN(the_same_room_again_is_the_same_request);
	RUN(a_repeat_while_the_first_is_hashed_is_harmless);
	RUN(a_full_queue_refuses);
	RUN(neither_key_is_kept);
}

int
main(void)
{
	return run_in_folder(run_all);
}
