/* SPDX-License-Identifier: MIT */
/* presence/people.c - records of users and guests, counted by reference. */
#include "presence/people.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct person *
people_find(const struct people *people, const struct uuid *user)
{
	struct person *person;

	HASH_FIND(hh, people->all, user, sizeof(*user), person);
	return person;
}

static int
set_name(struct person *person, struct slice name)
{
	char *copy;

	if (person->name.at != NULL && slice_equal(person->name, name))
		return 0;
	copy = malloc(name.n + 1);
	if (copy == NULL)
		return -1;
	if (name.n > 0)
		memcpy(copy, name.at, name.n);
	copy[name.n] = '\0';
	free((char *)person->name.at);
	person->name.at = copy;
	person->name.n = name.n;
	return 0;
}

static struct person *
add_person(struct people *people, const struct uuid *user, struct slice name)
{
	struct person *person = calloc(1, sizeof(*person));

	if (person == NULL)
		return NULL;
	person->user = *user;
	if (set_name(person, name) == 0) {
		HASH_ADD(hh, people->all, user, sizeof(person->user), person);
		if (person->hh.tbl != NULL)
			return person;
	}
	free((char *)person->name.at);
	free(person);
	errno = ENOMEM;
	return NULL;
}

struct person *
people_take(struct people *people, const struct uuid *user, uint64_t number,
	    struct slice name)
{
	struct person *person = people_find(people, user);

	if (person == NULL)
		person = add_person(people, user, name);
	else if (set_name(person, name) != 0)
		return NULL;
	if (person == NULL)
		return NULL;
	person->number = number;
	return people_share(person);
}

struct person *
people_share(struct person *person)
{
	person->references++;
	return person;
}

void
people_release(struct people *people, struct person *person)
{
	if (--person->references > 0)
		return;
	HASH_DELETE(hh, people->all, person);
	free((char *)person->name.at);
	free(person);
}

size_t
people_count(const struct people *people)
{
	return HASH_COUNT(people->all);
}
