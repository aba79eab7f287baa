/* SPDX-License-Identifier: MIT */
/* tools/client/stop.h - SIGINT and SIGTERM end a tool at the next chance, with
 * what was begun complete or cleared away.
 */
#ifndef PARLEY_TOOLS_CLIENT_STOP_H
#define PARLEY_TOOLS_CLIENT_STOP_H

#include <stdbool.h>

void stop_on_signals(void);
bool stop_wanted(void);

#endif
