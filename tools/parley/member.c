/* SPDX-License-Identifier: MIT */
/* tools/parley/member.c - join and leave. */
#include "tools/parley/talk.h"

static void
end(void *self)
{
	talk_stop(self, STATUS_DONE);
}

static void
on_left(void *self, const json_t *answer)
{
	if (talk_is_good(self, answer))
		talk_stop(self, STATUS_DONE);
}

static void
leave(void *self)
{
	struct talk *talk = self;

	talk_ask(
	    talk,
	    json_pack("{s:s, s:s}", "type", "LeaveRoom", "room_id", talk->room),
	    on_left, talk);
}

static int
run(const struct options *options, const struct talk_part *part)
{
	struct talk talk;
	int status = talk_init(&talk, options, options->words[0], part, &talk);

	if (status == 0)
		status = talk_run(&talk);
	talk_fini(&talk);
	return status;
}

int
command_join(const struct options *options)
{
	static const struct talk_part part = { .on_ready = end,
					       .wants_join = true };

	return run(options, &part);
}

int
command_leave(const struct options *options)
{
	static const struct talk_part part = { .on_ready = leave,
					       .wants_member = true };

	return run(options, &part);
}
