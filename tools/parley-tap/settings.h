/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/settings.h - what the command line says.
 */
#ifndef PARLEY_TOOLS_TAP_SETTINGS_H
#define PARLEY_TOOLS_TAP_SETTINGS_H

#include "proto/options.h"
#include "tools/client/asker.h"
#include "tools/client/endpoints.h"

struct settings {
	const char *data;
	const char *run;
	const char *daemons;
	const char *room;
	const char *user;
	const char *pings;
	const char *count;
	const char *json;
	const char *text;
	const char *follow;
	const char *record;
	const char *read;
	const char *timeout;
	const char *speed;
	const char *compare;
	const char *force;
	const char *curve_dir;
	struct endpoints endpoints;
	unsigned timeout_ms; /* `timeout`, read */
	struct asker *asker; /* for whoever has to ask something */
};

/* Whether a switch was given. */
bool settings_is_on(const char *value);

/* "parley-tap: ..." on stderr, ended by a line break. Returns 1; the second
 * adds that --help helps, and returns 2: exit statuses. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
int wrong_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* parley-tap replay FILE DAEMON. Returns an exit status. */
int replay(const struct settings *settings, const char *file,
	   const char *daemon);

#endif
