/* SPDX-License-Identifier: MIT */
/* tests/unit/store/hook_secret_test.c - what is made to sign with, and what is
 * taken for it.
 */
#include "store/hook_secret.h"

#include "tests/unit/check.h"

static void
secrets_have_one_form(void)
{
	char made[HOOK_SECRET_BYTES], other[HOOK_SECRET_BYTES];
	static const char *const bad[] = {
		"",
		"whsec_",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", /* cut short */
		"WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		"secretMfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==", /* 22 bytes */
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwQx==", /* a bit too many
							       */
		"whsec_ MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa ",
	};
	char long_one[6 + 92 + 1] = "whsec_";

	CHECK(hook_secret_is_good(
	    slice_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")));
	CHECK(hook_secret_is_good(hook_secret_make(made)));
	CHECK(hook_secret_is_good(hook_secret_make(other)));
	CHECK(strcmp(made, other) != 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!hook_secret_is_good(slice_of(bad[i])));
	memset(long_one + 6, 'A', 92);
	memcpy(long_one + 6 + 86, "==", 2);
	CHECK(hook_secret_is_good((struct slice){ long_one, 6 + 88 }));
	memcpy(long_one + 6 + 86, "A=", 2);
	CHECK(!hook_secret_is_good((struct slice){ long_one, 6 + 88 }));
	memset(long_one + 6 + 86, 'A', 6);
	CHECK(!hook_secret_is_good((struct slice){ long_one, 6 + 92 }));
}

int
main(void)
{
	RUN(secrets_have_one_form);
	return check_done();
}
