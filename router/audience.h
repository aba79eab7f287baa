/* SPDX-License-Identifier: MIT */
/* router/audience.h - which gateways hear what: a set of peers for each id.
 *
 * The ids are rooms, or users. Soft state: the gateways tell all of it again
 * when a link begins anew.
 */
#ifndef PARLEY_ROUTER_AUDIENCE_H
#define PARLEY_ROUTER_AUDIENCE_H

#include "proto/bus.h"
#include "proto/table.h"

#include <stddef.h>

struct audience {
	struct table entries;
};

/* Makes it empty. */
void audience_init(struct audience *audience);

/* Adds a listener; harmless when repeated. 0, or -1 with errno ENOMEM. */
int audience_add(struct audience *audience, const struct uuid *id,
		 struct peer *listener);

void audience_remove(struct audience *audience, const struct uuid *id,
		     const struct peer *listener);

/* Removes a listener from all ids. */
void audience_forget(struct audience *audience, const struct peer *listener);

/* Those who listen; *n is 0 if nobody does. Valid until the next change. */
struct peer *const *audience_of(const struct audience *audience,
				const struct uuid *id, size_t *n);

/* How many ids somebody listens to. */
size_t audience_count(const struct audience *audience);

void audience_fini(struct audience *audience);

#endif
