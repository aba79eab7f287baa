/* SPDX-License-Identifier: MIT */
/* router/audience.c - a table of ids, each with its peers. A user is at one
 * gateway nearly always, and a small room at few: those stand in the entry,
 * where who publishes finds them at once.
 */
#include "router/audience.h"

#include <stdlib.h>
#include <string.h>

/* Listeners that an entry holds itself. */
#define FEW 2

struct audience_entry {
	struct uuid id;
	uint32_t n;
	union {
		struct peer *few[FEW];
		struct peer **many; /* if there are more than FEW */
	};
};

void
audience_init(struct audience *audience)
{
	audience->entries = TABLE_OF(struct audience_entry, id);
}

static struct audience_entry *
find_or_add(struct audience *audience, const struct uuid *id)
{
	struct audience_entry *entry = table_find(&audience->entries, id);

	if (entry != NULL)
		return entry;
	entry = calloc(1, sizeof *entry);
	if (entry == NULL)
		return NULL;
	entry->id = *id;
	if (table_add(&audience->entries, entry) != 0) {
		free(entry);
		return NULL;
	}
	return entry;
}

static void
drop_entry(struct audience *audience, struct audience_entry *entry)
{
	table_remove(&audience->entries, entry);
	if (entry->n > FEW)
		free(entry->many);
	free(entry);
}

static struct peer **
listeners_of(struct audience_entry *entry)
{
	return entry->n > FEW ? entry->many : entry->few;
}

/* The place of a listener, or n. */
static size_t
place_of(struct audience_entry *entry, const struct peer *listener)
{
	struct peer *const *listeners = listeners_of(entry);
	size_t i = 0;

	while (i < entry->n && listeners[i] != listener)
		i++;
	return i;
}

static int
append(struct audience_entry *entry, struct peer *listener)
{
	struct peer **many;

	if (entry->n < FEW) {
		entry->few[entry->n++] = listener;
		return 0;
	}
	many = reallocarray(entry->n == FEW ? NULL : entry->many, entry->n + 1,
			    sizeof *many);
	if (many == NULL)
		return -1;
	if (entry->n == FEW)
		memcpy(many, entry->few, sizeof entry->few);
	many[entry->n++] = listener;
	entry->many = many;
	return 0;
}

int
audience_add(struct audience *audience, const struct uuid *id,
	     struct peer *listener)
{
	struct audience_entry *entry = find_or_add(audience, id);

	if (entry == NULL)
		return -1;
	if (place_of(entry, listener) < entry->n)
		return 0;
	return append(entry, listener);
}

static void
remove_from(struct audience *audience, struct audience_entry *entry,
	    const struct peer *listener)
{
	struct peer **listeners = listeners_of(entry);
	size_t place = place_of(entry, listener);

	if (place == entry->n)
		return;
	if (entry->n == 1) {
		drop_entry(audience, entry);
		return;
	}
	listeners[place] = listeners[--entry->n];
	if (entry->n == FEW) {
		memcpy(entry->few, listeners, sizeof entry->few);
		free(listeners);
	}
}

void
audience_remove(struct audience *audience, const struct uuid *id,
		const struct peer *listener)
{
	struct audience_entry *entry = table_find(&audience->entries, id);

	if (entry != NULL)
		remove_from(audience, entry, listener);
}

void
audience_forget(struct audience *audience, const struct peer *listener)
{
	struct audience_entry *entry;
	size_t cursor = 0;

	while ((entry = table_next(&audience->entries, &cursor)) != NULL)
		remove_from(audience, entry, listener);
}

struct peer *const *
audience_of(const struct audience *audience, const struct uuid *id, size_t *n)
{
	struct audience_entry *entry = table_find(&audience->entries, id);

	*n = entry == NULL ? 0 : entry->n;
	return entry == NULL ? NULL : listeners_of(entry);
}

size_t
audience_count(const struct audience *audience)
{
	return table_count(&audience->entries);
}

void
audience_fini(struct audience *audience)
{
	struct audience_entry *entry;
	size_t cursor = 0;

	while ((entry = table_next(&audience->entries, &cursor)) != NULL)
		drop_entry(audience, entry);
}
