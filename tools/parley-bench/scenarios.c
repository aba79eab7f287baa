/* SPDX-License-Identifier: MIT */
#include "tools/parley-bench/scenarios.h"

#include <string.h>

/* clang-format off */
static const struct scenario scenarios[] = {
	{ "big-room", "one room of 1,000: what a delivery costs",
	  EXERCISE_TALK,   1, 1000, 10, 25, 0, 0 },
	{ "rooms", "rooms of 10, in which everybody posts",
	  EXERCISE_TALK,   100, 10, 10, 2000, 0, 0 },
	{ "pairs", "rooms of 2: what a post costs",
	  EXERCISE_TALK,   500, 2, 2, 2000, 0, 0 },
	{ "latency", "few posts: how long one takes",
	  EXERCISE_TALK,   10, 10, 1, 50, 0, 0 },
	{ "login", "the same, while others log in with their passwords",
	  EXERCISE_TALK,   10, 10, 1, 50, 0, 4 },
	{ "idle", "connections that do nothing, then posts to any of them",
	  EXERCISE_STILL,  1000, 10, 1, 500, 0, 0 },
	{ "storm", "all come back at once, each to what it missed",
	  EXERCISE_RETURN, 1000, 10, 1, 0, 10, 0 },
	{ "history", "the last 50 messages of a room, asked for again and again",
	  EXERCISE_ASK,    10, 1, 1, 100, 60, 0 },
	{ 0 },
};
/* clang-format on */

const struct scenario *
scenario_find(const char *name)
{
	for (const struct scenario *s = scenarios; s->name != NULL; s++)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

void
scenario_list(FILE *out)
{
	for (const struct scenario *s = scenarios; s->name != NULL; s++)
		fprintf(out, "  %-12s %s\n", s->name, s->summary);
}
