/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/stats.c - `parleyctl stats`: asks once, and tells.
 */
#include "tools/parleyctl/stats.h"

#include "tools/parleyctl/ask.h"
#include "tools/parleyctl/surveyor.h"

#include <errno.h>
#include <stdlib.h>

struct asking {
	struct call *call;
	struct survey survey;
};

/* "gateway" is all gateways, "gateway.2" is one. */
static bool
is_meant(const char *word, const struct surveyed *daemon)
{
	return strcmp(word, party_name(daemon->kind)) == 0 ||
	       strcmp(word, daemon->name) == 0;
}

static bool
is_wanted(const struct call *call, const struct surveyed *daemon)
{
	for (int i = 0; i < call->n; i++)
		if (is_meant(call->words[i], daemon))
			return true;
	return call->n == 0;
}

static enum party
kind_of(const char *word)
{
	enum party kind =
	    party_find((struct slice){ word, strcspn(word, ".") });

	return survey_is_daemon(kind) ? kind : PART;
}

static int
choose_kinds(struct call *call, unsigned *kinds)
{
	*kinds = call->n == 0 ? ANY : 0;
	for (int i = 0; i < call->n; i++) {
		enum party kind = kind_of(call->words[i]);

		if (kind == PART)
			return wrong_usage(call, "there is no daemon '%s'",
					   call->words[i]);
		*kinds |= kind;
	}
	return 0;
}

/* Takes out who was not asked for. An instance that is asked for and that
 * nobody has heard of is away. */
static int
narrow(struct asking *a)
{
	struct survey *survey = &a->survey;
	size_t kept = 0;

	for (size_t i = 0; i < survey->n; i++) {
		struct surveyed *daemon = &survey->daemons[i];

		if (is_wanted(a->call, daemon))
			survey->daemons[kept++] = *daemon;
		else
			samples_fini(&daemon->samples);
	}
	survey->n = kept;
	for (int i = 0; i < a->call->n; i++) {
		const char *word = a->call->words[i];
		enum party kind = kind_of(word);

		if (survey_count(survey, kind, false) == 0 ||
		    strchr(word, '.') != NULL)
			if (survey_add(survey, slice_of(word), kind) == NULL)
				return wrong_usage(
				    a->call, "there is no daemon '%s'", word);
	}
	survey_sort(survey);
	return 0;
}

static int
tell(struct asking *a)
{
	json_t *stats = stats_json(&a->survey);
	char *text;

	if (stats == NULL)
		return fail(a->call, "out of memory");
	if (call_flag(a->call, "json") == NULL) {
		stats_print(&a->survey, stats);
	} else {
		text =
		    json_dumps(stats, JSON_COMPACT | JSON_REAL_PRECISION(12));
		puts(text == NULL ? "" : text);
		free(text);
	}
	json_decref(stats);
	return survey_count(&a->survey, ANY, true) == a->survey.n
		   ? STATUS_FINE
		   : STATUS_FAILED;
}

static void
on_done(void *self, struct survey *survey)
{
	struct asking *a = self;

	a->survey = *survey;
	loop_stop(ask_loop(a->call));
}

int
stats_show(struct call *call)
{
	struct asking a = { .call = call };
	struct surveyor *surveyor;
	unsigned kinds, timeout_ms = 0;
	int status = choose_kinds(call, &kinds);

	if (status == 0)
		status = ask_timeout(call, &timeout_ms);
	if (status != 0)
		return status;
	surveyor = surveyor_new(call, kinds, timeout_ms, on_done, &a, &status);
	if (surveyor == NULL)
		return status;
	if (surveyor_begin(surveyor) != 0 || loop_run(ask_loop(call)) != 0)
		status = fail(call, "%s", strerror(errno));
	if (status == 0)
		status = narrow(&a);
	if (status == 0)
		status = tell(&a);
	surveyor_free(&surveyor);
	survey_fini(&a.survey);
	return status;
}
