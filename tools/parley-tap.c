/* SPDX-License-Identifier: MIT */
/* tools/parley-tap.c - prints what daemons say to each other, one line of JSON
 * for each frame, for people and for jq.
 *
 * Listens to the taps of a run folder. Losses (a tap drops frames rather than
 * wait for a slow listener) are told on stderr, by the running numbers.
 */
#include "proto/frame.h"
#include "proto/program.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define TAPS_MAX       64
#define NO_SUCH_DAEMON 2

static const char *run;
static const char *daemons;
static const char *count;
static const char *pings;

static const struct option_row options[] = {
	{ "run", &run, "./data/run", "folder of the daemons' sockets" },
	{ "daemons", &daemons, "",
	  "whose taps, separated by spaces (default: all that are there)" },
	{ "pings", &pings, "no",
	  "whether to show ping, pong and batch: yes or no" },
	{ "count", &count, "0", "end after so many frames; 0: never" },
	{ 0 },
};

struct tap {
	char name[40];
	void *socket;
	uint64_t number; /* of the last frame; 0: none yet */
};

struct listener {
	void *context;
	struct tap taps[TAPS_MAX];
	size_t n;
	unsigned long left; /* frames to print; 0: no end */
	struct arena arena;
	struct buffer line;
};

static volatile sig_atomic_t interrupted;

static void
on_interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

static int
fail(const char *what)
{
	fprintf(stderr, "parley-tap: %s: %s\n", what, zmq_strerror(errno));
	return -1;
}

/* --- Which taps */

static int
open_tap(struct listener *l, const char *name, char **subjects, int n)
{
	struct tap *tap = &l->taps[l->n];
	char endpoint[64];

	if (l->n == TAPS_MAX || strlen(name) >= sizeof tap->name)
		return 0;
	snprintf(tap->name, sizeof tap->name, "%s", name);
	snprintf(endpoint, sizeof endpoint, "ipc://%s.tap", tap->name);
	tap->socket = zmq_socket(l->context, ZMQ_SUB);
	if (tap->socket == NULL || zmq_connect(tap->socket, endpoint) != 0)
		return fail(endpoint);
	for (int i = 0; i < n; i++)
		if (zmq_setsockopt(tap->socket, ZMQ_SUBSCRIBE, subjects[i],
				   strlen(subjects[i])) != 0)
			return fail("subscribe");
	if (n == 0 && zmq_setsockopt(tap->socket, ZMQ_SUBSCRIBE, "", 0) != 0)
		return fail("subscribe");
	l->n++;
	return 0;
}

/* KIND or KIND.N; whether it runs does not matter yet. */
static bool
is_daemon(const char *name)
{
	const enum party kind =
	    party_find((struct slice){ name, strcspn(name, ".") });

	return (kind & (GATEWAY | ROUTER | PRESENCE | STORE | AUTH)) != 0;
}

/* 0, -1, or NO_SUCH_DAEMON. */
static int
open_named(struct listener *l, char **subjects, int n)
{
	char name[40];

	for (const char *at = daemons; *at != '\0';) {
		size_t length = strcspn(at, " ");
		if (length > 0 && length < sizeof name) {
			snprintf(name, sizeof name, "%.*s", (int)length, at);
			if (!is_daemon(name)) {
				fprintf(stderr,
					"parley-tap: no daemon is called %s\n",
					name);
				return NO_SUCH_DAEMON;
			}
			if (open_tap(l, name, subjects, n) != 0)
				return -1;
		}
		at += length + (at[length] == ' ');
	}
	return 0;
}

