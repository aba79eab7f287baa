/* SPDX-License-Identifier: MIT */
#include "tools/parley-bench/protocols.h"

#include <stdio.h>

static const struct protocol *const protocols[] = {
	&protocol_campfire, &protocol_raw,  &protocol_mqtt, &protocol_nats,
	&protocol_socketio, &protocol_xmpp, NULL,
};

const struct protocol *
protocol_find(const char *name)
{
	for (size_t i = 0; protocols[i] != NULL; i++)
		if (strcmp(protocols[i]->name, name) == 0)
			return protocols[i];
	return NULL;
}

void
protocol_list(FILE *out)
{
	for (size_t i = 0; protocols[i] != NULL; i++)
		fprintf(out, "  %-12s %s\n", protocols[i]->name,
			protocols[i]->summary);
}
