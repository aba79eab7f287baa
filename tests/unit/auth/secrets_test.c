/* SPDX-License-Identifier: MIT */
/* tests/unit/auth/secrets_test.c - lists of secrets, and the file of them. */
#include "auth/secrets.h"

#include "tests/unit/check.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64] = "/tmp/parley-secrets-XXXXXX";
static char path[128];

static void
lists_are_split_at_blanks(void)
{
	const char *wrong;
	struct secrets *secrets = secrets_parse(
	    slice_of("  0123456789abcdef\t0123456789abcdefg\n"), &wrong);

	CHECK(secrets != NULL);
	if (secrets == NULL)
		return;
	CHECK_INT(secrets_count(secrets), 2);
	CHECK(slice_is(secrets_get(secrets, 0), "0123456789abcdef"));
	CHECK(slice_is(secrets_get(secrets, 1), "0123456789abcdefg"));
	CHECK_INT(secrets_shortest(secrets), 16);
	secrets_free(&secrets);
	CHECK(secrets == NULL);
}

static void
short_missing_and_too_many_are_refused(void)
{
	char many[17 * 17 + 1] = "";
	const char *wrong = NULL;

	CHECK(secrets_parse(slice_of(""), &wrong) == NULL);
	CHECK(secrets_parse(slice_of(" \n"), &wrong) == NULL);
	CHECK_STR(wrong, "no secret at all");
	CHECK(secrets_parse(slice_of("0123456789abcdef short"), &wrong) ==
	      NULL);
	CHECK_STR(wrong, "a secret of less than 16 bytes");
	for (int i = 0; i < 17; i++)
		strcat(many, "0123456789abcdef ");
	CHECK(secrets_parse(slice_of(many), &wrong) == NULL);
	CHECK_STR(wrong, "more than 16 secrets");
}

static void
a_missing_file_is_made_once_and_for_its_owner(void)
{
	struct secrets *first = secrets_open(path);
	struct secrets *second = secrets_open(path);
	struct stat st;

	CHECK(first != NULL && second != NULL);
	if (first != NULL && second != NULL) {
		CHECK(
		    slice_equal(secrets_get(first, 0), secrets_get(second, 0)));
		CHECK_INT(secrets_get(first, 0).n, 64);
	}
	CHECK_INT(stat(path, &st), 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	CHECK_INT(st.st_nlink, 1);
	secrets_free(&first);
	secrets_free(&second);
}

static void
a_file_that_others_can_read_is_refused(void)
{
	CHECK_INT(chmod(path, 0640), 0);
	CHECK(secrets_open(path) == NULL);
	CHECK_INT(chmod(path, 0600), 0);
	CHECK_INT(truncate(path, 0), 0);
	CHECK(secrets_open(path) == NULL);
	CHECK(secrets_open("/nowhere/jwt.secret") == NULL);
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/jwt.secret", folder);
	RUN(lists_are_split_at_blanks);
	RUN(short_missing_and_too_many_are_refused);
	RUN(a_missing_file_is_made_once_and_for_its_owner);
	RUN(a_file_that_others_can_read_is_refused);
	unlink(path);
	rmdir(folder);
	return check_done();
}
