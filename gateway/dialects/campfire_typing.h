/* SPDX-License-Identifier: MIT */
/* gateway/dialects/campfire_typing.h - who says that they type, and that they
 * no longer do.
 */
#ifndef PARLEY_GATEWAY_DIALECTS_CAMPFIRE_TYPING_H
#define PARLEY_GATEWAY_DIALECTS_CAMPFIRE_TYPING_H

#include "gateway/dialects/campfire_request.h"

void campfire_start_typing(const struct campfire_request *request);
void campfire_stop_typing(const struct campfire_request *request);

/* The client's rooms are known: tells what was typed before they were. */
void campfire_typing_ready(struct client *client);

#endif
