/* SPDX-License-Identifier: MIT */
/* tests/unit/auth/jwt_test.c - which tokens are good, and which are not. */
#include "auth/jwt.h"

#include "proto/base64url.h"
#include "tests/unit/check.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#define NOW 1700000000ull

#define OLD_SECRET "an-old-secret-of-32-bytes-or-more"
#define NEW_SECRET "a-new-secret-of-32-bytes-or-more!"
#define USER       "0190a000-0000-7000-8000-000000000001"
#define HEADER     "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define WHO        "\"sub\":\"" USER "\",\"username\":\"ann\""

static struct secrets *
both_secrets(void)
{
	const char *wrong;

	return secrets_parse(slice_of(NEW_SECRET " " OLD_SECRET), &wrong);
}

/* Signs as anybody could who has the secret. */
static void
make_token(const char *header, const char *payload, const char *secret,
	   const EVP_MD *hash, char into[4096])
{
	uint8_t mac[EVP_MAX_MD_SIZE];
	unsigned mac_n = 0;
	size_t n;

	base64url_encode(header, strlen(header), into);
	strcat(into, ".");
	base64url_encode(payload, strlen(payload), into + strlen(into));
	n = strlen(into);
	HMAC(hash, secret, (int)strlen(secret), (uint8_t *)into, n, mac,
	     &mac_n);
	into[n] = '.';
	base64url_encode(mac, mac_n, into + n + 1);
}

static enum jwt_result
read_token(const char *token)
{
	struct secrets *secrets = both_secrets();
	struct jwt_claims claims;
	enum jwt_result result =
	    jwt_read(&claims, slice_of(token), secrets, NOW);

	secrets_free(&secrets);
	return result;
}

static enum jwt_result
read_made(const char *header, const char *payload)
{
	char token[4096];

	make_token(header, payload, NEW_SECRET, EVP_sha256(), token);
	return read_token(token);
}

static void
headers_are_pinned(void)
{
	static const struct {
		const char *header;
		enum jwt_result want;
	} cases[] = {
		{ HEADER, JWT_GOOD },
		{ "{\"alg\":\"HS256\"}", JWT_GOOD },
		{ "{\"alg\":\"HS256\",\"kid\":\"1\"}", JWT_GOOD },
		{ "{\"alg\":\"none\"}", JWT_WRONG_HEADER },
		{ "{\"alg\":\"HS512\"}", JWT_WRONG_HEADER },
		{ "{\"alg\":\"RS256\"}", JWT_WRONG_HEADER },
		{ "{\"alg\":\"hs256\"}", JWT_WRONG_HEADER },
		{ "{\"alg\":256}", JWT_WRONG_HEADER },
		{ "{}", JWT_WRONG_HEADER },
		{ "{\"alg\":\"HS256\",\"typ\":\"JWE\"}", JWT_WRONG_HEADER },
		{ "{\"alg\":\"HS256\",\"typ\":1}", JWT_WRONG_HEADER },
		{ "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}", JWT_WRONG_HEADER },
		{ "{\"alg\":\"none\",\"alg\":\"HS256\"}", JWT_MALFORMED },
		{ "[\"HS256\"]", JWT_MALFORMED },
		{ "HS256", JWT_MALFORMED },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum jwt_result got =
		    read_made(cases[i].header, "{" WHO ",\"exp\":1700003600}");

		if (got != cases[i].want)
			printf("# %s\n", cases[i].header);
		CHECK_INT(got, cases[i].want);
	}
}

