/* SPDX-License-Identifier: MIT */
/* auth/jwt.c - the three parts of a token, from the last to the first. */
#include "auth/jwt.h"

#include "proto/base64url.h"

#include <jansson.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#define MAC_BYTES 32

/* Beyond what a double holds exactly, nothing is told from for ever. */
#define TIME_MAX_S 9007199254740991.0

static const char our_header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

struct parts {
	struct slice header;
	struct slice payload;
	struct slice signature;
	struct slice signed_part; /* header and payload with the dot */
};

static bool
split_token(struct parts *parts, struct slice token)
{
	const char *end = token.at + token.n;
	const char *first, *second;

	if (token.n == 0 || token.n > JWT_BYTES_MAX)
		return false;
	first = memchr(token.at, '.', token.n);
	if (first == NULL)
		return false;
	second = memchr(first + 1, '.', (size_t)(end - first - 1));
	if (second == NULL)
		return false;
	parts->header = (struct slice){ token.at, (size_t)(first - token.at) };
	parts->payload =
	    (struct slice){ first + 1, (size_t)(second - first - 1) };
	parts->signature =
	    (struct slice){ second + 1, (size_t)(end - second - 1) };
	parts->signed_part =
	    (struct slice){ token.at, (size_t)(second - token.at) };
	return true;
}

static bool
make_mac(struct slice secret, struct slice text, uint8_t mac[MAC_BYTES])
{
	unsigned n = MAC_BYTES;

	return secret.n <= INT_MAX &&
	       HMAC(EVP_sha256(), secret.at, (int)secret.n,
		    (const uint8_t *)text.at, text.n, mac, &n) != NULL &&
	       n == MAC_BYTES;
}

/* All secrets are tried, whichever fits: the time tells nothing of them. */
static enum jwt_result
check_signature(const struct parts *parts, const struct secrets *secrets)
{
	uint8_t shown[MAC_BYTES], mac[MAC_BYTES];
	bool fits = false;
	size_t n;

	if (!base64url_decode(parts->signature, shown, sizeof shown, &n))
		return JWT_MALFORMED;
	if (n != MAC_BYTES)
		return JWT_WRONG_SIGNATURE;
	for (size_t i = 0; i < secrets_count(secrets); i++)
		fits |= make_mac(secrets_get(secrets, i), parts->signed_part,
				 mac) &&
			CRYPTO_memcmp(shown, mac, MAC_BYTES) == 0;
	OPENSSL_cleanse(mac, sizeof mac);
	return fits ? JWT_GOOD : JWT_WRONG_SIGNATURE;
}

/* The object in a part; NULL if it is anything else. */
static json_t *
read_object(struct slice part)
{
	char text[BASE64URL_BYTES(JWT_BYTES_MAX)];
	json_t *object;
	size_t n;

	if (!base64url_decode(part, (uint8_t *)text, sizeof text, &n))
		return NULL;
	object = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	if (object != NULL && !json_is_object(object)) {
		json_decref(object);
		object = NULL;
	}
	return object;
}

static struct slice
text_of(const json_t *value)
{
	return (struct slice){ json_string_value(value),
			       json_string_length(value) };
}

/* `crit` names extensions that must be understood (RFC 7515 4.1.11): none is.
 */
static enum jwt_result
check_header(struct slice part)
{
	json_t *header = read_object(part);
	enum jwt_result result = JWT_WRONG_HEADER;
	const json_t *typ;

	if (header == NULL)
		return JWT_MALFORMED;
	typ = json_object_get(header, "typ");
	if (slice_is(text_of(json_object_get(header, "alg")), "HS256") &&
	    (typ == NULL || slice_is_nocase(text_of(typ), "JWT")) &&
	    json_object_get(header, "crit") == NULL)
		result = JWT_GOOD;
	json_decref(header);
	return result;
}

/* --- Claims */

/* A NumericDate (RFC 7519 2), which may have a fraction. False if `value` is
 * none, or is before 1970. */
static bool
read_time(double *seconds, const json_t *value)
{
	if (!json_is_number(value))
		return false;
	*seconds = json_number_value(value);
	if (*seconds > TIME_MAX_S)
		*seconds = TIME_MAX_S;
	return *seconds >= 0;
}

static enum jwt_result
check_begin(const json_t *value, uint64_t now_s)
{
	double begin;

	if (value == NULL)
		return JWT_GOOD;
	if (!read_time(&begin, value))
		return JWT_WRONG_CLAIMS;
	return begin > (double)(now_s + JWT_LEEWAY_S) ? JWT_NOT_YET : JWT_GOOD;
}

static enum jwt_result
read_times(struct jwt_claims *claims, const json_t *payload, uint64_t now_s)
{
	enum jwt_result result;
	double end;

	if (!read_time(&end, json_object_get(payload, "exp")))
		return JWT_WRONG_CLAIMS;
	claims->expires_at = (uint64_t)end;
	if ((double)now_s >= end + JWT_LEEWAY_S)
		return JWT_EXPIRED;
	result = check_begin(json_object_get(payload, "nbf"), now_s);
	if (result != JWT_GOOD)
		return result;
	return check_begin(json_object_get(payload, "iat"), now_s);
}

