/* SPDX-License-Identifier: MIT */
/* tools/parley/account.h - who is logged in where: one file for each server in
 * $XDG_STATE_HOME/parley, readable by its owner alone.
 */
#ifndef PARLEY_TOOLS_PARLEY_ACCOUNT_H
#define PARLEY_TOOLS_PARLEY_ACCOUNT_H

#include "tools/client/server_url.h"
#include "tools/parley/usage.h"

#include <jansson.h>
#include <stdint.h>

struct account {
	struct server_url server;
	const char *cacert;  /* from the options, or NULL */
	char *token;         /* the JWT; or what PARLEY_TOKEN says */
	int64_t expires_at;  /* seconds since 1970; 0: unknown */
	char *session_token; /* NULL with PARLEY_TOKEN */
	char *user_id;       /* NULL with PARLEY_TOKEN */
	char *username;
};

/* Reads which server is meant into account->server and `cacert`: the option,
 * else the one of the last log-in, else the one of this machine. 0, or the exit
 * status after a word on stderr. */
int account_server(struct account *account, const struct options *options);

/* As account_server(), and who is logged in there: STATUS_REFUSED if nobody
 * is. PARLEY_TOKEN counts before what is kept. */
int account_load(struct account *account, const struct options *options);

/* Reads who is logged in at `server` into `found`, to be cleared by
 * account_fini() in any case. False if nobody is. */
bool account_find(const struct server_url *server, struct account *found);

/* Keeps the account, and its server for next time. 0, or STATUS_FAILED after a
 * word on stderr. */
int account_save(const struct account *account);

/* Forgets what is kept of its server. */
void account_forget(const struct account *account);

/* Fills in what a log-in or a refresh answered. False if something is missing
 * or there is no memory. */
bool account_take(struct account *account, const json_t *answer);

/* Clears the tokens and frees all. */
void account_fini(struct account *account);

#endif
