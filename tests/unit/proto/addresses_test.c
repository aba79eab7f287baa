/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/addresses_test.c - where may we connect to?
 */
#include "proto/addresses.h"

#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

static struct addresses none;

static bool
allows(const struct addresses *addresses, const char *text)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return addresses_allow(addresses, (struct sockaddr *)&v4,
				       sizeof v4);
	CHECK(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1);
	return addresses_allow(addresses, (struct sockaddr *)&v6, sizeof v6);
}

static void
expect(const char *const *texts, bool wanted)
{
	for (; *texts != NULL; texts++)
		if (allows(&none, *texts) != wanted) {
			printf("# %s\n", *texts);
			CHECK(false);
		}
}

static void
public_addresses_are_allowed(void)
{
	static const char *const texts[] = {
		"1.1.1.1",
		"9.255.255.255",
		"11.0.0.0",
		"100.63.255.255",
		"100.128.0.0",
		"126.255.255.255",
		"128.0.0.0",
		"169.253.255.255",
		"169.255.0.0",
		"172.15.255.255",
		"172.32.0.0",
		"192.0.1.0",
		"192.167.255.255",
		"192.169.0.0",
		"198.17.255.255",
		"198.20.0.0",
		"203.0.112.255",
		"223.255.255.255",
		"2606:4700:4700::1111",
		"2a00:1450:4001::1",
		"2001:200::1",
		"::ffff:1.1.1.1",
		"64:ff9b::1.1.1.1",
		NULL,
	};

	expect(texts, true);
}

static void
addresses_within_are_not(void)
{
	static const char *const texts[] = {
		"0.0.0.0",      "0.1.2.3",
		"10.0.0.1",     "10.255.255.255",
		"100.64.0.1",   "100.127.255.255",
		"127.0.0.1",    "127.255.255.255",
		"169.254.0.1",  "169.254.169.254",
		"172.16.0.1",   "172.31.255.255",
		"192.0.0.1",    "192.0.2.1",
		"192.88.99.1",  "192.168.0.1",
		"198.18.0.1",   "198.19.255.255",
		"198.51.100.1", "203.0.113.1",
		"224.0.0.1",    "239.255.255.255",
		"240.0.0.1",    "255.255.255.255",
		NULL,
	};

	expect(texts, false);
}

static void
addresses_within_of_ipv6_are_not(void)
{
	static const char *const texts[] = {
		"::",
		"::1",
		"::127.0.0.1",
		"::ffff:127.0.0.1",
		"::ffff:10.0.0.1",
		"::ffff:169.254.169.254",
		"fe80::1",
		"febf::1",
		"fec0::1",
		"fc00::1",
		"fd12:3456::1",
		"ff02::1",
		"ff0e::1",
		"100::1",
		"2001::1",
		"2001:db8::1",
		"2002:7f00:1::",
		"2001:1ff:ffff::1",
		"3fff::1",
		"64:ff9b::127.0.0.1",
		"64:ff9b::10.1.2.3",
		"64:ff9b:1::1",
		"4000::1",
		"1fff::1",
		"::ffff:0:127.0.0.1",
		NULL,
	};

	expect(texts, false);
}

static void
other_families_are_not(void)
{
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	struct sockaddr_in cut = { .sin_family = AF_INET };

	CHECK(!addresses_allow(&none, (struct sockaddr *)&local, sizeof local));
	inet_pton(AF_INET, "1.1.1.1", &cut.sin_addr);
	CHECK(!addresses_allow(&none, (struct sockaddr *)&cut, sizeof cut - 1));
	CHECK(addresses_allow(&none, (struct sockaddr *)&cut, sizeof cut));
}

static void
what_is_listed_is_allowed_besides(void)
{
	struct addresses some;
	struct slice wrong;

	CHECK(addresses_read(&some, "  127.0.0.1 10.1.0.0/16\tfd00::/8 ::1 ",
			     &wrong));
	CHECK_INT(some.n, 4);
	CHECK(allows(&some, "127.0.0.1"));
	CHECK(allows(&some, "::ffff:127.0.0.1"));
	CHECK(!allows(&some, "127.0.0.2"));
	CHECK(allows(&some, "10.1.255.1"));
	CHECK(!allows(&some, "10.2.0.0"));
	CHECK(!allows(&some, "10.0.255.255"));
	CHECK(allows(&some, "fdff::1"));
	CHECK(!allows(&some, "fc00::1"));
	CHECK(allows(&some, "::1"));
	CHECK(!allows(&some, "::2"));
	CHECK(allows(&some, "1.1.1.1"));
	CHECK(allows(&some, "64:ff9b::10.1.0.1"));
	CHECK(!allows(&some, "64:ff9b::10.2.0.1"));
	CHECK(addresses_read(&some, "64:ff9b::/64", &wrong));
	CHECK(allows(&some, "64:ff9b::10.2.0.1"));
	CHECK(!allows(&some, "10.2.0.1"));
}

static void
prefixes_need_not_end_at_a_byte(void)
{
	struct addresses some;
	struct slice wrong;

	CHECK(addresses_read(&some, "172.16.0.0/12 10.0.0.128/25", &wrong));
	CHECK(allows(&some, "172.31.0.1"));
	CHECK(allows(&some, "10.0.0.200"));
	CHECK(!allows(&some, "10.0.0.127"));
	CHECK(addresses_read(&some, "0.0.0.0/0", &wrong));
	CHECK(allows(&some, "127.0.0.1"));
	CHECK(!allows(&some, "::1"));
	CHECK(addresses_read(&some, "::/0", &wrong));
	CHECK(allows(&some, "127.0.0.1"));
	CHECK(allows(&some, "::1"));
}

static void
what_is_no_address_is_named(void)
{
	static const char *const wrong_ones[] = {
		"localhost",
		"10.0.0.0/33",
		"::/129",
		"10.0.0/8",
		"10.0.0.0/",
		"/8",
		"10.0.0.0/-1",
		"10.0.0.0/8/8",
		"fe80::1%lo",
		"1.2.3.4,5.6.7.8",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999/128",
	};
	struct addresses some;
	struct slice wrong;
	char list[128];

	for (size_t i = 0; i < sizeof wrong_ones / sizeof *wrong_ones; i++) {
		snprintf(list, sizeof list, "10.0.0.0/8 %s 1.1.1.1",
			 wrong_ones[i]);
		CHECK(!addresses_read(&some, list, &wrong));
		CHECK(slice_is(wrong, wrong_ones[i]));
	}
}

static void
a_list_has_an_end(void)
{
	char list[(ADDRESSES_MAX + 1) * 4 + 1] = "";
	struct addresses some;
	struct slice wrong;

	for (size_t i = 0; i < ADDRESSES_MAX; i++)
		strcat(list, "::1 ");
	CHECK(addresses_read(&some, list, &wrong));
	strcat(list, "::2");
	CHECK(!addresses_read(&some, list, &wrong));
	CHECK(slice_is(wrong, "::2"));
}

int
main(void)
{
	RUN(public_addresses_are_allowed);
	RUN(addresses_within_are_not);
	RUN(addresses_within_of_ipv6_are_not);
	RUN(other_families_are_not);
	RUN(what_is_listed_is_allowed_besides);
	RUN(prefixes_need_not_end_at_a_byte);
	RUN(what_is_no_address_is_named);
	RUN(a_list_has_an_end);
	return check_done();
}
