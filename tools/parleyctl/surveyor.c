/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/surveyor.c - see surveyor.h.
 *
 * The first survey waits for the links to stand; from then on, who has none is
 * away and is not waited for.
 */
#include "tools/parleyctl/surveyor.h"

#include "proto/bus_setup.h"
#include "tools/parleyctl/ask.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

/* How long a daemon may take to greet that does not seem to run. */
#define MEET_MS 1000

struct surveyor {
	struct call *call;
	struct bus *bus;
	struct loop *loop;
	struct loop_timer meeting;
	unsigned kinds, wait_ms;
	bool has_met;    /* links have had their time */
	bool is_patient; /* for those whose process is there */
	bool is_busy;
	bool is_ending;
	size_t asked; /* questions without an answer as yet */
	struct survey survey;
	survey_fn *on_done;
	void *self;
};

/* One question: whom it is about, and by which link it goes. */
struct question {
	struct surveyor *surveyor;
	char name[DAEMON_NAME_BYTES];
	struct peer *via;
	uint64_t after;
	bool is_relayed; /* to one that nobody can connect to */
};

static const enum party kinds[] = { ROUTER, PRESENCE, STORE, AUTH };

#define KINDS (sizeof kinds / sizeof *kinds)

/* Those who connect to others and to whom nobody connects. */
#define RELAYED (GATEWAY | HOOKS)

/* --- Processes */

static bool
read_word(const char *path, char *into, int room)
{
	FILE *file = fopen(path, "re");
	bool is_there = file != NULL && fgets(into, room, file) != NULL;

	if (file != NULL)
		fclose(file);
	if (is_there)
		into[strcspn(into, "\n")] = '\0';
	return is_there;
}

/* By its pid file in the working folder, without its lock: taking that for a
 * moment would keep a daemon from beginning. */
static bool
has_process(const char *name, enum party kind)
{
	char path[64], word[80], wanted[48];
	const char *found;
	unsigned long pid;

	snprintf(path, sizeof path, "%s.pid", name);
	if (!read_word(path, word, sizeof word) ||
	    !option_number(word, 1, 1ul << 30, &pid))
		return false;
	/* PID (NAME) STATE ...; one that has ended and that nobody has buried
	 * is a Z. */
	snprintf(path, sizeof path, "/proc/%lu/stat", pid);
	snprintf(wanted, sizeof wanted, "(%s) ", party_name(kind));
	if (!read_word(path, word, sizeof word) ||
	    (found = strstr(word, wanted)) == NULL)
		return false;
	return found[strlen(wanted)] != 'Z';
}

/* By the name of an instance. */
static enum party
kind_of(struct slice name)
{
	const char *dot = memchr(name.at, '.', name.n);

	if (dot != NULL)
		name.n = (size_t)(dot - name.at);
	return party_find(name);
}

static bool
is_out_of_reach(const struct surveyor *s, struct slice name)
{
	return (kind_of(name) & RELAYED & s->kinds) != 0;
}

/* One that was killed leaves its pid file; one that was stopped does not. */
static int
expect_relayed(struct surveyor *s)
{
	DIR *folder = opendir(".");
	struct dirent *entry;
	int rc = 0;

	while (folder != NULL && rc == 0 && (entry = readdir(folder)) != NULL) {
		struct slice name = slice_of(entry->d_name);

		if (name.n <= 4 || strcmp(name.at + name.n - 4, ".pid") != 0)
			continue;
		name.n -= 4;
		if (name.n < DAEMON_NAME_BYTES && is_out_of_reach(s, name) &&
		    survey_add(&s->survey, name, kind_of(name)) == NULL)
			rc = -1;
	}
	if (folder != NULL)
		closedir(folder);
	return rc;
}

/* --- The end */