static void
claims_are_checked(void)
{
	static const struct {
		const char *payload;
		enum jwt_result want;
	} cases[] = {
		{ "{" WHO "}", JWT_WRONG_CLAIMS },
		{ "{" WHO ",\"exp\":\"1700003600\"}", JWT_WRONG_CLAIMS },
		{ "{" WHO ",\"exp\":null}", JWT_WRONG_CLAIMS },
		{ "{" WHO ",\"exp\":-1}", JWT_WRONG_CLAIMS },
		{ "{" WHO ",\"exp\":1700000001}", JWT_GOOD },
		{ "{" WHO ",\"exp\":1700000000.5}", JWT_GOOD },
		{ "{" WHO ",\"exp\":1e300}", JWT_GOOD },
		/* within the leeway, and behind it */
		{ "{" WHO ",\"exp\":1699999971}", JWT_GOOD },
		{ "{" WHO ",\"exp\":1699999970}", JWT_EXPIRED },
		{ "{" WHO ",\"exp\":0}", JWT_EXPIRED },
		{ "{" WHO ",\"exp\":1700003600,\"nbf\":1700000030}", JWT_GOOD },
		{ "{" WHO ",\"exp\":1700003600,\"nbf\":1700000031}",
		  JWT_NOT_YET },
		{ "{" WHO ",\"exp\":1700003600,\"iat\":1700000030}", JWT_GOOD },
		{ "{" WHO ",\"exp\":1700003600,\"iat\":1700000031}",
		  JWT_NOT_YET },
		{ "{" WHO ",\"exp\":1700003600,\"nbf\":\"now\"}",
		  JWT_WRONG_CLAIMS },
		{ "{" WHO ",\"exp\":1,\"exp\":1700003600}", JWT_MALFORMED },
		{ "{" WHO ",\"exp\":1700003600} {}", JWT_MALFORMED },
		{ "{\"exp\":1700003600,\"username\":\"ann\"}",
		  JWT_WRONG_CLAIMS },
		{ "{\"exp\":1700003600,\"sub\":\"ann\"}", JWT_WRONG_CLAIMS },
		{ "{\"exp\":1700003600,\"sub\":7}", JWT_WRONG_CLAIMS },
		{ "{\"exp\":1700003600,\"sub\":"
		  "\"00000000-0000-0000-0000-000000000000\"}",
		  JWT_WRONG_CLAIMS },
		{ "{\"exp\":1700003600,\"user_id\":7}", JWT_GOOD },
		{ "{\"exp\":1700003600,\"user_id\":0}", JWT_WRONG_CLAIMS },
		{ "{\"exp\":1700003600,\"user_id\":-7}", JWT_WRONG_CLAIMS },
		{ "{\"exp\":1700003600,\"user_id\":7.5}", JWT_WRONG_CLAIMS },
		{ "{\"exp\":1700003600,\"user_id\":99999999999999999999}",
		  JWT_MALFORMED },
		{ "{\"exp\":1700003600,\"user_id\":\"" USER "\"}", JWT_GOOD },
		{ "{" WHO ",\"exp\":1700003600,\"user_id\":"
		  "\"0190a000-0000-7000-8000-000000000002\"}",
		  JWT_WRONG_CLAIMS },
		{ "{\"exp\":1700003600,\"user_id\":7,\"username\":\"\"}",
		  JWT_WRONG_CLAIMS },
		{ "{\"exp\":1700003600,\"user_id\":7,\"username\":\"a\\nb\"}",
		  JWT_WRONG_CLAIMS },
		{ "{\"exp\":1700003600,\"user_id\":7,\"username\":1}",
		  JWT_WRONG_CLAIMS },
		{ "{" WHO ",\"exp\":1700003600,\"sid\":\"x\"}",
		  JWT_WRONG_CLAIMS },
		{ "[]", JWT_MALFORMED },
		{ "", JWT_MALFORMED },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum jwt_result got = read_made(HEADER, cases[i].payload);

		if (got != cases[i].want)
			printf("# %s\n", cases[i].payload);
		CHECK_INT(got, cases[i].want);
	}
}

