/* SPDX-License-Identifier: MIT */
/* tests/unit/presence/occupants_test.c - a few and a crowd alike: those who are
 * there are found, and walked over in the order in which they came. */
#include "presence/occupants.h"

#include "tests/unit/check.h"

#include <stdbool.h>
#include <stdlib.h>

#define CROWD 2000

static struct person persons[CROWD];
static uint32_t arrivals[CROWD]; /* 0: not there */
static uint32_t last_arrival;

static void
come(struct occupants *occupants, size_t i)
{
	struct occupant *occupant = occupants_add(occupants, &persons[i]);

	arrivals[i] = ++last_arrival;
	CHECK_INT(occupant->members, 0);
	CHECK(occupant->person == &persons[i]);
	occupant->members = arrivals[i];
}

static void
go(struct occupants *occupants, size_t i)
{
	occupants_remove(occupants, occupants_find(occupants, &persons[i]));
	arrivals[i] = 0;
}

static void
check_all(const struct occupants *occupants, size_t crowd)
{
	uint32_t place = 0, last = 0, n = 0;
	const struct occupant *occupant;

	for (size_t i = 0; i < crowd; i++) {
		occupant = occupants_find(occupants, &persons[i]);
		CHECK((occupant != NULL) == (arrivals[i] != 0));
		if (occupant != NULL)
			CHECK_INT(occupant->members, arrivals[i]);
		n += arrivals[i] != 0;
	}
	CHECK_INT(occupants->count, n);
	while ((occupant = occupants_next(occupants, &place)) != NULL) {
		CHECK(occupant->members > last);
		last = occupant->members;
		n--;
	}
	CHECK_INT(n, 0);
}

static void
come_and_go(size_t crowd)
{
	struct occupants occupants = { 0 };
	size_t who;

	srand(1);
	for (int round = 0; round < 50; round++) {
		for (size_t i = 0; i < crowd; i++) {
			who = (size_t)rand() % crowd;
			if (arrivals[who] != 0)
				go(&occupants, who);
			else
				come(&occupants, who);
		}
		check_all(&occupants, crowd);
	}
	for (size_t i = 0; i < crowd; i++)
		if (arrivals[i] != 0)
			go(&occupants, i);
	check_all(&occupants, crowd);
	CHECK(occupants.at == NULL && occupants.index == NULL);
}

static void
a_few_come_and_go(void)
{
	for (size_t crowd = 1; crowd < 40; crowd += 3)
		come_and_go(crowd);
}

static void
a_crowd_comes_and_goes(void)
{
	come_and_go(CROWD);
}

static void
all_can_be_removed_while_walking(void)
{
	struct occupants occupants = { 0 };
	struct occupant *occupant;
	uint32_t place = 0;

	for (size_t i = 0; i < CROWD; i++)
		come(&occupants, i);
	while ((occupant = occupants_next(&occupants, &place)) != NULL)
		occupants_remove(&occupants, occupant);
	CHECK_INT(occupants.count, 0);
	memset(arrivals, 0, sizeof(arrivals));
	check_all(&occupants, CROWD);
}

static void
ten_take_at_most_28_bytes_each(void)
{
	struct occupants occupants = { 0 };

	for (size_t i = 0; i < 10; i++)
		come(&occupants, i);
	CHECK(occupants.room * sizeof(*occupants.at) <= 280);
	CHECK(occupants.index == NULL);
	for (size_t i = 0; i < 10; i++)
		go(&occupants, i);
}

int
main(void)
{
	RUN(a_few_come_and_go);
	RUN(a_crowd_comes_and_goes);
	RUN(all_can_be_removed_while_walking);
	RUN(ten_take_at_most_28_bytes_each);
	return check_done();
}
