/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/protocols/raw.c - servers whose room is the path: what is
 * said goes to everybody in it as it is.
 */
#include "tools/parley-bench/protocols.h"

/* Such as nchan's word on how many have heard a post. */
static void
pass_over(struct conn *conn, struct slice message)
{
	(void)conn;
	(void)message;
}

const struct protocol protocol_raw = {
	.name = "raw",
	.summary = "text frames, the path is the room: floor, ws, uWebSockets,"
		   " nchan",
	.path = "/%r",
	.opcode = WIRE_OP_TEXT,
	.opened = conn_ready,
	.heard = pass_over,
	.post = conn_send,
};
