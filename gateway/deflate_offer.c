/* SPDX-License-Identifier: MIT */
/* gateway/deflate_offer.c - which offer of permessage-deflate is taken.
 *
 * The field's syntax is RFC 6455 9.1, the four parameters and what they ask for
 * RFC 7692 7.1. An offer in which anything is odd is passed over.
 */
#include "gateway/deflate.h"

#include <stdio.h>

#define BARE     1 /* of a parameter without a value, in place of its bits */
#define BITS_MIN 8
#define BITS_MAX 15

/* zlib compresses for no smaller window. */
#define OUR_BITS_MIN 9

enum parameter {
	SERVER_NO_CONTEXT_TAKEOVER,
	CLIENT_NO_CONTEXT_TAKEOVER,
	SERVER_MAX_WINDOW_BITS,
	CLIENT_MAX_WINDOW_BITS,
	PARAMETERS
};

/* clang-format off */
static const struct {
	const char *name;
	bool may_be_bare;
	bool may_have_bits;
} parameters[PARAMETERS] = {
	[SERVER_NO_CONTEXT_TAKEOVER] =
		{ "server_no_context_takeover", true, false },
	[CLIENT_NO_CONTEXT_TAKEOVER] =
		{ "client_no_context_takeover", true, false },
	[SERVER_MAX_WINDOW_BITS] = { "server_max_window_bits", false, true },
	[CLIENT_MAX_WINDOW_BITS] = { "client_max_window_bits", true, true },
};
/* clang-format on */

/* Takes what stands before the first `separator`, or all, off the front. True
 * if there was one. */
static bool
take_until(struct slice *rest, char separator, struct slice *taken)
{
	const char *found = memchr(rest->at, separator, rest->n);
	size_t n = found != NULL ? (size_t)(found - rest->at) : rest->n;
	size_t skip = found != NULL ? n + 1 : n;

	*taken = slice_trim((struct slice){ rest->at, n });
	rest->at += skip;
	rest->n -= skip;
	return found != NULL;
}

/* A number from 8 to 15 without zeros in front, perhaps in quotation marks;
 * else 0. */
static unsigned
read_bits(struct slice value)
{
	bool is_quoted =
	    value.n > 2 && value.at[0] == '"' && value.at[value.n - 1] == '"';
	unsigned bits = 0;

	if (is_quoted) {
		value.at++;
		value.n -= 2;
	}
	for (size_t i = 0; i < value.n; i++) {
		if (is_quoted && value.at[i] == '\\' && i + 1 < value.n)
			i++;
		if (value.at[i] < (bits == 0 ? '1' : '0') ||
		    value.at[i] > '9' || bits > BITS_MAX)
			return 0;
		bits = bits * 10 + (unsigned)(value.at[i] - '0');
	}
	return bits >= BITS_MIN && bits <= BITS_MAX ? bits : 0;
}

/* Notes in `got` the parameter's bits, or that it came without. False if there
 * is no such parameter, or if it came before. */
static bool
read_parameter(struct slice part, unsigned got[PARAMETERS])
{
	struct slice name;
	bool has_value = take_until(&part, '=', &name);
	unsigned value = has_value ? read_bits(slice_trim(part)) : BARE;

	for (int i = 0; i < PARAMETERS; i++) {
		if (!slice_is(name, parameters[i].name))
			continue;
		if (got[i] != 0 || !(has_value ? parameters[i].may_have_bits
					       : parameters[i].may_be_bare))
			return false;
		got[i] = value;
		return value != 0;
	}
	return false;
}

/* How many bits the window of what we compress may have; 0: not this offer. */
static unsigned
read_offer(struct slice offer, unsigned got[PARAMETERS])
{
	struct slice part;
	bool goes_on = take_until(&offer, ';', &part);

	if (!slice_is(part, "permessage-deflate"))
		return 0;
	while (goes_on) {
		goes_on = take_until(&offer, ';', &part);
		if (!read_parameter(part, got))
			return 0;
	}
	if (got[SERVER_MAX_WINDOW_BITS] == 0)
		return BITS_MAX;
	return got[SERVER_MAX_WINDOW_BITS] >= OUR_BITS_MIN
		   ? got[SERVER_MAX_WINDOW_BITS]
		   : 0;
}

/* The client's window is as large as it likes: the decompressor that serves all
 * has the largest one in any case. */
unsigned
deflate_agree(const struct http_request *request,
	      char answer[DEFLATE_ANSWER_BYTES])
{
	struct http_list list = http_list(request, "Sec-WebSocket-Extensions");
	struct slice offer;

	while (http_list_next(&list, &offer)) {
		unsigned got[PARAMETERS] = { 0 };
		unsigned bits = read_offer(offer, got);
		int n;

		if (bits == 0)
			continue;
		n = snprintf(answer, DEFLATE_ANSWER_BYTES,
			     "permessage-deflate; server_no_context_takeover; "
			     "client_no_context_takeover");
		if (got[SERVER_MAX_WINDOW_BITS] != 0)
			snprintf(answer + n, DEFLATE_ANSWER_BYTES - (size_t)n,
				 "; server_max_window_bits=%u", bits);
		return bits;
	}
	return 0;
}
