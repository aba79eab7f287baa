/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/filter.c - see filter.h. */
#include "tools/parley-tap/filter.h"

#include "tools/parley-tap/subject.h"

bool
filter_names(const char *list, struct slice name)
{
	while (*list != '\0') {
		size_t n = strcspn(list, " ");

		if (n > 0 && slice_equal((struct slice){ list, n }, name))
			return true;
		list += n + (list[n] == ' ');
	}
	return false;
}

static bool
fits_some_subject(const struct filter *filter, struct slice subject)
{
	for (int i = 0; i < filter->subject_n; i++)
		if (subject_fits(filter->subjects[i], subject))
			return true;
	return filter->subject_n == 0;
}

static bool
is_named(const char *kept, struct slice name)
{
	return name.n < DAEMON_BYTES_MAX && slice_is(name, kept);
}

static uint64_t
mix(uint64_t hash, const void *bytes, size_t n)
{
	/* FNV-1a */
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ ((const uint8_t *)bytes)[i]) * 1099511628211u;
	return hash;
}

/* The two ends of a link tell of the same request, each for itself. */
static struct filter_request *
place_of(struct filter *filter, const struct heard *heard)
{
	uint64_t hash = 14695981039346656037u;

	hash = mix(hash, heard->daemon.at, heard->daemon.n);
	hash = mix(hash, heard->peer.at, heard->peer.n);
	hash = mix(hash, &heard->frame.id, sizeof heard->frame.id);
	return &filter->requests[(hash ^ hash >> 32) % FILTER_REQUESTS];
}

static void
remember(struct filter *filter, const struct heard *heard)
{
	struct filter_request *request = place_of(filter, heard);

	if (heard->frame.id == 0 || heard->daemon.n >= DAEMON_BYTES_MAX ||
	    heard->peer.n >= DAEMON_BYTES_MAX)
		return;
	request->id = heard->frame.id;
	request->was_in = heard->is_in;
	memcpy(request->daemon, heard->daemon.at, heard->daemon.n);
	request->daemon[heard->daemon.n] = '\0';
	memcpy(request->peer, heard->peer.at, heard->peer.n);
	request->peer[heard->peer.n] = '\0';
}

/* Of a request that was wanted, on the same link, in the other direction. */
static bool
is_answer(struct filter *filter, const struct heard *heard)
{
	const struct filter_request *request = place_of(filter, heard);

	return heard->frame.id != 0 && request->id == heard->frame.id &&
	       request->was_in != heard->is_in &&
	       is_named(request->daemon, heard->daemon) &&
	       is_named(request->peer, heard->peer);
}

static bool
concerns(const struct filter *filter, const struct frame *frame)
{
	return (uuid_is_nil(&filter->room) ||
		heard_mentions(frame, &filter->room)) &&
	       (uuid_is_nil(&filter->user) ||
		heard_mentions(frame, &filter->user));
}

bool
filter_takes(struct filter *filter, const struct heard *heard)
{
	bool any = uuid_is_nil(&filter->room) && uuid_is_nil(&filter->user);

	if (!filter->pulses && heard_is_pulse(heard))
		return false;
	if (filter->daemons != NULL && *filter->daemons != '\0' &&
	    !filter_names(filter->daemons, heard->daemon))
		return false;
	if (!any && !is_answer(filter, heard)) {
		if (!concerns(filter, &heard->frame))
			return false;
		remember(filter, heard);
	}
	return fits_some_subject(filter, heard->subject);
}
