/* SPDX-License-Identifier: MIT */
/* gateway/persons.c - see persons.h. */
#include "gateway/persons.h"

#include <stdlib.h>

struct person *
persons_find(struct person *set, const struct uuid *user)
{
	struct person *person;

	HASH_FIND(hh, set, user, sizeof *user, person);
	return person;
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

void
persons_add(struct person **set, const struct frame_person *who)
{
	struct person *person;

	if (persons_find(*set, &who->user) != NULL)
		return;
	person = malloc(sizeof *person + who->user_name.n);
	if (person == NULL)
		return;
	*person = (struct person){
		.user = who->user,
		.number = who->user_number,
		.is_visit = who->visit,
		.came_to_visit = who->visit,
		.name_bytes = (uint16_t)who->user_name.n,
	};
	memcpy(person->name, who->user_name.at, who->user_name.n);
	HASH_ADD(hh, *set, user, sizeof person->user, person);
	if (person->hh.tbl == NULL)
		free(person);
}

void
persons_clear(struct person **set)
{
	struct person *person, *next;

	HASH_ITER (hh, *set, person, next) {
		HASH_DEL(*set, person);
		free(person);
	}
}
