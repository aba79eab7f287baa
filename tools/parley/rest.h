/* SPDX-License-Identifier: MIT */
/* tools/parley/rest.h - one question to the server's REST interface. */
#ifndef PARLEY_TOOLS_PARLEY_REST_H
#define PARLEY_TOOLS_PARLEY_REST_H

#include "tools/parley/account.h"

#include <jansson.h>

struct rest_answer {
	long status;  /* of HTTP */
	json_t *body; /* NULL if there was none */
};

#define REST_WHY_BYTES 256

/* As rest_ask(), and says in `why` instead of on stderr why there was no
 * answer: for threads, and for those whose screen is taken. 0 or -1. */
int rest_try(const struct account *account, const char *method,
	     const char *path, const char *token, json_t *body,
	     struct rest_answer *answer, char why[REST_WHY_BYTES]);

/* Asks and waits for the answer; `body` may be NULL, `token` too. Takes `body`.
 * 0, or STATUS_FAILED after a word on stderr if there was no answer. */
int rest_ask(const struct account *account, const char *method,
	     const char *path, const char *token, json_t *body,
	     struct rest_answer *answer);

/* As rest_ask() with the account's token, renewed before it expires (then the
 * account is kept anew). What is no 2xx is told on stderr too: STATUS_REFUSED
 * for 4xx. */
int rest_ask_as(struct account *account, const char *method, const char *path,
		json_t *body, struct rest_answer *answer);

/* Renews the account's token unless it is good for a minute more. 0, or the
 * exit status after a word on stderr. */
int rest_renew(struct account *account);

/* Says on stderr what the server refused. Returns the exit status. */
int rest_refused(const struct account *account,
		 const struct rest_answer *answer);

void rest_fini(struct rest_answer *answer);

#endif
