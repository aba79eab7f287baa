/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/main.c - shows what daemons say to each other: now, from
 * a recording, one message's way alone, or said again to another daemon.
 *
 * Taps and recordings tell the same listener, so that every filter and every
 * output is for both.
 */
#include "proto/log.h"
#include "proto/program.h"
#include "proto/run_folder.h"
#include "tools/client/lookup.h"
#include "tools/client/stop.h"
#include "tools/parley-tap/follow.h"
#include "tools/parley-tap/named.h"
#include "tools/parley-tap/settings.h"
#include "tools/parley-tap/subject.h"
#include "tools/parley-tap/view.h"

#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define LOOKUP_MS 5000

static struct settings settings;

/* clang-format off */
static const struct option_row options[] = {
	{ "data", &settings.data, "./data", "folder of what is kept" },
	{ "run", &settings.run, NULL, "folder of the daemons' sockets (default: DATA/run)" },
	{ "daemons", &settings.daemons, "", "whose taps, separated by spaces (default: all that are there)" },
	{ "room", &settings.room, "", "only frames about this room, by name or id, and their answers" },
	{ "user", &settings.user, "", "only frames about this user, by name or id, and their answers" },
	{ "pings", &settings.pings, "no", "whether to show ping, pong and batch: yes or no" },
	{ "count", &settings.count, "0", "end after so many frames; 0: never" },
	{ "json", &settings.json, NULL, "print JSON, as where stdout is no terminal", .is_switch = true },
	{ "text", &settings.text, NULL, "print lines for people, as on a terminal", .is_switch = true },
	{ "follow", &settings.follow, "", "show the way of one message: its id, the client's id for it, the last 8 digits of either, or: next" },
	{ "record", &settings.record, "", "write the frames to this file (-: stdout) instead of printing them" },
	{ "read", &settings.read, "", "read the frames from this recording (-: stdin) instead of taps" },
	{ "timeout", &settings.timeout, "30000", "how long to wait for the next step of a followed message, or for the answer to a replayed frame, in ms; 0: for ever" },
	{ "speed", &settings.speed, "max", "how fast to replay: max, or so many times as fast as it was" },
	{ "compare", &settings.compare, NULL, "of a replay, print only the answers that differ from the recorded ones", .is_switch = true },
	{ "force", &settings.force, NULL, "replay to a daemon that has data, or is used by gateways", .is_switch = true },
	{ "curve-dir", &settings.curve_dir, "", "folder of keys for tcp:// endpoints: that of tool, and the public ones" },
	{ "router", &settings.endpoints.router, "ipc://router.sock", "where the router is" },
	{ "presence", &settings.endpoints.presence, "ipc://presence.sock", "where presence is" },
	{ "store", &settings.endpoints.store, "ipc://store.sock", "where the store is" },
	{ "auth", &settings.endpoints.auth, "ipc://auth.sock", "where auth is" },
	{ 0 },
};
/* clang-format on */

static struct filter filter;

/* --- What is said to people */

static void
tell(const char *format, va_list args, const char *ending)
{
	fputs("parley-tap: ", stderr);
	vfprintf(stderr, format, args);
	fputs(ending, stderr);
}

int
complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(format, args, "\n");
	va_end(args);
	return 1;
}

int
wrong_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(format, args, "; try --help\n");
	va_end(args);
	return 2;
}

bool
settings_is_on(const char *value)
{
	return value != NULL && strcmp(value, "yes") == 0;
}

/* --- Whom and what it is about */

static int
tell_lookup(int found, const char *kind, const char *word)
{
	if (found > 0)
		return 0;
	if (found < 0)
		return complain("%s %s: %s%s", kind, word,
				*settings.read == '\0'
				    ? ""
				    : "not found in what is read, and ",
				asker_wrong(settings.asker));
	return complain("there is no %s %s", kind, word);
}

static int
ask_room(void)
{
	const struct lookup lookup = { settings.asker, settings.endpoints.store,
				       LOOKUP_MS };

	return tell_lookup(lookup_room(&lookup, settings.room, &filter.room),
			   "room", settings.room);
}

