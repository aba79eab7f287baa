/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/taps.c - see taps.h.
 *
 * What was heard is stamped as it is received. All taps are drained before we
 * wait again, one message of each in turn, so that none is far behind the
 * others.
 */
#include "tools/parley-tap/taps.h"

#include "proto/clock.h"
#include "tools/client/stop.h"
#include "tools/parley-tap/subject.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

#define WAIT_MS       200
#define KEPT_MESSAGES 100000 /* of a tap, while we are busy */

struct tap {
	char name[DAEMON_BYTES_MAX];
	void *socket;
	uint64_t number; /* of the last frame; 0: none yet */
};

struct taps {
	void *context;
	struct tap tap[TAPS_MAX];
	size_t n;
	bool hears_all;
	struct arena arena;
};

static int
fail(const char *what)
{
	fprintf(stderr, "parley-tap: %s: %s\n", what, zmq_strerror(errno));
	return TAPS_FAILED;
}

/* --- Which */

static int
subscribe(void *socket, const char *stem, size_t n)
{
	return zmq_setsockopt(socket, ZMQ_SUBSCRIBE, stem, n);
}

static int
open_tap(struct taps *taps, const char *name, char *const *subjects, int n)
{
	struct tap *tap = &taps->tap[taps->n];
	char endpoint[64];
	int kept = KEPT_MESSAGES, rc = 0;

	if (taps->n == TAPS_MAX || strlen(name) >= sizeof tap->name)
		return TAPS_FINE;
	snprintf(tap->name, sizeof tap->name, "%s", name);
	snprintf(endpoint, sizeof endpoint, "ipc://%s.tap", tap->name);
	tap->socket = zmq_socket(taps->context, ZMQ_SUB);
	if (tap->socket == NULL)
		return fail(endpoint);
	taps->n++;
	if (zmq_setsockopt(tap->socket, ZMQ_RCVHWM, &kept, sizeof kept) != 0 ||
	    zmq_connect(tap->socket, endpoint) != 0)
		return fail(endpoint);
	for (int i = 0; i < n && rc == 0; i++)
		rc = subscribe(tap->socket, subjects[i],
			       subject_stem(subjects[i]));
	if (n == 0)
		rc = subscribe(tap->socket, "", 0);
	return rc == 0 ? TAPS_FINE : fail("subscribe");
}

/* KIND or KIND.N; whether it runs does not matter yet. */
static bool
is_daemon(const char *name)
{
	const enum party kind =
	    party_find((struct slice){ name, strcspn(name, ".") });

	return (kind & (GATEWAY | ROUTER | PRESENCE | STORE | AUTH | HOOKS)) !=
	       0;
}

static int
open_named(struct taps *taps, const char *daemons, char *const *subjects, int n)
{
	char name[DAEMON_BYTES_MAX];
	int status = TAPS_FINE;

	for (const char *at = daemons; *at != '\0' && status == TAPS_FINE;) {
		size_t length = strcspn(at, " ");
		snprintf(name, sizeof name, "%.*s", (int)length, at);
		if (length > 0 && !is_daemon(name)) {
			fprintf(stderr, "parley-tap: no daemon is called %s\n",
				name);
			return TAPS_USAGE;
		}
		if (length > 0)
			status = open_tap(taps, name, subjects, n);
		at += length + (at[length] == ' ');
	}
	return status;
}

static int
open_found(struct taps *taps, const char *run, char *const *subjects, int n)
{
	DIR *folder = opendir(".");
	struct dirent *entry;
	int status = TAPS_FINE;

	if (folder == NULL)
		return fail(run);
	while (status == TAPS_FINE && (entry = readdir(folder)) != NULL) {
		char *ending = strrchr(entry->d_name, '.');
		if (ending == NULL || strcmp(ending, ".tap") != 0)
			continue;
		*ending = '\0';
		status = open_tap(taps, entry->d_name, subjects, n);
	}
	closedir(folder);
	if (status == TAPS_FINE && taps->n == 0) {
		fprintf(stderr,
			"parley-tap: no taps in %s: is parley "
			"running? (set --run or --data)\n",
			run);
		return TAPS_FAILED;
	}
	return status;
}

int
taps_open(struct taps **opened, const char *run, const char *daemons,
	  char *const *subjects, int n)
{
	struct taps *taps = calloc(1, sizeof *taps);

	*opened = taps;
	if (taps == NULL || (taps->context = zmq_ctx_new()) == NULL)
		return fail("zmq");
	taps->hears_all = n == 0;
	if (chdir(run) != 0)
		return fail(run);
	return *daemons != '\0' ? open_named(taps, daemons, subjects, n)
				: open_found(taps, run, subjects, n);
}

