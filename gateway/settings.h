/* SPDX-License-Identifier: MIT */
/* gateway/settings.h - what the operator set, checked.
 */
#ifndef PARLEY_GATEWAY_SETTINGS_H
#define PARLEY_GATEWAY_SETTINGS_H

#include "gateway/gateway.h"

/* Reads gateway->options. 0, or -1 after a log line that names the setting. */
int settings_read(struct gateway *gateway);

#endif
