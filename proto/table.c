/* SPDX-License-Identifier: MIT */
/* proto/table.c - open addressing: an element stands in the first free slot
 * from the one on that its hash names.
 *
 * Behind the slots is a mark for each, a byte of the hash, so that a search
 * looks into hardly any element but the wanted one, though the slots are up to
 * seven eighths full. A removed one leaves a mark that searches go on behind;
 * such marks go when the table is laid out anew.
 */
#include "proto/table.h"

#include "proto/uuid.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_ROOM 4

/* Marks; all above are of elements. */
enum { FREE, REMOVED };

static uint8_t *
marks_of(const struct table *table)
{
	return (uint8_t *)(table->slots + table->room);
}

static const char *
key_of(const struct table *table, const void *element)
{
	return (const char *)element + table->key_at;
}

static uint64_t
word_at(const void *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* Both halves of the product: each bit of a factor changes many, and which ones
 * nobody can say who does not know the other factor. */
static uint64_t
fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Clients may choose ids, but not so that they meet in a few slots. */
static uint64_t
hash_key(const struct table *table, const char *key)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < table->key_bytes; i += sizeof(hash))
		hash = fold(hash ^ word_at(key + i), table->secret);
	return hash;
}

/* A factor that loses nothing. */
static uint64_t
draw_secret(void)
{
	uint64_t secret;

	random_bytes(&secret, sizeof(secret));
	return secret | 1;
}

static bool
is_key_of(const struct table *table, const void *element, const char *key)
{
	const char *other = key_of(table, element);

	for (size_t i = 0; i < table->key_bytes; i += sizeof(uint64_t))
		if (word_at(other + i) != word_at(key + i))
			return false;
	return true;
}

/* The place comes from the upper half of the hash, the mark from the lower. */
static uint32_t
home_of(const struct table *table, uint64_t hash)
{
	return (uint32_t)(((hash >> 32) * table->room) >> 32);
}

static uint8_t
mark_of(uint64_t hash)
{
	uint8_t mark = (uint8_t)hash;

	return mark > REMOVED ? mark : mark + REMOVED + 1;
}

static uint32_t
next_slot(const struct table *table, uint32_t slot)
{
	return slot + 1 == table->room ? 0 : slot + 1;
}

static uint32_t
previous_slot(const struct table *table, uint32_t slot)
{
	return slot == 0 ? table->room - 1 : slot - 1;
}

/* The slot of a key's element, or table->room. */
static uint32_t
find_slot(const struct table *table, const char *key)
{
	const uint8_t *marks;
	uint64_t hash;
	uint32_t slot;

	if (table->count == 0)
		return table->room;
	marks = marks_of(table);
	hash = hash_key(table, key);
	slot = home_of(table, hash);
	for (; marks[slot] != FREE; slot = next_slot(table, slot))
		if (marks[slot] == mark_of(hash) &&
		    is_key_of(table, table->slots[slot], key))
			return slot;
	return table->room;
}

void *
table_find(const struct table *table, const void *key)
{
	uint32_t slot = find_slot(table, key);

	return slot == table->room ? NULL : table->slots[slot];
}

static void
put(struct table *table, void *element)
{
	uint64_t hash = hash_key(table, key_of(table, element));
	uint32_t slot = home_of(table, hash);
	uint8_t *marks = marks_of(table);

	while (marks[slot] > REMOVED)
		slot = next_slot(table, slot);
	if (marks[slot] == FREE)
		table->taken++;
	marks[slot] = mark_of(hash);
	table->slots[slot] = element;
	table->count++;
}

/* The steps are 4, 6, 8, 12, 16, 24 ... */
static uint64_t
next_room(uint64_t room)
{
	bool is_power_of_two = (room & (room - 1)) == 0;

	return is_power_of_two ? room / 2 * 3 : room / 3 * 4;
}

/* At least one slot stays free: searches end there. */
static uint32_t
most_taken(uint32_t room)
{
	return room == 0 ? 0 : room - room / 8 - 1;
}

/* Lays the table out anew for one element more, at most three quarters full. */
static int
lay_out(struct table *table)
{
	struct table old = *table;
	uint64_t room = LEAST_ROOM;
	size_t cursor = 0;
	void *element;

	while (room * 3 / 4 <= table->count)
		room = next_room(room);
	if (room > UINT32_MAX) {
		errno = ENOMEM;
		return -1;
	}
	table->slots = calloc(room, sizeof(*table->slots) + 1);
	if (table->slots == NULL) {
		table->slots = old.slots;
		return -1;
	}
	table->room = (uint32_t)room;
	table->taken = table->count = 0;
	if (table->secret == 0)
		table->secret = draw_secret();
	while ((element = table_next(&old, &cursor)) != NULL)
		put(table, element);
	free(old.slots);
	return 0;
}

int
table_add(struct table *table, void *element)
{
	bool is_full = table->taken >= most_taken(table->room);
	bool is_too_wide = table->count < table->room / 8;

	assert(table->key_bytes % sizeof(uint64_t) == 0);
	if ((is_full || is_too_wide) && lay_out(table) != 0 && is_full)
		return -1;
	put(table, element);
	return 0;
}

/* Marks of removed ones in front of a free slot stop no search: free, too. */
static void
clear_slot(struct table *table, uint32_t slot)
{
	uint8_t *marks = marks_of(table);

	marks[slot] = REMOVED;
	if (marks[next_slot(table, slot)] != FREE)
		return;
	for (; marks[slot] == REMOVED; slot = previous_slot(table, slot)) {
		marks[slot] = FREE;
		table->taken--;
	}
}

void
table_remove(struct table *table, const void *element)
{
	uint32_t slot = find_slot(table, key_of(table, element));

	assert(slot < table->room && table->slots[slot] == element);
	clear_slot(table, slot);
	if (--table->count == 0)
		table_fini(table);
}

void *
table_next(const struct table *table, size_t *cursor)
{
	while (*cursor < table->room)
		if (marks_of(table)[(*cursor)++] > REMOVED)
			return table->slots[*cursor - 1];
	return NULL;
}

void *
table_cycle(const struct table *table, size_t *cursor)
{
	void *element = table_next(table, cursor);

	if (element != NULL)
		return element;
	*cursor = 0;
	return table_next(table, cursor);
}

/* Steps of the golden ratio come close to no earlier one for long. */
void *
table_any(const struct table *table, size_t *cursor)
{
	uint64_t step = ((uint64_t)table->room * UINT32_C(0x9e3779b9)) >> 32;

	if (table->count == 0)
		return NULL;
	*cursor = (*cursor + step) % table->room;
	return table_cycle(table, cursor);
}

size_t
table_count(const struct table *table)
{
	return table->count;
}

void
table_fini(struct table *table)
{
	free(table->slots);
	table->slots = NULL;
	table->room = table->taken = table->count = 0;
}
