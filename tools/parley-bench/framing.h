/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/framing.h - reads WebSocket frames (RFC 6455 5) as cheaply
 * as a load generator needs to: it shares the machine with what it measures.
 *
 * What a server sends is trusted to be well-formed as far as counting goes: a
 * frame that cannot be walked over ends the connection, but texts are not
 * checked to be UTF-8 and fragments are told one by one.
 */
#ifndef PARLEY_TOOLS_BENCH_FRAMING_H
#define PARLEY_TOOLS_BENCH_FRAMING_H

#include "proto/slice.h"
#include "tools/client/wire.h"

#include <stdbool.h>

/* Takes a whole frame from the front of `in`. False, and nothing taken, if it
 * is not all there; `*is_broken` if it never will be. */
bool framing_take(struct slice *in, enum wire_opcode *opcode,
		  struct slice *payload, bool *is_broken);

#endif
