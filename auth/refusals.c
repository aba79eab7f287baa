/* SPDX-License-Identifier: MIT */
/* auth/refusals.c - the answer `refused` with all that it can say. */
#include "auth/auth.h"

#define BUSY_RETRY_S 1

void
refuse(struct peer *to, uint64_t id, enum error_code code, const char *field,
       const char *text, uint64_t retry_after_s)
{
	struct frame answer = {
		.kind = FRAME_refused,
		.refused = {
			.code = slice_of(error_name(code)),
			.text = slice_of(text),
			.field = slice_of(field),
			.retry_after = retry_after_s,
		},
	};

	if (to != NULL)
		bus_answer(to, id, &answer);
}

void
refuse_unavailable(struct peer *to, uint64_t id)
{
	refuse(to, id, ERROR_unavailable, NULL,
	       "the accounts cannot be reached at the moment", 0);
}

void
refuse_throttled(struct auth *auth, struct peer *to, uint64_t id,
		 uint64_t wait_s)
{
	auth->count.throttled++;
	refuse(to, id, ERROR_too_many, NULL,
	       "too many failed tries; try again later", wait_s);
}

void
refuse_busy(struct auth *auth, struct peer *to, uint64_t id)
{
	auth->count.busy++;
	refuse(to, id, ERROR_unavailable, NULL,
	       "too many passwords wait to be checked", BUSY_RETRY_S);
}
