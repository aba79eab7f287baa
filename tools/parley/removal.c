/* SPDX-License-Identifier: MIT */
/* tools/parley/removal.c - how a talk ends because its room is closed to us.
 *
 * A refusal says that we are no member; what a moderator did, and why, is told
 * by another frame, which may come just before or just after. So each waits
 * for the other, but not for long.
 */
#include "tools/parley/deed.h"
#include "tools/parley/talk.h"

#include "tools/client/text.h"

#include <string.h>

#define WORDS_MS 1000 /* for which a refusal waits for what was done */

static void
end(struct talk *talk)
{
	if (talk->is_ending)
		return;
	if (talk->removal.n > 0)
		complain("%.*s", (int)talk->removal.n,
			 (char *)talk->removal.bytes);
	else
		talk_complain(talk, talk_text(talk->refusal, "message"));
	talk_stop(talk, STATUS_REFUSED);
}

static void
on_waited(void *self)
{
	end(self);
}

/* Whether what was done to us may be behind it. */
static bool
is_by_removal(const json_t *answer)
{
	const char *code = talk_text(answer, "code");

	return strcmp(code, "NOT_A_MEMBER") == 0 ||
	       strcmp(code, "NOT_ALLOWED") == 0;
}

void
talk_refused(struct talk *talk, const json_t *answer)
{
	if (talk->refusal != NULL)
		return;
	talk->refusal = json_deep_copy(answer);
	talk->refusing =
	    (struct loop_timer){ .on_due = on_waited, .self = talk };
	if (!is_by_removal(answer))
		buffer_fini(&talk->removal);
	else if (talk->removal.n == 0 && talk->was_ready &&
		 loop_timer_set(talk->loop, &talk->refusing, WORDS_MS) == 0)
		return;
	end(talk);
}

static void
on_checked(void *self, const json_t *answer)
{
	struct talk *talk = self;

	talk->is_checking = false;
	if (talk_is_good(talk, answer))
		talk_forget_removal(talk);
}

static bool
is_about_us(const struct talk *talk, const json_t *frame)
{
	const char *me = talk->account.user_id;

	/* With a bare token we do not know who we are. */
	return talk_is_here(talk, frame) &&
	       (me == NULL || strcmp(talk_text(frame, "user_id"), me) == 0);
}

void
talk_hear_removal(struct talk *talk, const json_t *frame)
{
	bool is_removal = deed_is_removal(frame);
	struct buffer room = { 0 };

	if ((!is_removal && !talk_is(frame, "UserLeft")) ||
	    !is_about_us(talk, frame))
		return;
	if (is_removal &&
	    text_append_safe(&room, slice_of(talk->wanted), "") == 0 &&
	    buffer_append(&room, "", 1) == 0) {
		buffer_fini(&talk->removal);
		(void)deed_tell(&talk->removal, frame, (char *)room.bytes);
	}
	buffer_fini(&room);
	if (is_removal && talk->refusal != NULL) {
		end(talk);
	} else if (!talk->is_checking) {
		/* It may be somebody else, a visit, or long ago. */
		talk->is_checking = true;
		talk_ask_history(talk, on_checked, talk);
	}
}

void
talk_forget_removal(struct talk *talk)
{
	talk->is_checking = false;
	buffer_fini(&talk->removal);
}
