/* SPDX-License-Identifier: MIT */
/* tools/parley/deed.c - see deed.h. */
#include "tools/parley/deed.h"

#include "tools/client/text.h"
#include "tools/parley/message.h"
#include "tools/parley/talk.h"

#include <string.h>

static const struct {
	const char *change;
	const char *before, *behind; /* the room's name */
	bool is_removal;
} deeds[] = {
	{ "kicked", "you were removed from ", "", true },
	{ "banned", "you were banned from ", "", true },
	{ "unbanned", "you may join ", " again", false },
	{ "muted", "you are muted in ", "", false },
	{ "unmuted", "you may speak in ", " again", false },
	{ "role", "your role has changed in ", "", false },
};

#define DEED_COUNT (sizeof deeds / sizeof *deeds)

/* Its row, or DEED_COUNT. */
static size_t
row_of(const json_t *frame)
{
	const char *change = talk_text(frame, "change");
	size_t i = 0;

	if (!talk_is(frame, "MemberUpdated"))
		return DEED_COUNT;
	while (i < DEED_COUNT && strcmp(deeds[i].change, change) != 0)
		i++;
	return i;
}

bool
deed_is_removal(const json_t *frame)
{
	size_t row = row_of(frame);

	return row < DEED_COUNT && deeds[row].is_removal;
}

/* The time of day; with the date, unless that is today. */
static int
append_until(struct buffer *out, time_t until)
{
	time_t now = time(NULL);
	struct tm end, today;
	char text[64];

	if (until == 0 || localtime_r(&until, &end) == NULL ||
	    localtime_r(&now, &today) == NULL)
		return 0;
	strftime(text, sizeof text,
		 end.tm_yday == today.tm_yday && end.tm_year == today.tm_year
		     ? " until %H:%M"
		     : " until %Y-%m-%d %H:%M",
		 &end);
	return buffer_append_text(out, text);
}

/* A new role is told as a reason is: behind a colon. */
static int
append_why(struct buffer *out, const json_t *frame, const char *key)
{
	const char *why = talk_text(frame, key);

	if (*why == '\0')
		return 0;
	if (buffer_append_text(out, ": ") != 0)
		return -1;
	return text_append_safe(out, slice_of(why), "");
}

int
deed_tell(struct buffer *out, const json_t *frame, const char *room)
{
	size_t row = row_of(frame);

	if (row == DEED_COUNT)
		return 0;
	if (buffer_printf(out, "%s%s%s", deeds[row].before, room,
			  deeds[row].behind) != 0 ||
	    append_until(out, message_moment(frame, "until")) != 0)
		return -1;
	return append_why(out, frame,
			  strcmp(deeds[row].change, "role") == 0 ? "role"
								 : "reason");
}
