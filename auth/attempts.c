/* SPDX-License-Identifier: MIT */
/* auth/attempts.c - failures within a sliding window.
 *
 * The clock of the wall may be set back: a failure from the future counts for
 * nothing and is swept.
 */
#include "auth/attempts.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <stdlib.h>

#define NETWORK_BYTES 8 /* an IPv6 client has a /64 to itself */

/* Names and addresses are not kept, and keys are all of one size. Without the
 * hash nothing can be counted, nor any token be checked. */
static void
make_key(struct attempt_key *key, const char *kind, const void *bytes, size_t n)
{
	EVP_MD_CTX *hash = EVP_MD_CTX_new();

	if (hash == NULL || !EVP_DigestInit_ex(hash, EVP_sha256(), NULL) ||
	    !EVP_DigestUpdate(hash, kind, strlen(kind) + 1) ||
	    !EVP_DigestUpdate(hash, bytes, n) ||
	    !EVP_DigestFinal_ex(hash, key->bytes, NULL))
		abort();
	EVP_MD_CTX_free(hash);
}

void
attempts_key_account(struct attempt_key *key, const char *kind,
		     struct slice name)
{
	make_key(key, kind, name.at, name.n);
}

void
attempts_key_address(struct attempt_key *key, struct slice address)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr six;
	struct in_addr four;

	if (address.n < sizeof text) {
		memcpy(text, address.at, address.n);
		text[address.n] = '\0';
		if (inet_pton(AF_INET, text, &four) == 1) {
			make_key(key, "ipv4", &four, sizeof four);
			return;
		}
		if (inet_pton(AF_INET6, text, &six) == 1) {
			if (IN6_IS_ADDR_V4MAPPED(&six))
				make_key(key, "ipv4", six.s6_addr + 12, 4);
			else
				make_key(key, "ipv6", &six, NETWORK_BYTES);
			return;
		}
	}
	make_key(key, "address", address.at, address.n);
}

void
attempts_key_joiner(struct attempt_key *key, struct slice address)
{
	attempts_key_address(key, address);
	make_key(key, "joiner", key->bytes, sizeof key->bytes);
}

static struct slice
slice_of_key(const struct attempt_key *key)
{
	return (struct slice){ (const char *)key->bytes, sizeof key->bytes };
}

/* When the `limit`th newest failure leaves the window, there are fewer. */
static uint64_t
wait_ms(struct database *db, const struct attempt_key *key, uint64_t limit,
	uint64_t window_ms, uint64_t now_ms)
{
	uint64_t since = now_ms > window_ms ? now_ms - window_ms : 0;
	uint64_t wait = 0;
	sqlite3_stmt *q =
	    database_ask(db, ASK_failure_nth, "biii", slice_of_key(key), since,
			 now_ms, limit - 1);

	if (database_row(db, q))
		wait = database_number(q, 0) + window_ms - now_ms;
	database_end(q);
	return wait;
}

uint64_t
attempts_wait_s(struct database *db, const struct attempt_key *account,
		const struct attempt_key *address, uint64_t now_ms)
{
	uint64_t one = wait_ms(db, account, ATTEMPTS_PER_ACCOUNT,
			       ATTEMPTS_WINDOW_MS, now_ms);
	uint64_t other = wait_ms(db, address, ATTEMPTS_PER_ADDRESS,
				 ATTEMPTS_WINDOW_MS, now_ms);

	return ((one > other ? one : other) + 999) / 1000;
}

uint64_t
attempts_join_wait_s(struct database *db, const struct attempt_key *joiner,
		     uint64_t now_ms)
{
	return (wait_ms(db, joiner, ATTEMPTS_JOIN_PER_ADDRESS,
			ATTEMPTS_JOIN_WINDOW_MS, now_ms) +
		999) /
	       1000;
}

void
attempts_add(struct database *db, const struct attempt_key *key,
	     uint64_t now_ms)
{
	database_run(db, ASK_failure_add, "bi", slice_of_key(key), now_ms);
}

void
attempts_clear(struct database *db, const struct attempt_key *account)
{
	database_run(db, ASK_failure_clear, "b", slice_of_key(account));
}

void
attempts_sweep(struct database *db, uint64_t now_ms)
{
	uint64_t before =
	    now_ms > ATTEMPTS_WINDOW_MS ? now_ms - ATTEMPTS_WINDOW_MS : 0;

	database_run(db, ASK_failure_sweep, "ii", before,
		     now_ms + ATTEMPTS_WINDOW_MS);
}
