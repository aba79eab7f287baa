/* SPDX-License-Identifier: MIT */
/* proto/table.h - elements that are found by a key inside of them.
 *
 * A hash of pointers for what there are very many of: it takes 11 to 16 bytes
 * for an element, none of them in the element, and gives back what many that
 * were removed had as soon as one is added. The elements stay the caller's.
 * A key is a member of whole 8-byte words without padding (an id, a number, a
 * pair of these), and must not change while its element is in the table.
 */
#ifndef PARLEY_PROTO_TABLE_H
#define PARLEY_PROTO_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* Made by TABLE_OF(); its members are the table's own. */
struct table {
	void **slots;
	uint64_t secret;
	uint32_t room;  /* slots */
	uint32_t taken; /* slots that a search does not end at */
	uint32_t count;
	uint16_t key_at;
	uint16_t key_bytes;
};

/* An empty table of elements of a type, by that member of theirs. */
#define TABLE_OF(type, key)                                                    \
	((struct table){ .key_at = offsetof(type, key),                        \
			 .key_bytes = sizeof(((type *)0)->key) })

/* Adds an element whose key is not in the table. 0, or -1 with errno ENOMEM;
 * then nothing has changed. */
int table_add(struct table *table, void *element);

/* The element of that key, or NULL. */
void *table_find(const struct table *table, const void *key);

/* Removes an element that is in the table. No other one moves: so one may
 * remove while walking. */
void table_remove(struct table *table, const void *element);

/* Walks over all elements in no order: the next one, or NULL at the end. A walk
 * begins with *cursor at 0; one during which elements are added may miss some
 * and meet others twice. */
void *table_next(const struct table *table, size_t *cursor);

/* Walks round and round: the next one, behind the last the first again. NULL if
 * the table is empty. */
void *table_cycle(const struct table *table, size_t *cursor);

/* One from anywhere, each time from another part of the table: to remove what
 * must give way to others. A walk would leave all free slots in one place.
 * *cursor begins at 0. NULL if the table is empty. */
void *table_any(const struct table *table, size_t *cursor);

size_t table_count(const struct table *table);

/* Gives the table's memory back; it is empty then, and can be used again. */
void table_fini(struct table *table);

#endif