static int
open_found(struct listener *l, char **subjects, int n)
{
	DIR *folder = opendir(".");
	struct dirent *entry;
	int rc = 0;

	if (folder == NULL)
		return fail(run);
	while (rc == 0 && (entry = readdir(folder)) != NULL) {
		char *ending = strrchr(entry->d_name, '.');
		if (ending == NULL || strcmp(ending, ".tap") != 0)
			continue;
		*ending = '\0';
		rc = open_tap(l, entry->d_name, subjects, n);
	}
	closedir(folder);
	if (rc == 0 && l->n == 0) {
		fprintf(stderr,
			"parley-tap: no taps in %s: is parley "
			"running? (set --run)\n",
			run);
		return -1;
	}
	return rc;
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
static void
note_number(struct tap *tap, uint64_t number, bool hears_all)
{
	if (hears_all && tap->number != 0 && number > tap->number + 1)
		fprintf(stderr, "parley-tap: %s: %" PRIu64 " frames lost\n",
			tap->name, number - tap->number - 1);
	tap->number = number;
}

static void
print_time(struct buffer *line)
{
	struct timespec now;
	struct tm utc;
	char text[32];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
	(void)buffer_printf(line, "{\"ts\":\"%s.%06ldZ\"", text,
			    now.tv_nsec / 1000);
}

/* subject: in.PEER.FRAME or out.PEER.FRAME */
static void
print_hop(struct buffer *line, const struct tap *tap, struct slice subject)
{
	const char *dot = memchr(subject.at, '.', subject.n);
	size_t direction = dot == NULL ? 0 : (size_t)(dot - subject.at);
	const char *peer = subject.at + direction + (dot != NULL);
	const char *end = memchr(peer, '.', subject.n - direction - 1);

	(void)buffer_printf(
	    line,
	    ",\"daemon\":\"%s\",\"direction\":\"%.*s\",\"peer\":\"%.*s\","
	    "\"frame\":",
	    tap->name, (int)direction, subject.at,
	    end == NULL ? 0 : (int)(end - peer), peer);
}

/* On each link all the time: all else would drown in them. */
static bool
is_left_out(enum frame_kind kind)
{
	return strcmp(pings, "yes") != 0 &&
	       (kind == FRAME_ping || kind == FRAME_pong ||
		kind == FRAME_batch);
}

static int
print_frame(struct listener *l, const struct tap *tap, struct slice subject,
	    zmq_msg_t *packed)
{
	struct frame frame;

	arena_reset(&l->arena);
	buffer_clear(&l->line);
	if (frame_unpack(&frame, &l->arena, zmq_msg_data(packed),
			 zmq_msg_size(packed), NULL) < 0 ||
	    frame.kind == FRAME_none || is_left_out(frame.kind))
		return 0;
	print_time(&l->line);
	print_hop(&l->line, tap, subject);
	if (frame_print_json(&frame, &l->line) != 0 ||
	    buffer_append_text(&l->line, "}\n") != 0)
		return fail("memory");
	if (fwrite(l->line.bytes, 1, l->line.n, stdout) != l->line.n ||
	    fflush(stdout) != 0)
		return fail("stdout");
	return 1;
}

static int
receive(struct listener *l, struct tap *tap, bool hears_all)
{
	zmq_msg_t parts[3];
	int n = 0, rc = 0;

	do {
		zmq_msg_init(&parts[n]);
		if (zmq_msg_recv(&parts[n], tap->socket, ZMQ_DONTWAIT) < 0)
			break;
	} while (zmq_msg_more(&parts[n++]) && n < 3);
	if (n == 3) {
		struct slice subject = { zmq_msg_data(&parts[0]),
					 zmq_msg_size(&parts[0]) };
		note_number(tap, number_of(&parts[2]), hears_all);
		rc = print_frame(l, tap, subject, &parts[1]);
	}
	while (n > 0)
		zmq_msg_close(&parts[--n]);
	return rc;
}

/* 0: go on; 1: enough; -1: failed */
static int
listen_once(struct listener *l, bool hears_all)
{
	zmq_pollitem_t items[TAPS_MAX] = { 0 };

	for (size_t i = 0; i < l->n; i++) {
		items[i].socket = l->taps[i].socket;
		items[i].events = ZMQ_POLLIN;
	}
	if (zmq_poll(items, (int)l->n, 1000) < 0)
		return errno == EINTR ? 0 : fail("poll");
	for (size_t i = 0; i < l->n; i++) {
		if ((items[i].revents & ZMQ_POLLIN) == 0)
			continue;
		int rc = receive(l, &l->taps[i], hears_all);
		if (rc < 0)
			return -1;
		if (rc == 1 && l->left > 0 && --l->left == 0)
			return 1;
	}
	return 0;
}

static int
listen_all(char **subjects, int n, unsigned long left)
{
	struct listener l = { .context = zmq_ctx_new(), .left = left };
	int rc = -1;

	if (l.context == NULL)
		return fail("zmq");
	if (chdir(run) != 0)
		rc = fail(run);
	else
		rc = *daemons != '\0' ? open_named(&l, subjects, n)
				      : open_found(&l, subjects, n);
	while (rc == 0 && !interrupted)
		rc = listen_once(&l, n == 0);
	for (size_t i = 0; i < l.n; i++)
		zmq_close(l.taps[i].socket);
	zmq_ctx_term(l.context);
	arena_fini(&l.arena);
	buffer_fini(&l.line);
	return rc < 0 ? 1 : rc == NO_SUCH_DAEMON ? 2 : 0;
}

int
main(int argc, char **argv)
{
	static const struct option_row *const tables[] = { options, NULL };
	static const struct program program = {
		"parley-tap",
		"prints the frames between daemons, one line of JSON each",
		"[SUBJECT ...] (beginnings, such as in.gateway.post or out.)",
		tables
	};
	struct sigaction action = { .sa_handler = on_interrupt };
	unsigned long left;
	int words = 0;
	int status = program_begin(&program, argc, argv, &words);

	if (status >= 0)
		return status;
	if (!option_number(count, 0, ULONG_MAX / 2, &left)) {
		fprintf(stderr,
			"parley-tap: --count wants a number, not '%s'; "
			"try --help\n",
			count);
		return 2;
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	return listen_all(argv, words, left);
}
