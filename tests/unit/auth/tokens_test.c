/* SPDX-License-Identifier: MIT */
/* tests/unit/auth/tokens_test.c - whom tokens name, and until when. */
#include "auth/tokens.h"

#include "tests/unit/check.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <unistd.h>

#define NOW    1700000000000ull
#define SECRET "an-application-secret-of-32-bytes"
#define ANN    "0190a000-0000-7000-8000-00000000000a"
#define BOB    "0190a000-0000-7000-8000-00000000000b"

static char folder[64] = "/tmp/parley-tokens-XXXXXX";
static char path[128];
static struct database *db;
static struct secrets *secrets;
static struct identities found;

/* A token of an embedding application that is good for an hour. */
static const char *
foreign(const char *claims)
{
	static char token[2048];
	char payload[512];
	uint8_t mac[32];
	unsigned mac_n;
	size_t n;

	snprintf(payload, sizeof payload, "{\"exp\":%llu,%s}",
		 NOW / 1000 + 3600, claims);
	base64url_encode("{\"alg\":\"HS256\"}", 15, token);
	strcat(token, ".");
	base64url_encode(payload, strlen(payload), token + strlen(token));
	n = strlen(token);
	HMAC(EVP_sha256(), SECRET, (int)strlen(SECRET), (uint8_t *)token, n,
	     mac, &mac_n);
	token[n] = '.';
	base64url_encode(mac, 32, token + n + 1);
	return token;
}

static enum tokens_result
verify_at(const char *bearer, const char *query, const char *cookie,
	  uint64_t now_ms)
{
	const struct slice shown[TOKENS_MAX] = { slice_of(bearer),
						 slice_of(query),
						 slice_of(cookie) };

	enum tokens_result result = TOKENS_MUST_WRITE;

	for (int writes = 0; writes <= 1 && result == TOKENS_MUST_WRITE;
	     writes++) {
		CHECK(database_begin(db, writes));
		result =
		    tokens_identify(db, secrets, shown, now_ms, writes, &found);
		if (result != TOKENS_GOOD)
			database_rollback(db);
		else
			CHECK(database_commit(db));
	}
	return result;
}

static enum tokens_result
verify(const char *token)
{
	return verify_at(token, NULL, NULL, NOW);
}

static struct session
open_session(uint64_t user, char token[SESSION_TOKEN_BYTES])
{
	struct session session = { 0 };

	database_begin(db, true);
	CHECK(sessions_add(db, user, NOW, &session, token));
	CHECK(database_commit(db));
	return session;
}

static void
a_user_never_seen_is_added(void)
{
	CHECK_INT(verify(foreign("\"sub\":\"" ANN
				 "\",\"user_id\":42,\"username\":\"ann\"")),
		  TOKENS_GOOD);
	CHECK_INT(found.each[0].user.number, 42);
	CHECK_STR(found.each[0].user.name, "ann");
	CHECK(found.each[0].is_foreign);
	CHECK(sessions_is_foreign(&found.each[0].session));
	CHECK_INT(found.each[0].expires_at_ms, NOW + 3600000);
	/* what is missing is made */
	CHECK_INT(verify(foreign("\"user_id\":43,\"username\":\"bea\"")),
		  TOKENS_GOOD);
	CHECK(!uuid_is_nil(&found.each[0].user.id));
	CHECK_INT(verify(foreign("\"sub\":\"" BOB "\"")), TOKENS_GOOD);
	CHECK_INT(found.each[0].user.number, 1);
	CHECK_STR(found.each[0].user.name, "user-1");
}

static void
a_user_is_known_by_either(void)
{
	CHECK_INT(verify(foreign("\"user_id\":42")), TOKENS_GOOD);
	CHECK_STR(found.each[0].user.name, "ann");
	CHECK_INT(verify(foreign("\"sub\":\"" ANN "\"")), TOKENS_GOOD);
	CHECK_INT(found.each[0].user.number, 42);
}

