/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/named.h - who and which room a recording means by a name:
 * many frames have a name beside its id. So nobody has to be asked, who may
 * know another one by that name now.
 */
#ifndef PARLEY_TOOLS_TAP_NAMED_H
#define PARLEY_TOOLS_TAP_NAMED_H

#include "tools/parley-tap/recording_file.h"

enum named_what { NAMED_ROOM, NAMED_USER };

/* Looks through the whole recording, which then begins anew. 1: found; 0: it
 * has no such name, or cannot be read twice; -1 after a line on stderr: the
 * name fits several, or it cannot be read again. */
int named_find(struct recording *recording, enum named_what what,
	       const char *name, struct uuid *id);

#endif
