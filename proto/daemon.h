/* SPDX-License-Identifier: MIT */
/* proto/daemon.h - the runtime that makes a daemon's main() a table.
 *
 * daemon_main() does what all daemons share: options from flags, environment,
 * `.env` and defaults, --help and --version, log, folders, pid file with its
 * lock, sandbox, sockets, hello, loop, drain, exit status.
 */
#ifndef PARLEY_PROTO_DAEMON_H
#define PARLEY_PROTO_DAEMON_H

#include "proto/bus.h"
#include "proto/log.h"
#include "proto/loop.h"
#include "proto/metrics_pages.h"
#include "proto/options.h"
#include "proto/sandbox.h"

struct runtime {
	struct loop *loop;
	struct bus *bus;
	const char *data; /* folder, absolute */
	const char *run;  /* folder, absolute; the working directory too */
	const char *started_in; /* folder, absolute, where relative paths of
				   options begin; NULL if it is gone */
	const char *name;       /* "gateway", "gateway.2" */
	unsigned instance;      /* from 1 */
	uint64_t epoch;         /* new at each start; microseconds since 1970 */
	const struct metric_source *metrics; /* the daemon's own */
};

struct daemon {
	const char *name;
	const char *summary;
	enum party party;
	unsigned
	    connects;     /* the kinds of daemon that it connects to, as bits */
	bool binds;       /* others connect to it */
	unsigned pace_ms; /* see bus_setup.h */
	const struct option_row *options; /* ends with { 0 } */
	const struct route *routes;       /* ends with { 0 } */
	struct metric_table metrics;      /* rows NULL: none of its own */
	const struct sandbox_row *needs;  /* ends with { 0 }; or NULL */
	void *self;

	/* Opens what the daemon owns, before anybody can connect to it. 0, or
	 * -1 or DISK_FULL after a log line that says why; then it has closed
	 * everything. */
	int (*start)(void *self, struct runtime *runtime);

	/* Closes it; the last thing that happens. */
	void (*stop)(void *self);

	/* After all input of a turn, before the frames leave; may be NULL. */
	void (*turn)(void *self);

	/* A peer came, went, or lost events; may be NULL. */
	void (*on_peer)(void *self, struct peer *peer, enum peer_news news);

	/* SIGTERM: finish what is begun. Called in each turn until it returns
	 * true or 10 s are over; NULL: nothing is ever unfinished. */
	bool (*drain)(void *self);

	/* Sets the figures that are not counted as they change; may be NULL. */
	void (*measure)(void *self);

	/* SIGHUP; may be NULL. */
	void (*reload)(void *self);
};

/* Returns the exit status: 0 after a drain, 1 on a failed start, 2 on wrong
 * usage, DISK_STATUS if it can start once the disk has room. */
int daemon_main(const struct daemon *daemon, int argc, char **argv);

#endif
