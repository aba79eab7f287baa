/* SPDX-License-Identifier: MIT */
/* hooks/report.c - see report.h. */
#include "hooks/report.h"

#include "hooks/hook.h"

#include <stdlib.h>

#define LAST_ERROR_BYTES 256

static void tell_progress(struct hook *hook);

/* A report that is on its way: its hook may be gone when it is answered. */
struct report {
	struct uuid hook;
	struct progress progress;
};

static struct report *
report_new(const struct hook *hook)
{
	struct report *report = malloc(sizeof *report);

	if (report == NULL)
		return NULL;
	*report = (struct report){ hook->id, hook->delivered };
	return report;
}

static bool
is_refused(const struct frame *answer, enum error_code code)
{
	return answer->kind == FRAME_refused &&
	       error_find(answer->refused.code) == code;
}

/* --- Progress */

/* If the store is away or full, what was told is told again later. */
static void
on_progress_answer(void *self, void *context, const struct frame *answer)
{
	struct hooks *h = self;
	struct report *report = context;
	struct hook *hook = hook_find(h, &report->hook);

	if (hook != NULL) {
		hook->is_telling = false;
		if (answer->kind == FRAME_done)
			hook->confirmed = report->progress;
		else if (!is_refused(answer, ERROR_hook_not_found))
			hook->must_tell = true;
		if (answer->kind == FRAME_done && hook->must_tell)
			tell_progress(hook);
		else if (hook->must_tell)
			hooks_try_again(h);
	}
	free(report);
}

/* One at a time: meanwhile the next ones become one. */
static void
tell_progress(struct hook *hook)
{
	struct hooks *h = hook->hooks;
	struct peer *store = bus_next(h->bus, STORE);
	struct frame frame = { .kind = FRAME_hook_delivered };
	struct report *report;

	hook->must_tell = true;
	if (hook->is_telling)
		return;
	report = report_new(hook);
	frame.hook_delivered.hook = hook->id;
	frame.hook_delivered.seq = hook->delivered.seq;
	frame.hook_delivered.change = hook->delivered.change;
	if (store == NULL || report == NULL ||
	    bus_ask(store, &frame, 0, on_progress_answer, h, report) == 0) {
		free(report);
		h->count.no_memory++;
		hooks_try_again(h);
		return;
	}
	hook->must_tell = false;
	hook->is_telling = true;
}

void
report_success(struct hook *hook)
{
	if (hook->failures > 0)
		log_info("hook_recovered", KU("hook", &hook->id),
			 KN("failures", hook->failures));
	tell_progress(hook);
}

void
report_again(struct hooks *hooks)
{
	struct hook *hook, *next;

	HASH_ITER (hh, hooks->by_id, hook, next)
		if (hook->must_tell)
			tell_progress(hook);
}

/* --- Failures */

/* What the store did not keep, a restart would not know: then it would try too
 * early, which is no harm. */
static void
on_failure_answer(void *self, void *context, const struct frame *answer)
{
	struct report *report = context;
	struct hook *hook = hook_find(self, &report->hook);

	(void)answer;
	if (hook != NULL && hook->failures_told > 0)
		hook->failures_told--;
	free(report);
}

static void
tell_failure(struct hook *hook, const char *why)
{
	struct hooks *h = hook->hooks;
	struct peer *store = bus_next(h->bus, STORE);
	struct report *report = report_new(hook);
	struct frame frame = { .kind = FRAME_hook_failed };

	frame.hook_failed = (struct frame_hook_failed){
		.hook = hook->id,
		.failures = hook->failures,
		.failing_since = hook->failing_since_ms,
		.retry_at = hook->retry_at_ms,
		.last_error = { why, strnlen(why, LAST_ERROR_BYTES) },
		.paused = hook->is_paused,
	};
	if (store != NULL && report != NULL &&
	    bus_ask(store, &frame, 0, on_failure_answer, h, report) != 0) {
		hook->failures_told++;
		return;
	}
	free(report);
	h->count.no_memory++;
}

/* The first failure and the end are worth a line; those between, a metric. */
void
report_failure(struct hook *hook, const struct outcome *outcome)
{
	if (hook->is_paused) {
		hook->hooks->count.given_up++;
		log_warn("hook_given_up", KU("hook", &hook->id),
			 KN("failures", hook->failures),
			 KT("why", outcome->why));
	} else if (hook->failures == 1) {
		log_warn("hook_failing", KU("hook", &hook->id),
			 KT("why", outcome->why));
	} else {
		log_debug("hook_failing", KU("hook", &hook->id),
			  KN("failures", hook->failures),
			  KT("why", outcome->why));
	}
	tell_failure(hook, outcome->why);
}
