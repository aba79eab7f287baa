/* SPDX-License-Identifier: MIT */
/* auth/attempts.h - how often passwords and join keys were tried in vain, so
 * that guessing takes for ever.
 *
 * Failed log-ins are counted on an account, known or not, and on the client's
 * address (its /64 for IPv6); failed joins of sealed rooms on the address
 * alone, and by themselves. They are rows of auth.db: no restart forgets them.
 */
#ifndef PARLEY_AUTH_ATTEMPTS_H
#define PARLEY_AUTH_ATTEMPTS_H

#include "auth/database.h"

#define ATTEMPTS_WINDOW_MS   (5 * 60 * 1000)
#define ATTEMPTS_PER_ACCOUNT 10
#define ATTEMPTS_PER_ADDRESS 100

/* Of joins; this window must not be the longer one. */
#define ATTEMPTS_JOIN_WINDOW_MS   (60 * 1000)
#define ATTEMPTS_JOIN_PER_ADDRESS 10

struct attempt_key {
	uint8_t bytes[32];
};

/* The key of an account: `kind` tells what `name` is. */
void attempts_key_account(struct attempt_key *key, const char *kind,
			  struct slice name);

/* The key of an address as it is written; what is no IP address counts as it
 * stands. */
void attempts_key_address(struct attempt_key *key, struct slice address);

/* The key of the same address as one that joins sealed rooms. */
void attempts_key_joiner(struct attempt_key *key, struct slice address);

/* Seconds until another log-in is admitted, or another join; 0: now. */
uint64_t attempts_wait_s(struct database *db, const struct attempt_key *account,
			 const struct attempt_key *address, uint64_t now_ms);
uint64_t attempts_join_wait_s(struct database *db,
			      const struct attempt_key *joiner,
			      uint64_t now_ms);

/* Each within the caller's transaction. */
void attempts_add(struct database *db, const struct attempt_key *key,
		  uint64_t now_ms);
void attempts_clear(struct database *db, const struct attempt_key *account);
void attempts_sweep(struct database *db, uint64_t now_ms);

#endif
