/* SPDX-License-Identifier: MIT */
/* presence/presence.h - what the presence daemon owns, as main.c and what tells
 * others of it know it. The parts know nothing of it.
 */
#ifndef PARLEY_PRESENCE_PRESENCE_H
#define PARLEY_PRESENCE_PRESENCE_H

#include "proto/bus.h"
#include "proto/loop.h"
#include "proto/metrics.h"
#include "proto/quiet.h"

#include "presence/claims.h"
#include "presence/connections.h"
#include "presence/grace.h"
#include "presence/people.h"
#include "presence/rooms.h"
#include "presence/typing.h"

struct presence_figures {
#include "proto/metrics_fields.h"

#include "presence/metrics.def"
};

struct presence {
	struct loop *loop;
	struct bus *bus;
	uint64_t epoch;
	uint64_t quiet_until_ms; /* 0: it is over */
	struct people people;
	struct rooms *rooms;
	struct claims *claims;
	struct grace *grace;
	struct typing *typing;
	struct connections *connections;
	struct loop_timer timer;
	struct quiet comings; /* and goings: over if hardly anybody does */
	struct presence_figures figures;
};

#endif
