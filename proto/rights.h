/* SPDX-License-Identifier: MIT */
/* proto/rights.h - requests that name no user act with the rights of
 * administration: they are taken from tools, and from daemons that have judged
 * them, but from no gateway.
 */
#ifndef PARLEY_PROTO_RIGHTS_H
#define PARLEY_PROTO_RIGHTS_H

#include "proto/bus.h"

/* Whether the frame is one of those that a user or administration may send, and
 * names no user. */
bool rights_are_all(const struct frame *frame);

/* Whether a gateway takes rights that it has not; then refused. */
bool rights_refuse(struct peer *from, const struct frame *frame);

#endif
