/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/protocols.h - the protocols that there are, for the table
 * in protocols.c alone.
 */
#ifndef PARLEY_TOOLS_BENCH_PROTOCOLS_H
#define PARLEY_TOOLS_BENCH_PROTOCOLS_H

#include "tools/parley-bench/protocol.h"

extern const struct protocol protocol_campfire;
extern const struct protocol protocol_raw;
extern const struct protocol protocol_mqtt;
extern const struct protocol protocol_nats;
extern const struct protocol protocol_socketio;
extern const struct protocol protocol_xmpp;

#endif
