/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/view.c - see view.h. */
#include "tools/parley-tap/view.h"

#include <inttypes.h>
#include <stdio.h>

static int
print(struct view *view, const struct heard *heard)
{
	buffer_clear(&view->line);
	return lines_print(line_append(&view->line, &view->style, heard),
			   &view->line);
}

int
view_hear(void *self, const struct heard *heard)
{
	struct view *view = self;

	if (!filter_takes(view->filter, heard))
		return 0;
	if (view->recorder != NULL && recorder_add(view->recorder, heard) != 0)
		return -1;
	if (view->prints && print(view, heard) != 0)
		return -1;
	return view->left > 0 && --view->left == 0;
}

int
view_lose(void *self, const struct heard *loss)
{
	struct view *view = self;

	buffer_clear(&view->line);
	if (line_append_name(&view->line, loss->daemon) == 0)
		fprintf(stderr, "parley-tap: %.*s: %" PRIu64 " frames lost\n",
			(int)view->line.n, (const char *)view->line.bytes,
			loss->number);
	return view->recorder == NULL ? 0 : recorder_add(view->recorder, loss);
}

static void
tell_ready(struct view *view)
{
	struct buffer names = { 0 };

	if (taps_names(view->taps, &names) == 0)
		fprintf(stderr, "parley-tap: recording %.*s\n", (int)names.n,
			(const char *)names.bytes);
	buffer_fini(&names);
	view->is_told = true;
}

/* A recording is complete up to here, whatever comes. */
int
view_idle(void *self, uint64_t clock_us, bool is_ready)
{
	struct view *view = self;

	(void)clock_us;
	if (view->recorder == NULL)
		return 0;
	if (view->taps != NULL && is_ready && !view->is_told)
		tell_ready(view);
	return recorder_flush(view->recorder);
}

void
view_fini(struct view *view)
{
	buffer_fini(&view->line);
}
