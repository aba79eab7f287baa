/* SPDX-License-Identifier: MIT */
/* gateway/listener.h - the addresses at which clients come in.
 */
#ifndef PARLEY_GATEWAY_LISTENER_H
#define PARLEY_GATEWAY_LISTENER_H

#include "gateway/gateway.h"

struct dialect;

/* Binds all of `addresses` (`ADDR:PORT[=DIALECT]`, separated by spaces) and
 * writes what was bound to NAME.listen in the run folder. 0, or -1 after a log
 * line. */
int listeners_open(struct gateway *gateway, const char *addresses);

/* Called every second: those that could accept nobody for want of memory or
 * descriptors try again. */
void listeners_sweep(struct gateway *gateway);

/* Accepts nobody any more. Connections may still ask for their listener. */
void listeners_close(struct gateway *gateway);

/* The last thing, when no connection is left. */
void listeners_free(struct gateway *gateway);

/* The dialect that its address carries, or NULL. */
const struct dialect *listener_dialect(const struct listener *listener);

#endif