void
taps_close(struct taps **handle)
{
	struct taps *taps = *handle;

	if (taps == NULL)
		return;
	for (size_t i = 0; i < taps->n; i++)
		zmq_close(taps->tap[i].socket);
	if (taps->context != NULL)
		zmq_ctx_term(taps->context);
	arena_fini(&taps->arena);
	free(taps);
	*handle = NULL;
}

bool
taps_has(const struct taps *taps, struct slice daemon)
{
	for (size_t i = 0; i < taps->n; i++) {
		const char *name = taps->tap[i].name;
		size_t k = 0;

		while (k < daemon.n &&
		       (name[k] == '.' ? '-' : name[k]) ==
			   (daemon.at[k] == '.' ? '-' : daemon.at[k]))
			k++;
		if (k == daemon.n && name[k] == '\0')
			return true;
	}
	return false;
}

int
taps_names(const struct taps *taps, struct buffer *into)
{
	for (size_t i = 0; i < taps->n; i++)
		if (buffer_printf(into, "%s%s", i == 0 ? "" : " ",
				  taps->tap[i].name) != 0)
			return -1;
	return 0;
}

/* --- What they tell */

static uint64_t
number_of(zmq_msg_t *part)
{
	char text[24] = "";
	size_t n = zmq_msg_size(part);

	if (n < sizeof text)
		memcpy(text, zmq_msg_data(part), n);
	return strtoull(text, NULL, 10);
}

/* The number counts over all subjects: a gap means a loss only for a listener
 * that hears them all. */
static int
note_number(const struct taps *taps, struct tap *tap, const struct heard *heard,
	    const struct listener *listener)
{
	uint64_t before = tap->number;
	struct heard loss = *heard;

	tap->number = heard->number;
	if (!taps->hears_all || before == 0 || heard->number <= before + 1)
		return 0;
	loss.subject = slice_of(LOST_SUBJECT);
	loss.packed = (struct slice){ "", 0 };
	loss.number = heard->number - before - 1;
	return listener->lose(listener->self, &loss);
}

static struct slice
part_of(zmq_msg_t *part)
{
	return (struct slice){ zmq_msg_data(part), zmq_msg_size(part) };
}

static int
tell(struct taps *taps, struct tap *tap, zmq_msg_t *parts,
     const struct listener *listener)
{
	struct heard heard = {
		.at_us = clock_unix_us(),
		.clock_us = clock_us(),
		.number = number_of(&parts[2]),
		.daemon = slice_of(tap->name),
		.subject = part_of(&parts[0]),
		.packed = part_of(&parts[1]),
	};
	int rc = note_number(taps, tap, &heard, listener);

	arena_reset(&taps->arena);
	if (rc == 0 && heard_read(&heard, &taps->arena))
		rc = listener->hear(listener->self, &heard);
	return rc;
}

/* One message. 0 if there was none (then *more is false), or what the listener
 * says. */
static int
receive(struct taps *taps, struct tap *tap, const struct listener *listener,
	bool *more)
{
	zmq_msg_t parts[3];
	int n = 0, rc = 0;

	*more = false;
	do {
		zmq_msg_init(&parts[n]);
		if (zmq_msg_recv(&parts[n], tap->socket, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&parts[n]);
			break;
		}
		*more = true;
	} while (zmq_msg_more(&parts[n++]) && n < 3);
	if (n == 3)
		rc = tell(taps, tap, parts, listener);
	while (n > 0)
		zmq_msg_close(&parts[--n]);
	return rc;
}

/* Until none has anything left, or a while is over: the listener has to know
 * what time it is. */
static int
drain(struct taps *taps, const struct listener *listener)
{
	uint64_t until_us = clock_us() + WAIT_MS * 1000;
	bool any = true;

	while (any && !stop_wanted() && clock_us() < until_us) {
		any = false;
		for (size_t i = 0; i < taps->n; i++) {
			bool more;
			int rc = receive(taps, &taps->tap[i], listener, &more);
			if (rc != 0)
				return rc;
			any |= more;
		}
	}
	return 0;
}

static bool
is_ready(const struct taps *taps)
{
	for (size_t i = 0; i < taps->n; i++)
		if (taps->tap[i].number == 0)
			return false;
	return true;
}

int
taps_listen(struct taps *taps, const struct listener *listener)
{
	zmq_pollitem_t items[TAPS_MAX] = { 0 };
	int rc = 0;

	for (size_t i = 0; i < taps->n; i++) {
		items[i].socket = taps->tap[i].socket;
		items[i].events = ZMQ_POLLIN;
	}
	while (rc == 0 && !stop_wanted()) {
		if (zmq_poll(items, (int)taps->n, WAIT_MS) < 0 &&
		    errno != EINTR) {
			fail("poll");
			return -1;
		}
		rc = drain(taps, listener);
		if (rc == 0)
			rc = listener->idle(listener->self, clock_us(),
					    is_ready(taps));
	}
	return rc;
}
