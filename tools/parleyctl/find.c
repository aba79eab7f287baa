/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/find.c - see find.h. */
#include "tools/parleyctl/find.h"

#include "tools/parleyctl/ask.h"

static int
tell(const struct call *call, const struct lookup *lookup, int found,
     const char *kind, const char *name)
{
	if (found < 0)
		return fail(call, "%s", asker_wrong(lookup->asker));
	return found > 0 ? STATUS_FINE
			 : fail(call, "no such %s: %s", kind, name);
}

int
find_user(struct call *call, const char *name, struct found_user *user)
{
	struct lookup lookup;
	int status = ask_lookup(call, AUTH, &lookup);

	if (status != STATUS_FINE)
		return status;
	return tell(call, &lookup, lookup_user(&lookup, name, user), "user",
		    name);
}

int
find_room(struct call *call, const char *word, struct uuid *room)
{
	struct lookup lookup;
	int status;

	if (uuid_parse(room, slice_of(word)))
		return STATUS_FINE;
	status = ask_lookup(call, STORE, &lookup);
	if (status != STATUS_FINE)
		return status;
	return tell(call, &lookup, lookup_room(&lookup, word, room), "room",
		    word);
}
