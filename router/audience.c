/* SPDX-License-Identifier: MIT */
/* router/audience.c - a hash of ids, each with a small array of peers. */
#include "router/audience.h"

#include "proto/hash.h"

#include <stdlib.h>

struct audience_entry {
	struct uuid id;
	struct peer **listeners;
	size_t n;
	UT_hash_handle hh;
};

static struct audience_entry *
find(const struct audience *audience, const struct uuid *id)
{
	struct audience_entry *entry;

	HASH_FIND(hh, audience->entries, id, sizeof *id, entry);
	return entry;
}

static struct audience_entry *
find_or_add(struct audience *audience, const struct uuid *id)
{
	struct audience_entry *entry = find(audience, id);

	if (entry != NULL)
		return entry;
	entry = calloc(1, sizeof *entry);
	if (entry == NULL)
		return NULL;
	entry->id = *id;
	HASH_ADD(hh, audience->entries, id, sizeof entry->id, entry);
	if (entry->hh.tbl == NULL) {
		free(entry);
		return NULL;
	}
	return entry;
}

static void
drop_entry(struct audience *audience, struct audience_entry *entry)
{
	HASH_DEL(audience->entries, entry);
	free(entry->listeners);
	free(entry);
}

/* The place of a listener, or n. */
static size_t
place_of(const struct audience_entry *entry, const struct peer *listener)
{
	size_t i = 0;

	while (i < entry->n && entry->listeners[i] != listener)
		i++;
	return i;
}

int
audience_add(struct audience *audience, const struct uuid *id,
	     struct peer *listener)
{
	struct audience_entry *entry = find_or_add(audience, id);
	struct peer **grown;

	if (entry == NULL)
		return -1;
	if (place_of(entry, listener) < entry->n)
		return 0;
	grown = realloc(entry->listeners, (entry->n + 1) * sizeof *grown);
	if (grown == NULL) {
		if (entry->n == 0)
			drop_entry(audience, entry);
		return -1;
	}
	entry->listeners = grown;
	entry->listeners[entry->n++] = listener;
	return 0;
}

static void
remove_from(struct audience *audience, struct audience_entry *entry,
	    const struct peer *listener)
{
	size_t place = place_of(entry, listener);

	if (place == entry->n)
		return;
	entry->listeners[place] = entry->listeners[--entry->n];
	if (entry->n == 0)
		drop_entry(audience, entry);
}

void
audience_remove(struct audience *audience, const struct uuid *id,
		const struct peer *listener)
{
	struct audience_entry *entry = find(audience, id);

	if (entry != NULL)
		remove_from(audience, entry, listener);
}

void
audience_forget(struct audience *audience, const struct peer *listener)
{
	struct audience_entry *entry, *next;

	HASH_ITER (hh, audience->entries, entry, next)
		remove_from(audience, entry, listener);
}

struct peer *const *
audience_of(const struct audience *audience, const struct uuid *id, size_t *n)
{
	const struct audience_entry *entry = find(audience, id);

	*n = entry == NULL ? 0 : entry->n;
	return entry == NULL ? NULL : entry->listeners;
}

size_t
audience_count(const struct audience *audience)
{
	return HASH_COUNT(audience->entries);
}

void
audience_fini(struct audience *audience)
{
	struct audience_entry *entry, *next;

	HASH_ITER (hh, audience->entries, entry, next)
		drop_entry(audience, entry);
}
