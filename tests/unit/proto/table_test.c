/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/table_test.c - what was added is found, and nothing else,
 * whatever was removed in between. */
#include "proto/table.h"

#include "proto/uuid.h"
#include "tests/unit/check.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>

#define ELEMENTS 5000

struct element {
	bool is_in;
	unsigned seen;
	struct uuid id;
	uint64_t number;
};

static struct element elements[ELEMENTS];

static void
make_elements(void)
{
	for (size_t i = 0; i < ELEMENTS; i++) {
		elements[i] = (struct element){ .number = i + 1 };
		uuid_make_v4(&elements[i].id);
	}
}

static void
add(struct table *table, struct element *element)
{
	CHECK_INT(table_add(table, element), 0);
	element->is_in = true;
}

static void
take_out(struct table *table, struct element *element)
{
	table_remove(table, element);
	element->is_in = false;
}

/* By number or by id, whichever the table goes by. */
static const void *
key_of(const struct table *table, const struct element *element)
{
	return (const char *)element + table->key_at;
}

static void
check_all(const struct table *table)
{
	size_t n = 0, cursor = 0;
	struct element *element;

	for (size_t i = 0; i < ELEMENTS; i++) {
		element = table_find(table, key_of(table, &elements[i]));
		CHECK(element == (elements[i].is_in ? &elements[i] : NULL));
		elements[i].seen = 0;
		n += elements[i].is_in;
	}
	CHECK_INT(table_count(table), n);
	for (; (element = table_next(table, &cursor)) != NULL; n--)
		CHECK(element->is_in && ++element->seen == 1);
	CHECK_INT(n, 0);
}

static void
come_and_go(struct table *table)
{
	struct element *element;

	make_elements();
	check_all(table);
	for (size_t i = 0; i < ELEMENTS; i += 2)
		add(table, &elements[i]);
	check_all(table);
	srand(1);
	for (int round = 0; round < 40; round++) {
		for (size_t i = 0; i < ELEMENTS; i++) {
			element = &elements[(size_t)rand() % ELEMENTS];
			if (element->is_in)
				take_out(table, element);
			else
				add(table, element);
		}
		check_all(table);
	}
	table_fini(table);
	CHECK_INT(table_count(table), 0);
}

static void
those_that_are_in_are_found_by_id(void)
{
	struct table table = TABLE_OF(struct element, id);

	come_and_go(&table);
}

static void
those_that_are_in_are_found_by_number(void)
{
	struct table table = TABLE_OF(struct element, number);

	come_and_go(&table);
}

static void
all_can_be_removed_while_walking(void)
{
	struct table table = TABLE_OF(struct element, id);
	struct element *element;
	size_t cursor = 0, n = 0;

	make_elements();
	for (size_t i = 0; i < ELEMENTS; i++)
		add(&table, &elements[i]);
	for (; (element = table_next(&table, &cursor)) != NULL; n++)
		take_out(&table, element);
	CHECK_INT(n, ELEMENTS);
	check_all(&table);
	CHECK(table.slots == NULL);
}

static void
a_walk_round_and_round_begins_again_behind_the_last(void)
{
	struct table table = TABLE_OF(struct element, number);
	struct element *first, *element;
	size_t cursor = 0;

	make_elements();
	for (size_t i = 0; i < 3; i++)
		add(&table, &elements[i]);
	first = table_cycle(&table, &cursor);
	for (size_t i = 1; i < 9; i++) {
		element = table_cycle(&table, &cursor);
		CHECK((element == first) == (i % 3 == 0));
	}
	while ((element = table_cycle(&table, &cursor)) != NULL)
		take_out(&table, element);
	CHECK_INT(table_count(&table), 0);
	add(&table, &elements[3]);
	CHECK(table_cycle(&table, &cursor) == &elements[3]);
	table_fini(&table);
}

static void
it_takes_at_most_16_bytes_for_each(void)
{
	struct table table = TABLE_OF(struct element, id);

	make_elements();
	for (size_t i = 0; i < ELEMENTS; i++) {
		add(&table, &elements[i]);
		if (i >= 16)
			CHECK(malloc_usable_size(table.slots) <= 16 * (i + 1));
	}
	table_fini(&table);
}

static void
it_shrinks_as_it_is_used_on(void)
{
	struct table table = TABLE_OF(struct element, id);

	make_elements();
	for (size_t i = 0; i < ELEMENTS; i++)
		add(&table, &elements[i]);
	for (size_t i = 10; i < ELEMENTS; i++)
		take_out(&table, &elements[i]);
	for (size_t i = 10; i < ELEMENTS; i++) {
		add(&table, &elements[i]);
		take_out(&table, &elements[i]);
	}
	CHECK(table.room <= 32);
	check_all(&table);
	table_fini(&table);
}

/* The most slots in a row without a free one, as far as those outside can tell:
 * elements that walks find side by side. */
static size_t
longest_stretch(const struct table *table)
{
	size_t longest = 0, length = 0, before = 0, cursor = 0;

	while (table_next(table, &cursor) != NULL) {
		length = cursor == before + 1 ? length + 1 : 1;
		if (length > longest)
			longest = length;
		before = cursor;
	}
	return longest;
}

/* Like a cache that is full: a search goes on to the end of such a stretch. */
static void
those_that_give_way_leave_gaps_everywhere(void)
{
	struct table table = TABLE_OF(struct element, id);
	size_t cursor = 0, next = ELEMENTS * 3 / 5;

	make_elements();
	for (size_t i = 0; i < ELEMENTS * 3 / 5; i++)
		add(&table, &elements[i]);
	for (int i = 0; i < 8 * ELEMENTS; i++) {
		take_out(&table, table_any(&table, &cursor));
		while (elements[next].is_in)
			next = (next + 1) % ELEMENTS;
		add(&table, &elements[next]);
	}
	CHECK(longest_stretch(&table) < ELEMENTS / 8);
	check_all(&table);
	while (table_count(&table) > 0)
		take_out(&table, table_any(&table, &cursor));
	CHECK(table_any(&table, &cursor) == NULL);
}

int
main(void)
{
	RUN(those_that_are_in_are_found_by_id);
	RUN(those_that_are_in_are_found_by_number);
	RUN(all_can_be_removed_while_walking);
	RUN(a_walk_round_and_round_begins_again_behind_the_last);
	RUN(those_that_give_way_leave_gaps_everywhere);
	RUN(it_takes_at_most_16_bytes_for_each);
	RUN(it_shrinks_as_it_is_used_on);
	return check_done();
}
