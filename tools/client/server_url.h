/* SPDX-License-Identifier: MIT */
/* tools/client/server_url.h - where a server is, in the parts that its users
 * need.
 */
#ifndef PARLEY_TOOLS_CLIENT_SERVER_URL_H
#define PARLEY_TOOLS_CLIENT_SERVER_URL_H

#include <stdbool.h>

#define SERVER_URL_MAX 200 /* bytes */

struct server_url {
	/* http(s)://HOST[:PORT][/PATH], without the scheme's own port and
	 * without a slash at the end; the same for the same server. */
	char base[SERVER_URL_MAX + 1];
	char host[SERVER_URL_MAX + 1]; /* as in the field Host */
	char path[SERVER_URL_MAX + 1]; /* "" or "/PATH" */
};

/* Reads http://, https://, ws:// or wss://. NULL, or a few words on what is
 * wrong with it; then *url is of no use. */
const char *server_url_parse(struct server_url *url, const char *text);

#endif
