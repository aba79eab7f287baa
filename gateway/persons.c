/* SPDX-License-Identifier: MIT */
/* gateway/persons.c - a list, and a table of the same persons once there are
 * enough of them. */
#include "gateway/persons.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <utlist.h>

#define TABLE_FROM 24 /* persons */

struct person *
persons_find(const struct persons *set, const struct uuid *user)
{
	struct person *person;

	if (set->table != NULL)
		return table_find(set->table, user);
	DL_FOREACH (set->first, person)
		if (uuid_equal(&person->user, user))
			return person;
	return NULL;
}

struct frame_person
person_describe(const struct person *person)
{
	return (struct frame_person){
		.user = person->user,
		.user_number = person->number,
		.user_name = { person->name, person->name_bytes },
		.visit = person->is_visit,
	};
}

static void
drop_table(struct persons *set)
{
	if (set->table == NULL)
		return;
	table_fini(set->table);
	free(set->table);
	set->table = NULL;
}

/* All who are there go into a new table, if there is memory for it. */
static void
make_table(struct persons *set)
{
	struct person *person;

	set->table = malloc(sizeof *set->table);
	if (set->table == NULL)
		return;
	*set->table = TABLE_OF(struct person, user);
	DL_FOREACH (set->first, person)
		if (table_add(set->table, person) != 0) {
			drop_table(set);
			return;
		}
}

static struct person *
person_new(const struct frame_person *who)
{
	struct person *person =
	    malloc(offsetof(struct person, name) + who->user_name.n);

	if (person == NULL)
		return NULL;
	person->user = who->user;
	person->number = who->user_number;
	person->is_visit = person->came_to_visit = who->visit;
	person->name_bytes = (uint16_t)who->user_name.n;
	memcpy(person->name, who->user_name.at, who->user_name.n);
	return person;
}

void
persons_add(struct persons *set, const struct frame_person *who)
{
	struct person *person;

	if (persons_find(set, &who->user) != NULL)
		return;
	person = person_new(who);
	if (person == NULL)
		return;
	if (set->table != NULL && table_add(set->table, person) != 0) {
		free(person);
		return;
	}
	DL_APPEND(set->first, person);
	set->count++;
	if (set->table == NULL && set->count >= TABLE_FROM)
		make_table(set);
}

void
persons_remove(struct persons *set, struct person *person)
{
	if (set->table != NULL)
		table_remove(set->table, person);
	DL_DELETE(set->first, person);
	set->count--;
	if (set->count < TABLE_FROM / 2)
		drop_table(set);
}

void
persons_clear(struct persons *set)
{
	struct person *person, *next;

	DL_FOREACH_SAFE (set->first, person, next)
		free(person);
	set->first = NULL;
	set->count = 0;
	drop_table(set);
}
