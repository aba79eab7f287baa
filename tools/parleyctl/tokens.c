/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/tokens.c - tokens without a log-in: for tests, for bots. */
#include "tools/parleyctl/ask.h"
#include "tools/parleyctl/sessions.h"

#include "proto/uuid.h"

#define HOUR 3600ull
#define YEAR (365 * 24 * HOUR)

/* The token alone, so that $(parleyctl tokens mint NAME) is one. */
static int
hear_minted(struct call *call, void *self, const struct frame *answer)
{
	const struct slice token = answer->minted.token;

	(void)self;
	if (fwrite(token.at, 1, token.n, stdout) != token.n ||
	    putchar('\n') == EOF)
		return fail(call, "cannot write to stdout");
	return 0;
}

static int
mint(struct call *call, bool bot, uint64_t ttl)
{
	const char *wanted = call_flag(call, "ttl");
	struct frame asked = {
		.kind = FRAME_mint,
		.mint = {
			.user_name = slice_of(call->words[0]),
			.bot = bot,
			.label = slice_of(call_flag(call, "label")),
			.by = slice_of(who_asks()),
		},
	};

	if (wanted != NULL && !read_seconds(wanted, &ttl))
		return wrong_usage(call,
				   "--ttl cannot be '%s' (90s, 15m, "
				   "12h, 30d)",
				   wanted);
	asked.mint.ttl = ttl;
	uuid_make_v4(&asked.mint.session);
	return ask(call, AUTH, &asked, FRAME_minted, hear_minted, NULL);
}

int
tokens_mint(struct call *call)
{
	return mint(call, false, HOUR);
}

int
tokens_bot(struct call *call)
{
	return mint(call, true, 10 * YEAR);
}

int
tokens_list(struct call *call)
{
	return sessions_list(call, NULL);
}

int
tokens_revoke(struct call *call)
{
	return sessions_revoke(call, NULL, call->words[0]);
}
