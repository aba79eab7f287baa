/* SPDX-License-Identifier: MIT */
/* presence/claims.c - the claims of all rooms in one hash, by room and folded
 * name, and those of each claimant in a short list.
 */
#include "presence/claims.h"

#include "proto/hash.h"
#include "proto/names.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct claim_key {
	struct uuid room;
	char name[NAME_KEY_BYTES];
};

struct claim {
	struct claimant *claimant;
	uint64_t since_ms;         /* unix time */
	struct slice name;         /* as it was written */
	struct claim *prev, *next; /* of the claimant */
	UT_hash_handle hh;
	size_t key_bytes;
	char key[]; /* the used part of a struct claim_key */
};

struct claims {
	struct claim *all;
};

struct claims *
claims_new(void)
{
	return calloc(1, sizeof(struct claims));
}

void
claims_free(struct claims **claims)
{
	if (*claims == NULL)
		return;
	assert((*claims)->all == NULL);
	free(*claims);
	*claims = NULL;
}

/* Returns the bytes of the key that are used; 0 if `name` is no name. */
static size_t
make_key(struct claim_key *key, const struct uuid *room, struct slice name)
{
	key->room = *room;
	if (!name_key(name, key->name))
		return 0;
	return offsetof(struct claim_key, name) + strlen(key->name);
}

static struct claim *
find_claim(const struct claims *claims, const struct claim_key *key, size_t n)
{
	struct claim *claim;

	HASH_FIND(hh, claims->all, key, n, claim);
	return claim;
}

/* What the claimant has in a room, or NULL. */
static struct claim *
find_own(const struct claimant *claimant, const struct uuid *room)
{
	struct claim *claim;

	DL_FOREACH (claimant->first, claim)
		if (memcmp(claim->key, room, sizeof(*room)) == 0)
			break;
	return claim;
}

static int
set_name(struct claim *claim, struct slice name)
{
	char *copy;

	if (claim->name.at != NULL && slice_equal(claim->name, name))
		return 0;
	copy = malloc(name.n);
	if (copy == NULL)
		return -1;
	memcpy(copy, name.at, name.n);
	free((char *)claim->name.at);
	claim->name.at = copy;
	claim->name.n = name.n;
	return 0;
}

static void
free_claim(struct claim *claim)
{
	free((char *)claim->name.at);
	free(claim);
}

static void
attach(struct claim *claim, struct claimant *claimant)
{
	claim->claimant = claimant;
	DL_APPEND(claimant->first, claim);
	claimant->count++;
}

static void
detach(struct claim *claim)
{
	DL_DELETE(claim->claimant->first, claim);
	claim->claimant->count--;
}

static struct claim *
add_claim(struct claims *claims, const struct claim_key *key, size_t n,
	  struct slice name)
{
	struct claim *claim = calloc(1, sizeof(*claim) + n);

	if (claim == NULL)
		return NULL;
	memcpy(claim->key, key, n);
	claim->key_bytes = n;
	if (set_name(claim, name) == 0) {
		HASH_ADD_KEYPTR(hh, claims->all, claim->key, n, claim);
		if (claim->hh.tbl != NULL)
			return claim;
	}
	free_claim(claim);
	errno = ENOMEM;
	return NULL;
}

static void
remove_claim(struct claims *claims, struct claim *claim)
{
	detach(claim);
	HASH_DELETE(hh, claims->all, claim);
	free_claim(claim);
}

/* A guest whose gateway was lost only for a moment comes again as another
 * claimant. */
static bool
is_of_same_guest(const struct claim *claim, const struct claimant *claimant)
{
	return claim->claimant == claimant ||
	       (claim->claimant->is_held &&
		claim->claimant->person == claimant->person);
}

/* Whether a claim gives way to one of `claimant` that began at `since_ms` (0:
 * that begins now). Both gateways must come to the same end, whoever of them
 * tells first: hence the ids where the times do not decide. */
static bool
yields(const struct claim *claim, const struct claimant *claimant,
       uint64_t since_ms)
{
	if (claim->claimant->is_held || claim->claimant == claimant)
		return true;
	if (since_ms == 0 || since_ms > claim->since_ms)
		return false;
	return since_ms < claim->since_ms ||
	       uuid_compare(&claimant->person->user,
			    &claim->claimant->person->user) < 0;
}

static struct claim *
claim_free_name(struct claims *claims, struct claimant *claimant,
		const struct claim_key *key, size_t n,
		const struct frame_bind *wish)
{
	struct claim *claim = add_claim(claims, key, n, wish->name);

	if (claim == NULL)
		return NULL;
	claim->since_ms = wish->since;
	attach(claim, claimant);
	return claim;
}

static int
take_over(struct claim *claim, struct claimant *claimant,
	  const struct frame_bind *wish, struct claimant **loser)
{
	if (set_name(claim, wish->name) != 0)
		return -1;
	if (!is_of_same_guest(claim, claimant)) {
		*loser = claim->claimant;
		claim->since_ms = wish->since;
	} else if (wish->since < claim->since_ms) {
		claim->since_ms = wish->since;
	}
	detach(claim);
	attach(claim, claimant);
	return 0;
}

enum claims_verdict
claims_bind(struct claims *claims, struct claimant *claimant,
	    const struct frame_bind *wish, uint64_t unix_ms,
	    struct claimant **loser)
{
	struct claim *own = find_own(claimant, &wish->room);
	struct frame_bind dated = *wish;
	struct claim_key key;
	struct claim *claim;
	size_t n = make_key(&key, &wish->room, wish->name);

	*loser = NULL;
	if (n == 0)
		return CLAIMS_INVALID;
	claim = find_claim(claims, &key, n);
	if (claim != NULL && !yields(claim, claimant, wish->since))
		return CLAIMS_TAKEN;
	if (own == NULL && claimant->count >= CLAIMS_PER_CLAIMANT)
		return CLAIMS_TOO_MANY;
	if (wish->since == 0)
		dated.since = unix_ms;
	if (claim == NULL)
		claim = claim_free_name(claims, claimant, &key, n, &dated);
	else if (take_over(claim, claimant, &dated, loser) != 0)
		claim = NULL;
	if (claim == NULL)
		return CLAIMS_NO_MEMORY;
	if (own != NULL && own != claim)
		remove_claim(claims, own);
	return CLAIMS_GRANTED;
}

void
claims_release(struct claims *claims, struct claimant *claimant,
	       const struct uuid *room)
{
	struct claim *own = find_own(claimant, room);

	if (own != NULL)
		remove_claim(claims, own);
}

void
claims_release_all(struct claims *claims, struct claimant *claimant)
{
	while (claimant->first != NULL)
		remove_claim(claims, claimant->first);
}

void
claims_pass(struct claimant *from, struct claimant *to)
{
	struct claim *claim;

	while ((claim = from->first) != NULL) {
		detach(claim);
		attach(claim, to);
	}
}

bool
claims_find(const struct claims *claims, const struct uuid *room,
	    struct slice name, struct frame_person *who)
{
	const struct claim *claim;
	struct claim_key key;
	size_t n = make_key(&key, room, name);

	claim = n == 0 ? NULL : find_claim(claims, &key, n);
	if (claim == NULL)
		return false;
	*who = (struct frame_person){
		.user = claim->claimant->person->user,
		.user_number = claim->claimant->person->number,
		.user_name = claim->name,
		.visit = true,
	};
	return true;
}

size_t
claims_count(const struct claims *claims)
{
	return HASH_COUNT(claims->all);
}
