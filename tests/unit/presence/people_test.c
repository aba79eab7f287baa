/* SPDX-License-Identifier: MIT */
/* tests/unit/presence/people_test.c - a record is shared, and has the name that
 * was told last, however long it is. */
#include "presence/people.h"

#include "tests/unit/check.h"

static struct people people;

static struct person *
take(char user, const char *name)
{
	struct uuid id = { { (uint8_t)user } };

	return people_take(&people, &id, 1, slice_of(name));
}

static const char *
name_of(const struct person *person)
{
	static char text[512];
	struct slice name = person_name(person);

	snprintf(text, sizeof text, "%.*s", (int)name.n, name.at);
	return text;
}

static void
a_name_becomes_longer_and_shorter(void)
{
	static const char *const names[] = {
		"x",
		"eight by",
		"nine byte",
		"somebody with a long name",
		"nobody",
		"",
		"somebody with a very long name indeed",
		"some",
	};
	struct person *person;

	people_init(&people);
	person = take('a', "Ann");
	CHECK_STR(name_of(person), "Ann");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		CHECK(take('a', names[i]) == person);
		CHECK_STR(name_of(person), names[i]);
		people_release(&people, person);
	}
	CHECK(take('a', "somebody whose long name is freed") == person);
	people_release(&people, person);
	CHECK_INT(people_count(&people), 1);
	people_release(&people, person);
	CHECK_INT(people_count(&people), 0);
}

static void
a_record_goes_with_its_last_reference(void)
{
	struct uuid id = { { 'a' } };
	struct person *person;

	people_init(&people);
	person = take('a', "Ann");
	CHECK(people_find(&people, &id) == person);
	CHECK(take('b', "Bob") != person);
	CHECK_INT(people_count(&people), 2);
	people_share(person);
	people_release(&people, person);
	CHECK(people_find(&people, &id) == person);
	people_release(&people, person);
	CHECK(people_find(&people, &id) == NULL);
	id.bytes[0] = 'b';
	people_release(&people, people_find(&people, &id));
	CHECK_INT(people_count(&people), 0);
}

int
main(void)
{
	RUN(a_name_becomes_longer_and_shorter);
	RUN(a_record_goes_with_its_last_reference);
	return check_done();
}
