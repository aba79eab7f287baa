/* SPDX-License-Identifier: MIT */
/* proto/addresses.h - which addresses outside may be connected to.
 *
 * Whoever sets up a hook says where we connect to, and must not reach through
 * us what is reachable from here alone: this machine, the network that it is
 * in, the other side of a tunnel. So only addresses that are public count
 * (RFC 6890 and IANA's registries of special-purpose addresses), and those
 * that the operator lists.
 */
#ifndef PARLEY_PROTO_ADDRESSES_H
#define PARLEY_PROTO_ADDRESSES_H

#include "proto/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* More entries than that are no list that somebody keeps in his head. */
#define ADDRESSES_MAX 64

/* A prefix of IPv6 addresses; those of IPv4 are written as mapped ones. */
struct address_prefix {
	uint8_t bytes[16];
	unsigned bits;
};

/* All zero: nothing besides the public addresses. */
struct addresses {
	struct address_prefix allowed[ADDRESSES_MAX];
	size_t n;
};

/* Reads what is allowed besides: addresses and prefixes, such as `127.0.0.1
 * 10.1.0.0/16 fd00::/8`, separated by spaces. False, with the entry that is
 * none, or one too many, in *wrong; then *addresses is of no use. */
bool addresses_read(struct addresses *addresses, const char *list,
		    struct slice *wrong);

/* Whether this address may be connected to. Anything but IPv4 and IPv6 may
 * not. */
bool addresses_allow(const struct addresses *addresses,
		     const struct sockaddr *address, size_t bytes);

#endif
