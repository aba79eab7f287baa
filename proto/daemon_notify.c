/* SPDX-License-Identifier: MIT */
/* proto/daemon_notify.c - what a daemon tells its service manager: that it is
 * ready, which daemons it waits for, that its loop turns, that it stops.
 *
 * The sign of life is a timer of the loop: a daemon that hangs in a handler
 * gives none.
 */
#include "proto/daemon_internal.h"

#define LOOK_MS 1000 /* between two looks at who is there */

static bool
is_missing(const struct process *p, enum party kind)
{
	struct peer *peer = NULL;

	while ((peer = bus_each(p->runtime.bus, kind, peer)) != NULL)
		if (peer_is_up(peer))
			return false;
	return true;
}

static unsigned
find_missing(const struct process *p)
{
	unsigned missing = 0;

	for (size_t i = 0; i < KINDS; i++)
		if ((p->daemon->connects & daemon_kinds[i]) != 0 &&
		    is_missing(p, daemon_kinds[i]))
			missing |= daemon_kinds[i];
	return missing;
}

/* "running", or "running, waits for router store". */
static void
tell_status(const struct process *p, unsigned missing)
{
	char text[128];
	size_t n = (size_t)snprintf(text, sizeof text, "STATUS=running%s",
				    missing != 0 ? ", waits for" : "");

	for (size_t i = 0; i < KINDS && n < sizeof text; i++)
		if ((missing & daemon_kinds[i]) != 0)
			n += (size_t)snprintf(text + n, sizeof text - n, " %s",
					      party_name(daemon_kinds[i]));
	notify_send(&p->notify, text);
}

static uint64_t
pause_ms(const struct process *p)
{
	uint64_t half_ms = p->notify.watchdog_ms / 2;

	if (p->notify.watchdog_ms == 0 || half_ms > LOOK_MS)
		return LOOK_MS;
	return half_ms > 0 ? half_ms : 1;
}

static void
on_look(void *self)
{
	struct process *p = self;
	unsigned missing = find_missing(p);

	if (p->notify.watchdog_ms > 0)
		notify_send(&p->notify, "WATCHDOG=1");
	if (!p->draining && missing != p->told_missing)
		tell_status(p, missing);
	p->told_missing = missing;
	if (loop_timer_set(p->runtime.loop, &p->look, pause_ms(p)) != 0)
		log_warn("no_memory", KT("for", "timer"));
}

void
daemon_notify_ready(struct process *p)
{
	if (p->notify.fd < 0)
		return;
	p->told_missing = find_missing(p);
	tell_status(p, p->told_missing);
	notify_send(&p->notify, "READY=1");
	p->look.on_due = on_look;
	p->look.self = p;
	on_look(p);
}

void
daemon_notify_stopping(struct process *p)
{
	notify_send(&p->notify, "STOPPING=1\nSTATUS=draining");
}