static void
both_secrets_verify_and_no_other(void)
{
	static const char payload[] = "{" WHO ",\"exp\":1700003600}";
	char token[4096];

	make_token(HEADER, payload, NEW_SECRET, EVP_sha256(), token);
	CHECK_INT(read_token(token), JWT_GOOD);
	make_token(HEADER, payload, OLD_SECRET, EVP_sha256(), token);
	CHECK_INT(read_token(token), JWT_GOOD);
	make_token(HEADER, payload, "another-secret-of-32-bytes-or-so",
		   EVP_sha256(), token);
	CHECK_INT(read_token(token), JWT_WRONG_SIGNATURE);
	make_token(HEADER, payload, NEW_SECRET, EVP_sha512(), token);
	CHECK(read_token(token) != JWT_GOOD);
	make_token("{\"alg\":\"none\"}", payload, "", EVP_sha256(), token);
	*strrchr(token, '.') = '\0';
	strcat(token, ".");
	CHECK_INT(read_token(token), JWT_WRONG_SIGNATURE);
}

static void
every_changed_character_is_noticed(void)
{
	char token[4096];
	size_t n;

	make_token(HEADER, "{" WHO ",\"exp\":1700003600}", NEW_SECRET,
		   EVP_sha256(), token);
	n = strlen(token);
	for (size_t i = 0; i < n; i++) {
		char kept = token[i];

		for (const char *c = "AQgw-_.=+ "; *c != '\0'; c++) {
			token[i] = *c;
			CHECK(*c == kept || read_token(token) != JWT_GOOD);
		}
		token[i] = kept;
	}
	CHECK_INT(read_token(token), JWT_GOOD);
	strcat(token, "=");
	CHECK_INT(read_token(token), JWT_MALFORMED);
}

static void
what_is_no_token_is_malformed(void)
{
	static const char *const cases[] = { "",    ".",       "..",   "...",
					     "a.b", "a.b.c.d", "a.b.!" };
	char *huge = malloc(JWT_BYTES_MAX + 2);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK(read_token(cases[i]) != JWT_GOOD);
	CHECK(huge != NULL);
	if (huge == NULL)
		return;
	memset(huge, 'A', JWT_BYTES_MAX + 1);
	huge[JWT_BYTES_MAX + 1] = '\0';
	huge[10] = huge[4000] = '.';
	CHECK_INT(read_token(huge), JWT_MALFORMED);
	huge[JWT_BYTES_MAX] = '\0';
	CHECK(read_token(huge) != JWT_GOOD);
	free(huge);
}

static void
what_is_signed_is_read_again(void)
{
	struct secrets *secrets = both_secrets();
	struct jwt_claims claims = { .user_number = 7,
				     .username = "\"Ann\" \xc3\xa9",
				     .expires_at = NOW + 3600 };
	struct jwt_claims got;
	char token[1024];

	uuid_make_v4(&claims.user);
	uuid_make_v4(&claims.session);
	CHECK(jwt_sign(&claims, secrets, NOW, token, sizeof token));
	CHECK_INT(jwt_read(&got, slice_of(token), secrets, NOW), JWT_GOOD);
	CHECK(uuid_equal(&got.user, &claims.user));
	CHECK(uuid_equal(&got.session, &claims.session));
	CHECK_INT(got.user_number, 7);
	CHECK_STR(got.username, claims.username);
	CHECK_INT(got.expires_at, NOW + 3600);
	CHECK(!jwt_sign(&claims, secrets, NOW, token, 100));
	secrets_free(&secrets);
}

static void
the_example_of_the_standard_is_read(void)
{
	/* RFC 7515 A.1: its key is of bytes, so only its parts are compared. */
	static const char text[] = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9";
	static const char want[] = "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}";
	uint8_t got[64];
	char again[64];
	size_t n;

	CHECK(base64url_decode(slice_of(text), got, sizeof got, &n));
	CHECK_INT(n, sizeof want - 1);
	CHECK(memcmp(got, want, n) == 0);
	base64url_encode(want, sizeof want - 1, again);
	CHECK_STR(again, text);
}

int
main(void)
{
	RUN(headers_are_pinned);
	RUN(claims_are_checked);
	RUN(both_secrets_verify_and_no_other);
	RUN(every_changed_character_is_noticed);
	RUN(what_is_no_token_is_malformed);
	RUN(what_is_signed_is_read_again);
	RUN(the_example_of_the_standard_is_read);
	return check_done();
}
