/* SPDX-License-Identifier: MIT */
/* proto/addresses.c - see addresses.h. All is compared as IPv6 addresses. */
#include "proto/addresses.h"

#include "proto/options.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define MAPPED_BITS 96 /* before the IPv4 address within a mapped one */
#define LENGTH(a)   (sizeof(a) / sizeof *(a))

/* ::ffff:0:0/96, RFC 4291 2.5.5.2 */
#define V4(a, b, c, bits)                                                      \
	{                                                                      \
		{ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c },         \
		    MAPPED_BITS + (bits)                                       \
	}

static const struct address_prefix mapped = V4(0, 0, 0, 0);

/* The prefix by which a translator reaches IPv4 (RFC 6052 2.1): where it leads
 * to is what counts. */
static const struct address_prefix translated = { { 0x00, 0x64, 0xff, 0x9b },
						  96 };

/* Of IPv6 only this much is in use as public addresses (RFC 4291 2.4). */
static const struct address_prefix public6 = { { 0x20 }, 3 };

static const struct address_prefix special[] = {
	V4(0, 0, 0, 8),       /* this host, this network */
	V4(10, 0, 0, 8),      /* private, RFC 1918 */
	V4(100, 64, 0, 10),   /* shared by a provider's customers, RFC 6598 */
	V4(127, 0, 0, 8),     /* loopback */
	V4(169, 254, 0, 16),  /* link-local; clouds tell their secrets there */
	V4(172, 16, 0, 12),   /* private */
	V4(192, 0, 0, 24),    /* protocol assignments */
	V4(192, 0, 2, 24),    /* documentation */
	V4(192, 88, 99, 24),  /* once relays of 6to4 */
	V4(192, 168, 0, 16),  /* private */
	V4(198, 18, 0, 15),   /* benchmarks */
	V4(198, 51, 100, 24), /* documentation */
	V4(203, 0, 113, 24),  /* documentation */
	V4(224, 0, 0, 4),     /* multicast */
	V4(240, 0, 0, 4),     /* reserved, and broadcast */
	{ { 0x20, 0x01 }, 23 },             /* protocols, Teredo among them */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x20, 0x02 }, 16 }, /* 6to4: leads to any IPv4 address */
	{ { 0x3f, 0xff }, 20 }, /* documentation, RFC 9637 */
};

static bool
is_within(const uint8_t address[16], const struct address_prefix *prefix)
{
	unsigned whole = prefix->bits / 8, rest = prefix->bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	if (memcmp(address, prefix->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	       ((address[whole] ^ prefix->bytes[whole]) & mask) == 0;
}

static void
map(uint8_t address[16], const void *v4)
{
	memcpy(address, mapped.bytes, 12);
	memcpy(address + 12, v4, 4);
}

static bool
is_public(const uint8_t address[16])
{
	if (!is_within(address, &mapped) && !is_within(address, &public6))
		return false;
	for (size_t i = 0; i < LENGTH(special); i++)
		if (is_within(address, &special[i]))
			return false;
	return true;
}

/* --- The list */

static bool
read_prefix(struct address_prefix *prefix, struct slice entry)
{
	char text[INET6_ADDRSTRLEN + sizeof "/128"];
	struct in_addr v4;
	char *slash;
	unsigned long bits, most = 128;

	if (entry.n >= sizeof text)
		return false;
	memcpy(text, entry.at, entry.n);
	text[entry.n] = '\0';
	slash = strchr(text, '/');
	if (slash != NULL)
		*slash = '\0';
	if (inet_pton(AF_INET, text, &v4) == 1) {
		map(prefix->bytes, &v4);
		most = 32;
	} else if (inet_pton(AF_INET6, text, prefix->bytes) != 1) {
		return false;
	}
	bits = most;
	if (slash != NULL && !option_number(slash + 1, 0, most, &bits))
		return false;
	prefix->bits = (unsigned)(128 - most + bits);
	return true;
}

bool
addresses_read(struct addresses *addresses, const char *list,
	       struct slice *wrong)
{
	struct slice entry;

	addresses->n = 0;
	for (const char *at = list; *at != '\0'; at += entry.n) {
		at += strspn(at, " \t");
		entry = (struct slice){ at, strcspn(at, " \t") };
		if (entry.n == 0)
			break;
		if (addresses->n == ADDRESSES_MAX ||
		    !read_prefix(&addresses->allowed[addresses->n], entry)) {
			*wrong = entry;
			return false;
		}
		addresses->n++;
	}
	return true;
}

/* --- Addresses to connect to */

/* The address as one of IPv6; false if it is neither that nor IPv4. */
static bool
read_address(uint8_t into[16], const struct sockaddr *address, size_t bytes)
{
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;

	if (address->sa_family == AF_INET && bytes >= sizeof v4) {
		memcpy(&v4, address, sizeof v4);
		map(into, &v4.sin_addr);
		return true;
	}
	if (address->sa_family != AF_INET6 || bytes < sizeof v6)
		return false;
	memcpy(&v6, address, sizeof v6);
	memcpy(into, &v6.sin6_addr, 16);
	return true;
}

static bool
is_listed(const struct addresses *addresses, const uint8_t address[16])
{
	for (size_t i = 0; i < addresses->n; i++)
		if (is_within(address, &addresses->allowed[i]))
			return true;
	return false;
}

bool
addresses_allow(const struct addresses *addresses,
		const struct sockaddr *address, size_t bytes)
{
	uint8_t binary[16];

	if (!read_address(binary, address, bytes))
		return false;
	if (is_listed(addresses, binary))
		return true;
	if (!is_within(binary, &translated))
		return is_public(binary);
	memcpy(binary, mapped.bytes, 12);
	return is_listed(addresses, binary) || is_public(binary);
}
