/* SPDX-License-Identifier: MIT */
/* tests/unit/auth/users_test.c - numbers, names, and whether they stay. */
#include "auth/users.h"

#include "auth/form.h"
#include "tests/unit/check.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW 1700000000000ull

static char folder[64] = "/tmp/parley-users-XXXXXX";
static char path[128];
static struct database *db;

static struct user
add(uint64_t number, const char *name, const char *email)
{
	struct new_user fresh = { .number = number,
				  .name = slice_of(name),
				  .email = slice_of(email) };
	struct user user = { 0 };

	database_begin(db, true);
	CHECK(users_add(db, &fresh, NOW, &user));
	CHECK(database_commit(db));
	return user;
}

static void
numbers_count_up_and_skip_what_was_brought(void)
{
	CHECK_INT(add(0, "ann", NULL).number, 1);
	CHECK_INT(add(INT64_MAX, "far", NULL).number, INT64_MAX);
	CHECK_INT(add(3, "three", NULL).number, 3);
	CHECK_INT(add(4, "four", NULL).number, 4);
	CHECK_INT(add(0, "bob", NULL).number, 2);
	CHECK_INT(add(0, "eve", NULL).number, 5);
	CHECK_INT(add(0, "dan", NULL).number, 6);
}

static void
names_are_found_whatever_their_case(void)
{
	struct user user;

	CHECK(users_find_name(db, slice_of("ANN"), &user));
	CHECK_STR(user.name, "ann");
	CHECK(users_find_number(db, user.number, &user));
	CHECK(users_find_id(db, &user.id, &user));
	CHECK(!users_find_name(db, slice_of("nobody"), &user));
	CHECK(!users_find_name(db, slice_of(""), &user));
	CHECK(!users_find_number(db, 4711, &user));
}

static void
emails_are_found_whatever_their_case(void)
{
	struct user user;

	add(0, "mail", "Mail@Example.org");
	CHECK(users_find_email(db, slice_of("mail@EXAMPLE.org"), &user));
	CHECK_STR(user.name, "mail");
	CHECK(!users_find_email(db, slice_of("mail@example.com"), &user));
}

static void
a_user_without_a_name_gets_one(void)
{
	struct user user;

	CHECK_STR(add(70, NULL, NULL).name, "user-70");
	add(0, "user-71", NULL);
	CHECK_STR(add(71, NULL, NULL).name, "user-712");
	CHECK(users_find_name(db, slice_of("user-712"), &user));
}

static void
wished_names_get_a_number_behind(void)
{
	char name[NAME_MAX_BYTES + 1];
	char longest[301];

	CHECK(users_make_name(db, slice_of("ann"), name));
	CHECK_STR(name, "ann2");
	CHECK(users_make_name(db, slice_of("new"), name));
	CHECK_STR(name, "new");
	CHECK(users_make_name(db, slice_of("a\nb"), name));
	CHECK_STR(name, "user");
	memset(longest, 'x', 300);
	longest[300] = '\0';
	CHECK(users_make_name(db, slice_of(longest), name));
	CHECK_INT(strlen(name), 48);
}

static void
renaming_needs_a_free_name(void)
{
	struct user user;

	CHECK(users_find_name(db, slice_of("bob"), &user));
	database_begin(db, true);
	CHECK(!users_rename(db, &user, slice_of("Ann")));
	CHECK(users_rename(db, &user, slice_of("BOB")));
	CHECK(users_rename(db, &user, slice_of("rob")));
	CHECK(database_commit(db));
	CHECK(!users_find_name(db, slice_of("bob"), &user));
	CHECK(users_find_name(db, slice_of("rob"), &user));
}

static void
all_of_it_is_there_after_a_restart(void)
{
	struct user user;
	struct stat st;

	database_close(&db);
	db = database_open(path);
	CHECK(db != NULL);
	CHECK(users_find_name(db, slice_of("rob"), &user));
	CHECK_INT(user.number, 2);
	CHECK_INT(stat(path, &st), 0);
	CHECK_INT(st.st_mode & 0777, 0600);
}

