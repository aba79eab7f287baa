/* SPDX-License-Identifier: MIT */
/* tests/unit/hooks/signature_test.c - are secrets read, and deliveries signed,
 * as receivers expect it?
 */
#include "hooks/signature.h"

#include "tests/unit/check.h"

static const char good[] = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

static const char *
sign(const char *secret, const char *id, uint64_t at_s, const char *body)
{
	static char signature[SIGNATURE_BYTES];
	struct signing_key key;

	CHECK(signing_key_read(&key, slice_of(secret)));
	CHECK(signature_make(&key, slice_of(id), at_s, slice_of(body),
			     signature));
	return signature;
}

/* The second one stands in the documents of a widely used library. */
static void
signatures_are_those_of_standard_webhooks(void)
{
	CHECK_STR(sign(good, "msg_1", 1700000000, "{\"a\":1}"),
		  "v1,AMaOha7DUT/0J0JMycRuYOBSvbx3WtwLd2khXXbaVj4=");
	CHECK_STR(sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		       "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
		       "{\"test\": 2432232314}"),
		  "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	CHECK_STR(sign(good, "", 0, ""),
		  "v1,K6MgMNC8rkXzd7W8BpQp3FLUW9ErRX1Mko/d/9Hp/Q4=");
}

static void
secrets_have_24_to_64_bytes(void)
{
	static const struct {
		const char *secret;
		size_t n; /* 0: none */
	} cases[] = {
		{ "whsec_a2tra2tra2tra2tra2tra2tra2tra2tra2s=", 26 },
		{ "whsec_a2tra2tra2tra2tra2tra2tra2tra2traw==", 25 },
		{ "whsec_a2tra2tra2tra2tra2tra2tra2tra2tr", 24 },
		{ "whsec_a2tra2tra2tra2tra2tra2tra2tra2s=", 0 },
		{ "whsec_a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2"
		  "tra2tra2tra2tra2tra2tra2tra2tra2tra2traw==",
		  64 },
		{ "whsec_a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2"
		  "tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
		  0 },
		{ "whsec_a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2"
		  "tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tr",
		  0 },
	};
	struct signing_key key;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CHECK(signing_key_read(&key, slice_of(cases[i].secret)) ==
		      (cases[i].n > 0));
		CHECK_INT(key.n, cases[i].n);
	}
}

static void
what_is_no_secret_is_refused(void)
{
	static const char *const texts[] = {
		"",
		"whsec_",
		"whsec",
		"secret",
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
		"WHSEC_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
		"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
		"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd!h8=",
		"whsec_ AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
		"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh==A===",
		"whsec_AAECAwQFBgcICQoLDA0OD=AREhMUFRYXGBkaGxwdHh8=",
		"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd-_8=",
	};
	struct signing_key key;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		CHECK(!signing_key_read(&key, slice_of(texts[i])));
		CHECK_INT(key.n, 0);
	}
	CHECK(!signing_key_read(&key, (struct slice){ NULL, 0 }));
}

static void
a_key_is_forgotten(void)
{
	static const struct signing_key zero;
	struct signing_key key;

	CHECK(signing_key_read(&key, slice_of(good)));
	signing_key_fini(&key);
	CHECK(memcmp(&key, &zero, sizeof key) == 0);
}

int
main(void)
{
	RUN(signatures_are_those_of_standard_webhooks);
	RUN(secrets_have_24_to_64_bytes);
	RUN(what_is_no_secret_is_refused);
	RUN(a_key_is_forgotten);
	return check_done();
}
