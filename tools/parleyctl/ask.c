/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/ask.c - what a command asks, and how it is told of a failure.
 */
#include "tools/parleyctl/ask.h"

#include <errno.h>
#include <string.h>

/* One question under way. */
struct question {
	struct call *call;
	hear_fn *hear;
	void *self;
	int status;
};

static void
on_answer(void *self, const struct frame *answer)
{
	struct question *q = self;

	if (q->hear != NULL)
		q->status = q->hear(q->call, q->self, answer);
}

int
ask_timeout(struct call *call, unsigned *timeout_ms)
{
	unsigned long number;

	if (!option_number(call->settings->timeout, 1, 600000, &number))
		return wrong_usage(call, "--timeout cannot be '%s'",
				   call->settings->timeout);
	*timeout_ms = (unsigned)number;
	return STATUS_FINE;
}

int
ask_lookup(struct call *call, enum party kind, struct lookup *lookup)
{
	const struct settings *s = call->settings;
	unsigned timeout_ms = 0;
	int status = ask_timeout(call, &timeout_ms);

	if (status != STATUS_FINE)
		return status;
	if (call->asker == NULL)
		call->asker = asker_new("parleyctl", s->run, s->curve_dir);
	if (call->asker == NULL)
		return fail(call, "%s", strerror(errno));
	*lookup =
	    (struct lookup){ call->asker, endpoints_of(&s->endpoints, kind),
			     timeout_ms };
	return STATUS_FINE;
}

int
ask_connect(struct call *call, enum party kind)
{
	struct lookup to;
	int status = ask_lookup(call, kind, &to);

	if (status != STATUS_FINE)
		return status;
	if (asker_connect(to.asker, kind, to.endpoints) != 0)
		return fail(call, "%s", asker_wrong(to.asker));
	return STATUS_FINE;
}

struct bus *
ask_bus(const struct call *call)
{
	return asker_bus(call->asker);
}

struct loop *
ask_loop(const struct call *call)
{
	return asker_loop(call->asker);
}

void
ask_hear_peers(struct call *call, loop_fn *hear, void *self)
{
	asker_hear_peers(call->asker, hear, self);
}

int
ask(struct call *call, enum party kind, struct frame *request,
    enum frame_kind wanted, hear_fn *hear, void *self)
{
	struct question q = { call, hear, self, STATUS_FINE };
	struct lookup to;
	int status = ask_lookup(call, kind, &to);

	if (status != STATUS_FINE)
		return status;
	if (asker_ask(to.asker, kind, to.endpoints, to.timeout_ms, request,
		      wanted, on_answer, &q) != 0)
		return fail(call, "%s", asker_wrong(to.asker));
	return q.status;
}

void
ask_end(struct call *call)
{
	asker_free(&call->asker);
}