static void
a_transaction_that_failed_leaves_nothing(void)
{
	struct new_user fresh = { .name = slice_of("ann") };
	struct user user;

	database_begin(db, true);
	users_set_password(db, 1, "$x");
	CHECK(!users_add(db, &fresh, NOW, &user));
	CHECK(database_has_failed(db));
	CHECK(!database_commit(db));
	CHECK(users_find_number(db, 1, &user));
	CHECK_STR(user.password, "");
	CHECK(database_begin(db, false));
	CHECK(!database_has_failed(db));
	database_rollback(db);
}

static void
a_database_of_the_future_is_left_alone(void)
{
	sqlite3 *handle = NULL;

	database_close(&db);
	CHECK_INT(sqlite3_open(path, &handle), SQLITE_OK);
	CHECK_INT(
	    sqlite3_exec(handle, "PRAGMA user_version = 99", NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(handle);
	CHECK(database_open(path) == NULL);
}

/* --- Forms */

/* Of a form that is well filled in but for what is given; "" for none. */
static const char *
wrong_field(struct frame_sign_up form)
{
	const char *field = "";

	if (form.username.n == 0)
		form.username = slice_of("ann");
	if (form.password.n == 0)
		form.password = slice_of("12345678");
	return form_check(&form, &field) == NULL ? "" : field;
}

#define FORM(...) wrong_field((struct frame_sign_up){ __VA_ARGS__ })

static void
forms_name_the_wrong_field(void)
{
	struct frame_sign_up nobody = { .password = slice_of("12345678") };
	const char *field = "";
	char longest[1026];

	CHECK_STR(FORM(.age = 150), "");
	CHECK_STR(FORM(.age = 151), "age");
	CHECK(form_check(&nobody, &field) != NULL);
	CHECK_STR(field, "username");
	CHECK_STR(FORM(.username = slice_of("  ")), "username");
	CHECK_STR(FORM(.password = slice_of("1234567")), "password");
	CHECK_STR(FORM(.password = slice_of("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
					    "567")),
		  "password");
	memset(longest, 'x', 1025);
	longest[1025] = '\0';
	CHECK_STR(FORM(.password = slice_of(longest)), "password");
	longest[1024] = '\0';
	CHECK_STR(FORM(.password = slice_of(longest)), "");
	CHECK_STR(FORM(.full_name = slice_of("a\nb")), "full_name");
}

static void
emails_are_plausible(void)
{
	static const char *const good[] = { "a@b", "a.b+c@example.org" };
	static const char *const bad[] = { "a",     "@b",    "a@",    "a@@b",
					   "a@b@c", "a b@c", "a@b\n", "@" };
	char longest[256];

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		CHECK_STR(FORM(.email = slice_of(good[i])), "");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK_STR(FORM(.email = slice_of(bad[i])), "email");
	memset(longest, 'x', 255);
	longest[255] = '\0';
	longest[1] = '@';
	CHECK_STR(FORM(.email = slice_of(longest)), "email");
	longest[254] = '\0';
	CHECK_STR(FORM(.email = slice_of(longest)), "");
}

static void
dates_are_in_the_calendar(void)
{
	static const char *const good[] = { "2000-02-29", "1999-12-31" };
	static const char *const bad[] = { "1900-02-29", "2001-02-29",
					   "2001-13-01", "2001-00-10",
					   "2001-04-31", "2001-04-00",
					   "2001-4-1",   "01.04.2001",
					   "2001-04-0x", "2001-04-011" };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		CHECK_STR(FORM(.date_of_birth = slice_of(good[i])), "");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK_STR(FORM(.date_of_birth = slice_of(bad[i])),
			  "date_of_birth");
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/auth.db", folder);
	db = database_open(path);
	if (db == NULL)
		return 1;
	RUN(numbers_count_up_and_skip_what_was_brought);
	RUN(names_are_found_whatever_their_case);
	RUN(emails_are_found_whatever_their_case);
	RUN(a_user_without_a_name_gets_one);
	RUN(wished_names_get_a_number_behind);
	RUN(renaming_needs_a_free_name);
	RUN(all_of_it_is_there_after_a_restart);
	RUN(a_transaction_that_failed_leaves_nothing);
	RUN(a_database_of_the_future_is_left_alone);
	RUN(forms_name_the_wrong_field);
	RUN(emails_are_plausible);
	RUN(dates_are_in_the_calendar);
	database_close(&db);
	unlink(path);
	rmdir(folder);
	return check_done();
}