static void
id_and_number_must_belong_together(void)
{
	static const char *const bad[] = {
		"\"sub\":\"" ANN "\",\"user_id\":43",
		"\"sub\":\"" ANN "\",\"user_id\":99",
		"\"sub\":\"0190a000-0000-7000-8000-0000000000ff\","
		"\"user_id\":42",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK_INT(verify(foreign(bad[i])), TOKENS_REFUSED);
}

static void
a_new_name_renames_if_it_is_free(void)
{
	CHECK_INT(verify(foreign("\"user_id\":42,\"username\":\"bea\"")),
		  TOKENS_REFUSED);
	CHECK_INT(verify(foreign("\"user_id\":77,\"username\":\"Bea\"")),
		  TOKENS_REFUSED);
	CHECK_INT(verify(foreign("\"user_id\":42,\"username\":\"anna\"")),
		  TOKENS_GOOD);
	CHECK_INT(verify(foreign("\"user_id\":42")), TOKENS_GOOD);
	CHECK_STR(found.each[0].user.name, "anna");
}

/* A JWT of that user and session; for how many seconds it is good. */
static uint64_t
issue(uint64_t number, const struct session *session, uint64_t now_ms,
      char jwt[TOKEN_BYTES])
{
	struct user user;
	uint64_t expires_in_s = 0;

	CHECK(users_find_number(db, number, &user));
	CHECK(tokens_issue(secrets, &user, &session->id, session->expires_at_ms,
			   now_ms, jwt, &expires_in_s));
	return expires_in_s;
}

static void
a_session_has_two_kinds_of_token(void)
{
	char opaque[SESSION_TOKEN_BYTES], jwt[TOKEN_BYTES];
	struct session session = open_session(42, opaque);

	CHECK_INT(issue(42, &session, NOW, jwt), 3600);
	CHECK_INT(verify_at(jwt, NULL, opaque, NOW), TOKENS_GOOD);
	CHECK_INT(found.n, 2);
	CHECK(uuid_equal(&found.each[0].session, &session.id));
	CHECK(uuid_equal(&found.each[1].session, &session.id));
	CHECK_INT(found.each[0].expires_at_ms, NOW + 3600000);
	CHECK_INT(found.each[1].expires_at_ms, session.expires_at_ms);
	CHECK_INT(verify_at(opaque, NULL, NULL, session.expires_at_ms),
		  TOKENS_REFUSED);
	opaque[3] ^= 1;
	CHECK_INT(verify(opaque), TOKENS_REFUSED);
	database_begin(db, true);
	sessions_end(db, &session.id);
	CHECK(database_commit(db));
	CHECK_INT(verify(jwt), TOKENS_REFUSED);
	CHECK(!sessions_is_valid(db, &session.id, NOW));
}

static void
a_jwt_ends_with_its_session(void)
{
	char opaque[SESSION_TOKEN_BYTES], jwt[TOKEN_BYTES];
	struct session session = open_session(42, opaque);

	CHECK_INT(issue(42, &session, session.expires_at_ms - 60000, jwt), 60);
	CHECK_INT(verify_at(jwt, NULL, NULL, session.expires_at_ms),
		  TOKENS_REFUSED);
}

static void
a_session_of_another_user_is_refused(void)
{
	char opaque[SESSION_TOKEN_BYTES], jwt[TOKEN_BYTES];
	struct session session = open_session(42, opaque);

	issue(43, &session, NOW, jwt);
	CHECK_INT(verify(jwt), TOKENS_REFUSED);
}

static void
all_places_must_name_one_user(void)
{
	char opaque[SESSION_TOKEN_BYTES];

	open_session(43, opaque);
	CHECK_INT(verify_at(foreign("\"user_id\":42"), NULL, opaque, NOW),
		  TOKENS_REFUSED);
	CHECK_STR(found.why, "the tokens name two users");
	CHECK_INT(verify_at(foreign("\"user_id\":43"), opaque, opaque, NOW),
		  TOKENS_GOOD);
	CHECK_INT(verify_at(opaque, "nonsense", NULL, NOW), TOKENS_REFUSED);
	CHECK_INT(verify_at(NULL, NULL, NULL, NOW), TOKENS_REFUSED);
}

static void
a_refused_request_adds_nobody(void)
{
	struct user user;

	CHECK_INT(verify_at(foreign("\"user_id\":500,\"username\":\"new\""),
			    "nonsense", NULL, NOW),
		  TOKENS_REFUSED);
	CHECK(!users_find_number(db, 500, &user));
}

static void
a_foreign_token_can_be_revoked(void)
{
	struct uuid id;

	CHECK_INT(verify(foreign("\"user_id\":42,\"n\":1")), TOKENS_GOOD);
	id = found.each[0].session;
	CHECK(sessions_is_valid(db, &id, NOW));
	database_begin(db, true);
	sessions_revoke_foreign(db, &id, NOW + 3660000);
	CHECK(database_commit(db));
	CHECK(!sessions_is_valid(db, &id, NOW));
	CHECK_INT(verify(foreign("\"user_id\":42,\"n\":1")), TOKENS_REFUSED);
	CHECK_INT(verify(foreign("\"user_id\":42,\"n\":2")), TOKENS_GOOD);
	/* nothing is swept while the token could still be shown */
	database_begin(db, true);
	sessions_sweep(db, NOW + 3631000);
	CHECK(database_commit(db));
	CHECK(!sessions_is_valid(db, &id, NOW + 3631000));
}

static void
a_kept_session_has_one_token_and_ends_with_its_kind(void)
{
	char first[SESSION_TOKEN_BYTES], second[SESSION_TOKEN_BYTES];
	char login[SESSION_TOKEN_BYTES];
	struct session session, kept = { .expires_at_ms = NOW + 1000 };
	struct user user;

	CHECK(database_begin(db, true));
	CHECK(users_add(db, &(struct new_user){ .name = slice_of("keeper") },
			NOW, &user));
	uuid_make_v4(&kept.id);
	kept.user = user.number;
	CHECK(sessions_keep(db, &kept, SESSION_BOT, slice_of("a label"), NOW,
			    first));
	CHECK(sessions_keep(db, &kept, SESSION_BOT, slice_of("a label"), NOW,
			    second));
	CHECK(sessions_add(db, user.number, NOW, &session, login));
	CHECK(!sessions_find_token(db, slice_of(first), NOW, &session));
	CHECK_INT(sessions_end_all(db, user.number, SESSION_LOGIN, NOW), 1);
	CHECK(sessions_find_token(db, slice_of(second), NOW, &session));
	CHECK(!sessions_find_token(db, slice_of(login), NOW, &session));
	CHECK_INT(sessions_end_all(db, user.number, SESSION_BOT, NOW), 1);
	CHECK_INT(sessions_end_all(db, user.number, SESSION_BOT, NOW), 0);
	CHECK(database_commit(db));
}

int
main(void)
{
	const char *wrong;

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/auth.db", folder);
	db = database_open(path);
	secrets = secrets_parse(slice_of(SECRET), &wrong);
	if (db == NULL || secrets == NULL)
		return 1;
	RUN(a_user_never_seen_is_added);
	RUN(a_user_is_known_by_either);
	RUN(id_and_number_must_belong_together);
	RUN(a_new_name_renames_if_it_is_free);
	RUN(a_session_has_two_kinds_of_token);
	RUN(a_jwt_ends_with_its_session);
	RUN(a_session_of_another_user_is_refused);
	RUN(all_places_must_name_one_user);
	RUN(a_refused_request_adds_nobody);
	RUN(a_foreign_token_can_be_revoked);
	RUN(a_kept_session_has_one_token_and_ends_with_its_kind);
	secrets_free(&secrets);
	database_close(&db);
	unlink(path);
	rmdir(folder);
	return check_done();
}