static void
finish(struct surveyor *s)
{
	struct survey survey = s->survey;
	struct timespec now;

	for (size_t i = 0; i < survey.n; i++) {
		struct surveyed *daemon = &survey.daemons[i];

		if (daemon->state != DAEMON_UP) {
			samples_fini(&daemon->samples);
			daemon->state = has_process(daemon->name, daemon->kind)
					    ? DAEMON_HUNG
					    : DAEMON_AWAY;
		}
	}
	clock_gettime(CLOCK_REALTIME, &now);
	survey.at = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	survey_sort(&survey);
	s->survey = (struct survey){ 0 };
	s->is_busy = false;
	s->on_done(s->self, &survey);
}

/* --- Asking */

static void ask_daemon(struct surveyor *s, struct surveyed *daemon,
		       struct peer *via, bool is_relayed, uint64_t after);

/* As the daemons tell of them. */
static void
ask_relayed(struct surveyor *s, struct peer *via, const frame_list *list)
{
	const struct frame_instance *names = list->items;

	for (size_t i = 0; i < list->n; i++) {
		struct surveyed *daemon =
		    is_out_of_reach(s, names[i].name)
			? survey_add(&s->survey, names[i].name,
				     kind_of(names[i].name))
			: NULL;

		if (daemon != NULL && !daemon->is_asked)
			ask_daemon(s, daemon, via, true, 0);
	}
}

static bool
add_families(struct surveyed *daemon, const frame_list *list)
{
	const struct frame_family *families = list->items;

	for (size_t i = 0; i < list->n; i++)
		if (!metrics_family_is_sound(&families[i]) ||
		    samples_add(&daemon->samples, families[i].samples) != 0)
			return false;
	return true;
}

/* Pages go forward, so that there is an end to them. */
static void
hear(struct question *q, const struct frame *answer)
{
	struct surveyor *s = q->surveyor;
	const struct frame_metrics *metrics = &answer->metrics;
	struct surveyed *daemon = survey_add(&s->survey, slice_of(q->name),
					     kind_of(slice_of(q->name)));

	/* A page with nothing on it would have no end of successors. */
	if (daemon == NULL || answer->kind != FRAME_metrics ||
	    (metrics->families.n == 0 && metrics->next > 0) ||
	    !add_families(daemon, &metrics->families))
		return;
	if (metrics->next > q->after) {
		ask_daemon(s, daemon, q->via, q->is_relayed, metrics->next);
	} else {
		daemon->state = DAEMON_UP;
		daemon->heard_us = loop_now_us(s->loop);
	}
	if (!q->is_relayed)
		ask_relayed(s, q->via, &metrics->gateways);
}

static void
on_answer(void *self, void *context, const struct frame *answer)
{
	struct question *q = context;
	struct surveyor *s = q->surveyor;

	(void)self;
	s->asked--;
	if (!s->is_ending)
		hear(q, answer);
	free(q);
	if (!s->is_ending && s->asked == 0)
		finish(s);
}

static void
ask_daemon(struct surveyor *s, struct surveyed *daemon, struct peer *via,
	   bool is_relayed, uint64_t after)
{
	struct frame request = { .kind = FRAME_get_metrics };
	struct question *q = malloc(sizeof *q);

	daemon->is_asked = true;
	if (q == NULL)
		return;
	*q = (struct question){
		.surveyor = s,
		.via = via,
		.after = after,
		.is_relayed = is_relayed,
	};
	memcpy(q->name, daemon->name, sizeof q->name);
	request.get_metrics.after = after;
	if (is_relayed)
		request.get_metrics.daemon = slice_of(q->name);
	if (bus_ask(via, &request, s->wait_ms, on_answer, NULL, q) != 0)
		s->asked++;
	else
		free(q);
}

/* The name of one that has not greeted is that of its kind. */
static int
expect_daemons(struct surveyor *s)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct peer *peer = NULL;

		while ((peer = bus_each(s->bus, kinds[i], peer)) != NULL)
			if (survey_add(&s->survey, slice_of(peer_name(peer)),
				       kinds[i]) == NULL)
				return -1;
	}
	return expect_relayed(s);
}

