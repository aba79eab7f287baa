/* SPDX-License-Identifier: MIT */
/* tools/parley/people.h - the names behind ids: from messages, or asked of the
 * server in a thread.
 */
#ifndef PARLEY_TOOLS_PARLEY_PEOPLE_H
#define PARLEY_TOOLS_PARLEY_PEOPLE_H

#include "proto/workers.h"
#include "tools/parley/account.h"

struct person;

struct people {
	struct person *known; /* by id */
	struct workers *workers;
	const struct account *account;
	void (*on_named)(void *self);
	void *self;
	bool is_asking;
};

/* `on_named` hears that names have come. 0, or -1 with errno. */
int people_init(struct people *people, struct loop *loop,
		const struct account *account, void (*on_named)(void *self),
		void *self);
void people_fini(struct people *people);

/* Somebody's name is this: as it came from the server. */
void people_learn(struct people *people, const char *id, const char *name);

/* The name, safe to show; "?" until it is known, which is asked for. */
const char *people_name(struct people *people, const char *id);

/* Asks for the names that people_name() did not know, if nobody does yet. */
void people_ask(struct people *people);

#endif