static int
ask_user(void)
{
	const struct lookup lookup = { settings.asker, settings.endpoints.auth,
				       LOOKUP_MS };
	struct found_user user;
	int status = tell_lookup(lookup_user(&lookup, settings.user, &user),
				 "user", settings.user);

	if (status == 0)
		filter.user = user.id;
	return status;
}

/* A recording is for later: what it says itself goes before what is so now. */
static int
find(struct recording *recording, enum named_what what, const char *word,
     struct uuid *id)
{
	int found = 0;

	if (*word == '\0' || uuid_parse(id, slice_of(word)))
		return 0;
	if (recording->file != NULL)
		found = named_find(recording, what, word, id);
	if (found != 0)
		return found > 0 ? 0 : 1;
	return what == NAMED_ROOM ? ask_room() : ask_user();
}

static int
make_filter(struct recording *recording, char **subjects, int n)
{
	int status;

	for (int i = 0; i < n; i++)
		if (!subject_is_possible(subjects[i]))
			return wrong_usage("no subject begins with '%s', but "
					   "with in. or out.",
					   subjects[i]);
	filter.subjects = subjects;
	filter.subject_n = n;
	filter.daemons = settings.daemons;
	filter.pulses = strcmp(settings.pings, "yes") == 0;
	status = find(recording, NAMED_ROOM, settings.room, &filter.room);
	if (status != 0)
		return status;
	return find(recording, NAMED_USER, settings.user, &filter.user);
}

/* --- What happens */

/* From the taps, or from a recording. Returns what the listener did, or -1. */
static int
listen_to(struct taps *taps, struct recording *recording,
	  const struct listener *listener)
{
	if (taps != NULL)
		return taps_listen(taps, listener);
	return recording_play(recording, listener);
}

static int
follow(struct taps *taps, struct recording *recording)
{
	struct follow following = {
		.id = settings.follow,
		.filter = &filter,
		.style = style_of_stdout(settings_is_on(settings.json),
					 settings_is_on(settings.text)),
		.taps = taps,
		.timeout_us = (uint64_t)settings.timeout_ms * 1000,
	};
	const struct listener listener = { follow_hear, follow_lose,
					   follow_idle, &following };
	int rc = listen_to(taps, recording, &listener);
	int status = follow_tell(&following);

	follow_fini(&following);
	return rc < 0 ? 1 : status;
}

static int
view(struct taps *taps, struct recording *recording, struct recorder *recorder,
     unsigned long count)
{
	bool json = settings_is_on(settings.json);
	bool text = settings_is_on(settings.text);
	struct view viewing = {
		.filter = &filter,
		.style = style_of_stdout(json, text),
		.recorder = recorder,
		.prints = recorder == NULL || json || text,
		.taps = taps,
		.left = count,
	};
	const struct listener listener = { view_hear, view_lose, view_idle,
					   &viewing };
	int rc = listen_to(taps, recording, &listener);

	view_fini(&viewing);
	return rc < 0 ? 1 : 0;
}

/* Files are opened before the folder of the sockets is entered. */
static int
open_source(struct taps **taps, struct recording *recording, char **subjects,
	    int n)
{
	int status;

	if (*settings.read != '\0' &&
	    recording_open(recording, settings.read) != 0)
		return 1;
	status = make_filter(recording, subjects, n);
	if (status != 0 || *settings.read != '\0')
		return status;
	return taps_open(taps, settings.run, settings.daemons, subjects, n);
}

