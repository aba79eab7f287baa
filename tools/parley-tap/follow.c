/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/follow.c - waits for a message, and until its way is whole.
 */
#include "tools/parley-tap/follow.h"

#include "tools/parley-tap/fields.h"
#include "tools/parley-tap/way_table.h"

#include <ctype.h>
#include <stdio.h>

/* Once the answer was heard, all other hops have happened; what other taps have
 * not told by then was lost. */
#define GRACE_US 1000000

/* Until all taps are heard, it waits so long at least: pings take half a
 * second.
 */
#define READY_US 3000000

bool
follow_is_id(const char *id)
{
	size_t n = strlen(id);

	if (strcmp(id, FOLLOW_NEXT) == 0)
		return true;
	for (const char *c = id; *c != '\0'; c++)
		if (!isxdigit((unsigned char)*c) && *c != '-')
			return false;
	return n >= SHORT_ID_DIGITS && n < UUID_TEXT_BYTES;
}

/* Whether the way of a message that was posted just now is heard from its
 * beginning on. */
static bool
begins_here(const struct follow *f, const struct heard *heard)
{
	enum party daemon = heard_kind(heard->daemon);

	if (daemon == GATEWAY)
		return true;
	return daemon == ROUTER && heard->is_in && f->taps != NULL &&
	       !taps_has(f->taps, heard->peer);
}

/* Before all taps are heard, the first hops of a way could be missed. */
static void
choose_next(struct follow *f, struct way *way, const struct heard *heard)
{
	if (heard->frame.kind != FRAME_post || !filter_takes(f->filter, heard))
		return;
	if (f->taps != NULL && !f->is_ready)
		return;
	if (begins_here(f, heard))
		f->way = way;
	else if (f->maybe == NULL)
		f->maybe = way;
}

static void
choose(struct follow *f, struct way *way, const struct heard *heard)
{
	if (strcmp(f->id, FOLLOW_NEXT) == 0)
		choose_next(f, way, heard);
	else if (way_is_called(way, slice_of(f->id)))
		f->way = way;
	if (f->way != NULL)
		hops_keep(&f->hops, f->way);
}

int
follow_hear(void *self, const struct heard *heard)
{
	struct follow *f = self;
	struct way *way = hops_take(&f->hops, heard);

	if (way == NULL)
		return 0;
	if (f->way == NULL)
		choose(f, way, heard);
	if (way != f->way)
		return 0;
	f->moved_us = heard->clock_us;
	return way_is_whole(way);
}

int
follow_lose(void *self, const struct heard *loss)
{
	struct follow *f = self;

	f->lost += loss->number;
	return 0;
}

static void
tell_ready(const struct follow *f)
{
	struct buffer names = { 0 };

	if (taps_names(f->taps, &names) == 0)
		fprintf(stderr, "parley-tap: listening to %.*s\n", (int)names.n,
			(const char *)names.bytes);
	buffer_fini(&names);
}

int
follow_idle(void *self, uint64_t clock_us, bool is_ready)
{
	struct follow *f = self;
	uint64_t still_us;

	if (f->taps == NULL)
		return 0;
	if (f->moved_us == 0)
		f->moved_us = clock_us;
	if (is_ready && !f->is_ready) {
		f->is_ready = true;
		f->moved_us = clock_us;
		tell_ready(f);
	}
	still_us = clock_us > f->moved_us ? clock_us - f->moved_us : 0;
	if (f->way != NULL && way_is_answered(f->way) &&
	    way_undelivered(f->way) == 0 && still_us > GRACE_US)
		return 1;
	return f->timeout_us != 0 && still_us > f->timeout_us &&
	       (f->is_ready || still_us > READY_US);
}

static int
tell_nothing(const struct follow *f)
{
	if (strcmp(f->id, FOLLOW_NEXT) == 0)
		fputs("parley-tap: nothing was said\n", stderr);
	else
		fprintf(stderr,
			"parley-tap: nothing was heard of a message %s%s\n",
			f->id,
			f->taps == NULL ? ""
					: " (one that was said before is only "
					  "in recordings)");
	if (f->taps != NULL && !f->is_ready)
		fputs("parley-tap: not all daemons were heard\n", stderr);
	return 1;
}

int
follow_tell(struct follow *f)
{
	struct buffer text = { 0 };
	int rc, status;

	if (f->way == NULL)
		f->way = f->maybe;
	if (f->way == NULL)
		return tell_nothing(f);
	way_settle(f->way);
	rc = way_table_append(&text, &f->style, f->way, f->taps, f->lost);
	status = lines_print(rc, &text) == 0 && way_is_whole(f->way) ? 0 : 1;
	buffer_fini(&text);
	return status;
}

void
follow_fini(struct follow *f)
{
	hops_fini(&f->hops);
}