/* A UUID that is not nil, which stands for "none". */
static bool
read_uuid(struct uuid *id, const json_t *value)
{
	struct uuid got;

	if (!json_is_string(value) || !uuid_parse(&got, text_of(value)) ||
	    uuid_is_nil(&got))
		return false;
	*id = got;
	return true;
}

/* `user_id` is the number, or the UUID as it is called in REST. */
static bool
read_user_id(struct jwt_claims *claims, const json_t *value)
{
	struct uuid id;

	if (json_is_integer(value)) {
		if (json_integer_value(value) < 1)
			return false;
		claims->user_number = (uint64_t)json_integer_value(value);
		return true;
	}
	if (!read_uuid(&id, value) ||
	    (!uuid_is_nil(&claims->user) && !uuid_equal(&claims->user, &id)))
		return false;
	claims->user = id;
	return true;
}

static bool
read_username(struct jwt_claims *claims, const json_t *value)
{
	struct slice name = text_of(value);

	if (!json_is_string(value) || !name_is_valid(name) ||
	    name.n >= sizeof claims->username)
		return false;
	memcpy(claims->username, name.at, name.n);
	claims->username[name.n] = '\0';
	return true;
}

static bool
read_who(struct jwt_claims *claims, const json_t *payload)
{
	const json_t *sub = json_object_get(payload, "sub");
	const json_t *user_id = json_object_get(payload, "user_id");
	const json_t *username = json_object_get(payload, "username");
	const json_t *sid = json_object_get(payload, "sid");

	if (sub == NULL && user_id == NULL)
		return false;
	return (sub == NULL || read_uuid(&claims->user, sub)) &&
	       (user_id == NULL || read_user_id(claims, user_id)) &&
	       (username == NULL || read_username(claims, username)) &&
	       (sid == NULL || read_uuid(&claims->session, sid));
}

static enum jwt_result
read_payload(struct jwt_claims *claims, struct slice part, uint64_t now_s)
{
	json_t *payload = read_object(part);
	enum jwt_result result;

	if (payload == NULL)
		return JWT_MALFORMED;
	result = read_times(claims, payload, now_s);
	if (result == JWT_GOOD && !read_who(claims, payload))
		result = JWT_WRONG_CLAIMS;
	json_decref(payload);
	return result;
}

enum jwt_result
jwt_read(struct jwt_claims *claims, struct slice token,
	 const struct secrets *secrets, uint64_t now_s)
{
	struct parts parts;
	enum jwt_result result;

	memset(claims, 0, sizeof *claims);
	if (!split_token(&parts, token))
		return JWT_MALFORMED;
	result = check_signature(&parts, secrets);
	if (result == JWT_GOOD)
		result = check_header(parts.header);
	if (result == JWT_GOOD)
		result = read_payload(claims, parts.payload, now_s);
	return result;
}

const char *
jwt_result_text(enum jwt_result result)
{
	switch (result) {
	case JWT_GOOD:
		return "the token is good";
	case JWT_MALFORMED:
		return "the token is malformed";
	case JWT_WRONG_SIGNATURE:
		return "the token's signature is wrong";
	case JWT_WRONG_HEADER:
		return "the token is not an HS256 JWT";
	case JWT_WRONG_CLAIMS:
		return "the token's claims are missing or malformed";
	case JWT_EXPIRED:
		return "the token has expired";
	case JWT_NOT_YET:
		return "the token is not valid yet";
	}
	return "the token is refused";
}

/* --- Signing */

/* NULL if there is no memory; free() it. */
static char *
print_payload(const struct jwt_claims *claims, uint64_t now_s)
{
	char user[UUID_TEXT_BYTES], session[UUID_TEXT_BYTES],
	    token[UUID_TEXT_BYTES];
	struct uuid id;
	json_t *payload;
	char *text;

	uuid_make_v4(&id);
	payload = json_pack(
	    "{s:s, s:I, s:s, s:s, s:I, s:I, s:s}", "sub",
	    uuid_format(&claims->user, user), "user_id",
	    (json_int_t)claims->user_number, "username", claims->username,
	    "sid", uuid_format(&claims->session, session), "iat",
	    (json_int_t)now_s, "exp", (json_int_t)claims->expires_at, "jti",
	    uuid_format(&id, token));
	text = json_dumps(payload, JSON_COMPACT);
	json_decref(payload);
	return text;
}

bool
jwt_sign(const struct jwt_claims *claims, const struct secrets *secrets,
	 uint64_t now_s, char *into, size_t room)
{
	char *payload = print_payload(claims, now_s);
	size_t payload_n = payload == NULL ? 0 : strlen(payload);
	size_t header_n = BASE64URL_CHARACTERS(sizeof our_header - 1);
	size_t signed_n = header_n + 1 + BASE64URL_CHARACTERS(payload_n);
	uint8_t mac[MAC_BYTES];
	bool made = false;

	if (payload == NULL ||
	    signed_n + 1 + BASE64URL_CHARACTERS(MAC_BYTES) >= room)
		goto out;
	base64url_encode(our_header, sizeof our_header - 1, into);
	into[header_n] = '.';
	base64url_encode(payload, payload_n, into + header_n + 1);
	made = make_mac(secrets_get(secrets, 0),
			(struct slice){ into, signed_n }, mac);
	into[signed_n] = '.';
	base64url_encode(mac, MAC_BYTES, into + signed_n + 1);
out:
	free(payload);
	return made;
}
