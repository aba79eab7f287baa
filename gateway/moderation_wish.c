/* SPDX-License-Identifier: MIT */
/* gateway/moderation_wish.c - see moderation_wish.h. */
#include "gateway/moderation_wish.h"

#include "gateway/moderation.h"
#include "proto/frame_values.h"
#include "proto/names.h"

#define DESCRIPTION_MAX 1024  /* bytes */
#define SLOW_MAX        86400 /* seconds */

static const struct wish_fault fine;

const json_t *
wish_member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_null(value) ? NULL : value;
}

bool
wish_read_text(const json_t *value, size_t max, struct slice *text)
{
	*text = (struct slice){ json_string_value(value),
				json_string_length(value) };
	return text->at != NULL && text->n <= max &&
	       memchr(text->at, '\0', text->n) == NULL;
}

static bool
read_number(const json_t *value, uint64_t min, uint64_t max, uint64_t *number)
{
	json_int_t n = json_integer_value(value);

	*number = (uint64_t)n;
	return json_is_integer(value) && n >= 0 && *number >= min &&
	       *number <= max;
}

static bool
read_word(const json_t *value, const char *const words[4], uint64_t *number)
{
	struct slice word;

	if (!wish_read_text(value, 16, &word))
		return false;
	for (*number = 1; *number < 4; ++*number)
		if (slice_is(word, words[*number]))
			return true;
	return false;
}

/* --- A room */

static bool
read_name(const json_t *value, struct frame_change_room *wish)
{
	return wish_read_text(value, NAME_MAX_BYTES, &wish->name) &&
	       name_is_valid(wish->name);
}

static bool
read_description(const json_t *value, struct frame_change_room *wish)
{
	return wish_read_text(value, DESCRIPTION_MAX, &wish->description);
}

static bool
read_visibility(const json_t *value, struct frame_change_room *wish)
{
	return read_word(value, visibility_words, &wish->visibility);
}

static bool
read_slow(const json_t *value, struct frame_change_room *wish)
{
	return read_number(value, 0, SLOW_MAX, &wish->slow_s);
}

static bool
read_archived(const json_t *value, struct frame_change_room *wish)
{
	wish->archived = json_is_true(value);
	return json_is_boolean(value);
}

/* In the order of the bits of change_room.what. */
static const struct {
	bool (*read)(const json_t *value, struct frame_change_room *wish);
	struct wish_fault fault;
} parts[] = {
	{ read_name, { "name", "wants 1 to 64 printable characters" } },
	{ read_description, { "description", "wants at most 1,024 bytes" } },
	{ read_visibility,
	  { "visibility", "wants public, private or invite" } },
	{ read_slow, { "slow_seconds", "wants a number from 0 to 86,400" } },
	{ read_archived, { "archived", "wants true or false" } },
};

struct wish_fault
wish_read_changes(const json_t *object, struct frame_change_room *wish)
{
	wish->what = 0;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		const json_t *value = wish_member(object, parts[i].fault.field);

		if (value == NULL)
			continue;
		if (!parts[i].read(value, wish))
			return parts[i].fault;
		wish->what |= UINT64_C(1) << i;
	}
	if (wish->what == 0)
		return (struct wish_fault){ "name",
					    "or another member is wanted" };
	return fine;
}

/* --- A user */

struct wish_fault
wish_read_period(const json_t *object, uint64_t now_ms, uint64_t *until)
{
	const json_t *value = wish_member(object, "seconds");
	uint64_t seconds;

	*until = 0;
	if (value == NULL)
		return fine;
	if (!read_number(value, 1, PERIOD_MAX, &seconds))
		return (struct wish_fault){
			"seconds", "wants a number from 1 to 316,224,000"
		};
	*until = now_ms + seconds * 1000;
	return fine;
}

struct wish_fault
wish_read_deed(const json_t *object, uint64_t now_ms,
	       struct frame_moderate *wish)
{
	const json_t *reason = wish_member(object, "reason");

	if (reason != NULL &&
	    !wish_read_text(reason, REASON_MAX, &wish->reason))
		return (struct wish_fault){ "reason",
					    "wants at most 1,024 bytes" };
	if (wish->action == DEED_ROLE &&
	    !read_word(wish_member(object, "role"), role_words, &wish->role))
		return (struct wish_fault){
			"role", "wants owner, moderator or member"
		};
	if (wish->action == DEED_BAN || wish->action == DEED_MUTE)
		return wish_read_period(object, now_ms, &wish->until);
	return fine;
}