static int
ask_all(struct surveyor *s)
{
	if (expect_daemons(s) != 0)
		return -1;
	for (size_t i = 0; i < KINDS; i++) {
		struct peer *peer = NULL;

		while ((peer = bus_each(s->bus, kinds[i], peer)) != NULL) {
			struct surveyed *daemon = survey_add(
			    &s->survey, slice_of(peer_name(peer)), kinds[i]);

			if (peer_is_up(peer) && daemon != NULL)
				ask_daemon(s, daemon, peer, false, 0);
		}
	}
	/* Some gateway there must be. */
	if ((s->kinds & GATEWAY) != 0 &&
	    survey_count(&s->survey, GATEWAY, false) == 0 &&
	    survey_add(&s->survey, slice_of("gateway"), GATEWAY) == NULL)
		return -1;
	if (s->asked == 0)
		finish(s);
	return 0;
}

/* --- Meeting */

/* Whether somebody is still to be waited for. */
static bool
is_missing(const struct surveyor *s)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct peer *peer = NULL;

		while ((peer = bus_each(s->bus, kinds[i], peer)) != NULL)
			if (!peer_is_up(peer) &&
			    (!s->is_patient ||
			     has_process(peer_name(peer), kinds[i])))
				return true;
	}
	return false;
}

static void
begin_asking(struct surveyor *s)
{
	s->has_met = true;
	loop_timer_clear(s->loop, &s->meeting);
	if (ask_all(s) != 0)
		finish(s);
}

static void
on_peers(void *self)
{
	struct surveyor *s = self;

	if (s->is_busy && !s->has_met && !is_missing(s))
		begin_asking(s);
}

static void
on_met(void *self)
{
	struct surveyor *s = self;

	if (!s->has_met && !s->is_patient && s->wait_ms > MEET_MS) {
		s->is_patient = true;
		if (is_missing(s) && loop_timer_set(s->loop, &s->meeting,
						    s->wait_ms - MEET_MS) == 0)
			return;
	}
	begin_asking(s);
}

int
surveyor_begin(struct surveyor *s)
{
	if (s->is_busy)
		return 0;
	/* A daemon that nobody waits for is told of in this turn, not before
	 * this returns. */
	if (loop_timer_set(s->loop, &s->meeting,
			   s->has_met || !is_missing(s) ? 0
			   : s->wait_ms < MEET_MS       ? s->wait_ms
							: MEET_MS) != 0)
		return -1;
	s->is_busy = true;
	return 0;
}

/* --- Beginning and end */

static int
connect_all(struct surveyor *s)
{
	int status = 0;

	for (size_t i = 0; i < KINDS && status == 0; i++)
		if ((s->kinds & (RELAYED | (unsigned)kinds[i])) != 0)
			status = ask_connect(s->call, kinds[i]);
	return status;
}

struct surveyor *
surveyor_new(struct call *call, unsigned asked_kinds, unsigned wait_ms,
	     survey_fn *on_done, void *self, int *status)
{
	struct surveyor *s = calloc(1, sizeof *s);

	if (s == NULL) {
		*status = fail(call, "out of memory");
		return NULL;
	}
	s->call = call;
	s->kinds = asked_kinds;
	s->wait_ms = wait_ms;
	s->on_done = on_done;
	s->self = self;
	s->meeting = (struct loop_timer){ .on_due = on_met, .self = s };
	*status = connect_all(s);
	if (*status != 0) {
		free(s);
		return NULL;
	}
	s->bus = ask_bus(call);
	s->loop = ask_loop(call);
	ask_hear_peers(call, on_peers, s);
	return s;
}

void
surveyor_free(struct surveyor **surveyor)
{
	struct surveyor *s = *surveyor;

	if (s == NULL)
		return;
	s->is_ending = true;
	ask_hear_peers(s->call, NULL, NULL);
	loop_timer_clear(s->loop, &s->meeting);
	bus_cancel_requests(s->bus);
	survey_fini(&s->survey);
	free(s);
	*surveyor = NULL;
}
