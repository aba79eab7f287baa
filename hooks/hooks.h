/* SPDX-License-Identifier: MIT */
/* hooks/hooks.h - what the daemon's files share: its state and its figures. */
#ifndef PARLEY_HOOKS_HOOKS_H
#define PARLEY_HOOKS_HOOKS_H

#include "hooks/event.h"
#include "hooks/sender.h"
#include "proto/addresses.h"
#include "proto/daemon.h"

struct hook;
struct room;

enum hook_state {
	STATE_idle,     /* nothing to deliver */
	STATE_waiting,  /* for its turn */
	STATE_busy,     /* reads or sends */
	STATE_retrying, /* failed, and is tried again later */
	STATE_paused,
	STATE_WORDS,
};
const char *STATE_word(size_t i);

struct hooks_figures {
#include "proto/metrics_fields.h"

#include "hooks/metrics.def"
};

/* Hooks that wait for their turn, and how many have it. */
struct lane {
	struct hook *waiting; /* doubly linked, the next one first */
	size_t busy;
};

struct hooks {
	struct bus *bus;
	struct loop *loop;
	struct {
		const char *allow;
		const char *ca;
		const char *timeout;
		const char *give_up;
	} options;
	struct addresses addresses;
	uint64_t give_up_ms;
	struct sender *sender;

	struct hook *by_id;
	struct room *rooms;
	struct room *to_subscribe; /* doubly linked */
	struct lane sound;         /* hooks whose last delivery was taken */
	struct lane failing;       /* the others: they get half of the turns */
	uint64_t reading;          /* which reading of all hooks this is */

	struct loop_timer sweep; /* what could not be asked is asked again */
	bool must_read_all;
	bool must_subscribe_all;
	bool is_draining;
	uint64_t drain_until_ms;
	struct hooks_figures count;
};

/* Something could not be asked, or was refused: it is tried again soon. */
void hooks_try_again(struct hooks *hooks);

#endif
