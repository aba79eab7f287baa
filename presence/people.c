/* SPDX-License-Identifier: MIT */
/* presence/people.c - records of users and guests, counted by reference, each
 * with its name behind it in the same piece of memory.
 */
#include "presence/people.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void
people_init(struct people *people)
{
	people->all = TABLE_OF(struct person, user);
}

struct person *
people_find(const struct people *people, const struct uuid *user)
{
	return table_find(&people->all, user);
}

/* Records are referred to, and cannot move when a name becomes longer: its
 * address stands then where a shorter one would. NULL if the name is short. */
static char *
longer_name(const struct person *person)
{
	char *longer;

	if (person->name_bytes <= person->name_room)
		return NULL;
	memcpy(&longer, person->name, sizeof(longer));
	return longer;
}

struct slice
person_name(const struct person *person)
{
	const char *longer = longer_name(person);

	return (struct slice){ longer != NULL ? longer : person->name,
			       person->name_bytes };
}

static int
set_name(struct person *person, struct slice name)
{
	const char *stored = name.at; /* in the record */
	size_t bytes = name.n;
	char *longer = NULL;

	if (slice_equal(person_name(person), name))
		return 0;
	if (name.n > person->name_room) {
		longer = malloc(name.n);
		if (longer == NULL)
			return -1;
		memcpy(longer, name.at, name.n);
		stored = (const char *)&longer;
		bytes = sizeof(longer);
	}
	free(longer_name(person));
	memcpy(person->name, stored, bytes);
	person->name_bytes = (uint16_t)name.n;
	return 0;
}

static void
free_person(struct person *person)
{
	free(longer_name(person));
	free(person);
}

static struct person *
add_person(struct people *people, const struct uuid *user, struct slice name)
{
	size_t room = name.n < sizeof(char *) ? sizeof(char *) : name.n;
	struct person *person = calloc(1, sizeof(*person) + room);

	if (person == NULL)
		return NULL;
	person->user = *user;
	person->name_room = (uint16_t)room;
	if (set_name(person, name) != 0 ||
	    table_add(&people->all, person) != 0) {
		free_person(person);
		return NULL;
	}
	return person;
}

struct person *
people_take(struct people *people, const struct uuid *user, uint64_t number,
	    struct slice name)
{
	struct person *person = people_find(people, user);

	assert(name.n <= UINT16_MAX);
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
	table_remove(&people->all, person);
	free_person(person);
}

size_t
people_count(const struct people *people)
{
	return table_count(&people->all);
}