/* A recording that was written over itself would be gone. */
static bool
are_one_file(FILE *a, FILE *b)
{
	struct stat of_a, of_b;

	return a != NULL && b != NULL && fstat(fileno(a), &of_a) == 0 &&
	       fstat(fileno(b), &of_b) == 0 && S_ISREG(of_a.st_mode) &&
	       of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

static int
begin_recording(struct recorder *recorder, const struct recording *recording)
{
	if (are_one_file(recorder->file, recording->file))
		return wrong_usage("--record and --read name one file");
	return recorder_begin(recorder) == 0 ? 0 : 1;
}

static int
run(char **subjects, int n, unsigned long count)
{
	struct recorder recorder = { 0 };
	struct recording recording = { 0 };
	struct taps *taps = NULL;
	bool records = *settings.record != '\0';
	int status = 1;

	if (!records || recorder_open(&recorder, settings.record) == 0)
		status = open_source(&taps, &recording, subjects, n);
	if (status == 0 && records)
		status = begin_recording(&recorder, &recording);
	if (status == 0)
		status = *settings.follow != '\0'
			     ? follow(taps, &recording)
			     : view(taps, &recording,
				    records ? &recorder : NULL, count);
	taps_close(&taps);
	recording_close(&recording);
	if (recorder_close(&recorder) != 0)
		status = 1;
	else if (records && status == 0)
		fprintf(stderr, "parley-tap: %llu frames are in %s\n",
			(unsigned long long)recorder.frames, recorder.path);
	return status;
}

/* What makes no sense, alone or together. */
static int
check(int words)
{
	unsigned long timeout_ms;

	if (!option_number(settings.timeout, 0, UINT_MAX / 1000, &timeout_ms))
		return wrong_usage("--timeout wants milliseconds, not '%s'",
				   settings.timeout);
	settings.timeout_ms = (unsigned)timeout_ms;
	if (settings_is_on(settings.json) && settings_is_on(settings.text))
		return wrong_usage("--json and --text exclude each other");
	if (strcmp(settings.record, "-") == 0 &&
	    (settings_is_on(settings.json) || settings_is_on(settings.text)))
		return wrong_usage(
		    "stdout is either printed to or recorded to");
	if (*settings.follow == '\0')
		return 0;
	if (!follow_is_id(settings.follow))
		return wrong_usage(
		    "--follow wants an id, its last 8 digits, or "
		    "next; not '%s'",
		    settings.follow);
	if (words > 0 || *settings.record != '\0')
		return wrong_usage("--follow goes with neither subjects nor "
				   "--record");
	return 0;
}

static int
act(char **words, int n)
{
	unsigned long count;
	int status;

	if (!option_number(settings.count, 0, ULONG_MAX / 2, &count))
		return wrong_usage("--count wants a number, not '%s'",
				   settings.count);
	if (n > 0 && strcmp(words[0], "replay") == 0) {
		if (n != 3)
			return wrong_usage("replay wants FILE and DAEMON");
		status = check(0);
		return status != 0 ? status
				   : replay(&settings, words[1], words[2]);
	}
	status = check(n);
	return status != 0 ? status : run(words, n, count);
}

/* The working folder changes on the way. What is not there is told by whoever
 * needs it. */
static void
make_absolute(const char **path, char into[PATH_MAX])
{
	if (**path != '\0' && realpath(*path, into) != NULL)
		*path = into;
}

static int
begin(void)
{
	static char run_folder[PATH_MAX], folders[2][PATH_MAX];

	(void)setlocale(LC_CTYPE, "");
	if (MB_CUR_MAX == 1)
		(void)setlocale(LC_CTYPE, "C.UTF-8");
	log_setup("parley-tap", LOG_ERROR, false);
	if (run_folder_choose(&settings.run, settings.data, run_folder) != 0)
		return complain("--data: %s", strerror(errno));
	make_absolute(&settings.run, folders[0]);
	make_absolute(&settings.curve_dir, folders[1]);
	settings.asker =
	    asker_new("parley-tap", settings.run, settings.curve_dir);
	if (settings.asker == NULL)
		return complain("%s", strerror(errno));
	stop_on_signals();
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct option_row *const tables[] = { options, NULL };
	static const struct program program = {
		"parley-tap", "shows the frames between daemons",
		"[SUBJECT ...] | replay FILE DAEMON (a SUBJECT is a beginning, "
		"such as in.gateway.post or out., or a pattern: *.message)",
		tables
	};
	int words = 0;
	int status = program_begin(&program, argc, argv, &words);

	if (status >= 0)
		return status;
	status = begin();
	if (status == 0)
		status = act(argv, words);
	asker_free(&settings.asker);
	return status;
}
