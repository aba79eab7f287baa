/* SPDX-License-Identifier: MIT */
/* gateway/settings.c - from the options' text to numbers that make sense. */
#include "gateway/settings.h"

#include <stdlib.h>
#include <sys/resource.h>

#define OWN_FILES   60 /* descriptors that are no connections */
#define FOR_HTTP    40 /* when WebSockets have taken all that they may */
#define PLACES_MIN  10
#define PER_ADDRESS 1000
#define RATE_MAX    1000000
#define PING_MAX    3600 /* seconds; the clock of a connection wraps around */
#define PONG_WITHIN 8

static int
refuse_setting(const char *name, const char *value, const char *wanted)
{
	log_error("bad_setting", KT("name", name), KT("value", value),
		  KT("wanted", wanted));
	return -1;
}

/* Each connection takes one descriptor; some are our own. These must not run
 * out: ZeroMQ ends the process that cannot accept a peer. */
static unsigned long
file_limit_less(unsigned long own)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    limit.rlim_cur < own + PLACES_MIN)
		return PLACES_MIN;
	return limit.rlim_cur - own;
}

/* How many connections there may be, of each kind. */
static int
read_places(struct gateway *g)
{
	const struct gateway_options *o = &g->options;

	if (!option_number(o->max_connections, 0, 10000000,
			   &g->max_connections))
		return refuse_setting("max-connections", o->max_connections,
				      "a number");
	if (!option_number(o->max_per_address, 0, 10000000,
			   &g->max_per_address))
		return refuse_setting("max-per-address", o->max_per_address,
				      "a number");
	if (g->max_connections == 0)
		g->max_connections = file_limit_less(OWN_FILES + FOR_HTTP);
	g->max_open = file_limit_less(OWN_FILES);
	g->max_waiting = g->max_open / 2;
	g->bounds_local = g->max_per_address != 0;
	if (g->max_per_address == 0)
		g->max_per_address = PER_ADDRESS;
	return 0;
}

/* FIRST[:SECOND], each from 1; without a second one, *second stays 0. */
static bool
parse_pair(const char *text, unsigned long most, unsigned long *first,
	   unsigned long *second)
{
	char number[16];
	size_t n = strcspn(text, ":");

	*second = 0;
	if (n >= sizeof number)
		return false;
	memcpy(number, text, n);
	number[n] = '\0';
	return option_number(number, 1, most, first) &&
	       (text[n] == '\0' ||
		option_number(text + n + 1, 1, most, second));
}

/* PER_SECOND[:BURST], or off; without a word on bursts, twice the rate. */
static bool
parse_rate(const char *text, double *per_second, double *burst)
{
	unsigned long rate, most;

	*per_second = *burst = 0;
	if (strcmp(text, "off") == 0)
		return true;
	if (!parse_pair(text, 2 * RATE_MAX, &rate, &most) || rate > RATE_MAX)
		return false;
	if (most == 0)
		most = 2 * rate;
	*per_second = (double)rate;
	*burst = (double)most;
	return true;
}

/* Without a word on the answer, 8 s. */
static bool
parse_ping(const char *text, uint32_t *after_ms, uint32_t *within_ms)
{
	unsigned long after, within;

	if (!parse_pair(text, PING_MAX, &after, &within))
		return false;
	*after_ms = (uint32_t)after * 1000;
	*within_ms = (uint32_t)(within == 0 ? PONG_WITHIN : within) * 1000;
	return true;
}

static bool
parse_switch(const char *text, bool *is_on)
{
	*is_on = strcmp(text, "on") == 0;
	return *is_on || strcmp(text, "off") == 0;
}

/* Both files or neither: a listener that was meant to be private must not
 * open in the clear. */
static int
check_tls(const struct gateway_options *o)
{
	if (*o->tls_cert != '\0' && *o->tls_key == '\0')
		return refuse_setting("tls-key", "",
				      "a file, as tls-cert names one");
	if (*o->tls_cert == '\0' && *o->tls_key != '\0')
		return refuse_setting("tls-cert", "",
				      "a file, as tls-key names one");
	return 0;
}

int
settings_read(struct gateway *g)
{
	const struct gateway_options *o = &g->options;

	if (!option_number(o->gateways, 1, 9999, &g->gateways))
		return refuse_setting("gateways", o->gateways, "a number");
	if (read_places(g) != 0)
		return -1;
	if (!option_number(o->max_message, 1, 40960, &g->max_message))
		return refuse_setting("max-message", o->max_message,
				      "1 to 40960");
	if (!option_number(o->outbox, 1024, 1u << 30, &g->outbox_max))
		return refuse_setting("outbox", o->outbox, "bytes, from 1024");
	if (!option_number(o->unfinished, 1u << 20, 1ul << 40,
			   &g->unfinished_max))
		return refuse_setting("unfinished", o->unfinished,
				      "bytes, from 1048576");
	g->lobby_wants_tokens = strcmp(o->lobby_auth, "token") == 0;
	if (!g->lobby_wants_tokens && strcmp(o->lobby_auth, "off") != 0)
		return refuse_setting("lobby-auth", o->lobby_auth,
				      "off or token");
	if (!parse_switch(o->deflate, &g->may_deflate))
		return refuse_setting("deflate", o->deflate, "on or off");
	if (!parse_ping(o->ping, &g->ping_after_ms, &g->pong_within_ms))
		return refuse_setting("ping", o->ping,
				      "AFTER[:WITHIN], seconds up to 3600");
	if (!parse_rate(o->rate, &g->rate_per_second, &g->rate_burst))
		return refuse_setting("rate", o->rate,
				      "PER_SECOND[:BURST] or off");
	return check_tls(o);
}
