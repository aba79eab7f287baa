/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/guard.h - a replay writes: it is not for a daemon that
 * somebody uses.
 */
#ifndef PARLEY_TOOLS_TAP_GUARD_H
#define PARLEY_TOOLS_TAP_GUARD_H

#include "tools/parley-tap/settings.h"

/* Whether a daemon of this kind serves no gateway and has nothing to lose.
 * Otherwise, or if it does not say so, false after a line on stderr. */
bool guard_allows(const struct settings *settings, enum party kind);

#endif
