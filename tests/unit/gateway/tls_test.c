/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/tls_test.c - which files are taken, what is agreed on with
 * clients, and what becomes of their sessions when files and keys change.
 */
#include "tests/unit/gateway/tls_pair.h"

/* --- Files */

static void
write_text(const char *name, const char *text)
{
	FILE *out = open_file(name);

	CHECK(fputs(text, out) >= 0);
	fclose(out);
}

static void
write_files(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	EVP_PKEY *other = EVP_EC_gen("P-256");
	EVP_PKEY *rsa = EVP_RSA_gen(2048);
	EVP_PKEY *weak = EVP_RSA_gen(1024);

	write_pair(key);
	write_key("locked.pem", key, "a passphrase");
	write_key("other.pem", other, NULL);
	write_key("rsa.pem", rsa, NULL);
	write_key("weak.pem", weak, NULL);
	write_certificate("next.pem", key, 2);
	write_certificate("rsa-cert.pem", rsa, 3);
	write_certificate("weak-cert.pem", weak, 4);
	write_text("empty.pem", "");
	write_text("words.pem", "no PEM at all\n");
	write_text("damaged.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n"
				  "-----END CERTIFICATE-----\n");
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(weak);
}

static void
a_pair_is_taken_only_if_it_is_whole_and_fits(void)
{
	static const struct {
		const char *cert, *key;
		bool is_taken;
	} cases[] = {
		{ "cert.pem", "key.pem", true },
		{ "rsa-cert.pem", "rsa.pem", true },
		{ "missing.pem", "key.pem", false },
		{ "cert.pem", "missing.pem", false },
		{ "empty.pem", "key.pem", false },
		{ "cert.pem", "empty.pem", false },
		{ "words.pem", "key.pem", false },
		{ "cert.pem", "words.pem", false },
		{ "damaged.pem", "key.pem", false },
		{ ".", "key.pem", false },
		{ "cert.pem", ".", false },
		{ "key.pem", "key.pem", false },
		{ "cert.pem", "cert.pem", false },
		{ "cert.pem", "locked.pem", false },
		{ "cert.pem", "other.pem", false },
		{ "cert.pem", "rsa.pem", false },
		{ "weak-cert.pem", "weak.pem", false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tls *tls = tls_new(folder, cases[i].cert, cases[i].key);

		if ((tls != NULL) != cases[i].is_taken)
			printf("# case %zu\n", i);
		CHECK_INT(tls != NULL, cases[i].is_taken);
		tls_free(&tls);
		CHECK(tls == NULL);
	}
}

/* --- Sessions */

/* Another connection to the same server, as the client of `p`. */
static void
connect_again(struct pair *p, SSL_SESSION *session)
{
	stream_fini(&p->stream);
	SSL_free(p->client);
	close(p->fds[0]);
	close(p->fds[1]);
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p->fds),
		  0);
	stream_init(&p->stream, p->fds[0], p->tls);
	p->client = SSL_new(p->rules);
	SSL_set_fd(p->client, p->fds[1]);
	SSL_set_connect_state(p->client);
	if (session != NULL)
		SSL_set_session(p->client, session);
	CHECK_INT(agree(p), 1);
}

static long
serial_seen(const struct pair *p)
{
	X509 *x509 = SSL_get1_peer_certificate(p->client);
	long serial = ASN1_INTEGER_get(X509_get0_serialNumber(x509));

	X509_free(x509);
	return serial;
}

static void
an_older_version_is_refused(void)
{
	struct pair p;

	pair_init(&p, TLS1_1_VERSION);
	SSL_set_security_level(p.client, 0);
	CHECK_INT(agree(&p), -1);
	CHECK_INT(stream_agree(&p.stream), -1);
	pair_fini(&p);
}

static void
a_reload_is_for_new_sessions_and_a_bad_one_changes_nothing(void)
{
	struct pair p;
	uint8_t room[16 * 1024];

	pair_init(&p, 0);
	CHECK_INT(agree(&p), 1);
	CHECK_INT(serial_seen(&p), 1);
	CHECK_INT(rename("cert.pem", "kept.pem"), 0);
	write_text("cert.pem", "not yet written\n");
	CHECK_INT(tls_reload(p.tls), -1);
	connect_again(&p, NULL);
	CHECK_INT(serial_seen(&p), 1);

	CHECK_INT(rename("next.pem", "cert.pem"), 0);
	CHECK_INT(tls_reload(p.tls), 0);
	CHECK_INT(SSL_write(p.client, "still here", 10), 10);
	CHECK_INT(stream_read(&p.stream, room, sizeof room), 10);
	connect_again(&p, NULL);
	CHECK_INT(serial_seen(&p), 2);
	CHECK_INT(rename("cert.pem", "next.pem"), 0);
	CHECK_INT(rename("kept.pem", "cert.pem"), 0);
	pair_fini(&p);
}

static SSL_SESSION *
session_of(struct pair *p)
{
	uint8_t room[16];

	/* A ticket of TLS 1.3 comes behind the handshake. */
	CHECK_INT(SSL_read(p->client, room, sizeof room), -1);
	/* OpenSSL forgets sessions that end without a word. */
	SSL_set_shutdown(p->client, SSL_SENT_SHUTDOWN);
	return SSL_get1_session(p->client);
}

static void
a_ticket_resumes_a_session_for_an_hour(void)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

	for (size_t i = 0; i < 2; i++) {
		struct pair p;
		SSL_SESSION *session;

		pair_init(&p, versions[i]);
		tls_tick(p.tls, 1000);
		CHECK_INT(agree(&p), 1);
		session = session_of(&p);
		CHECK(SSL_SESSION_get_ticket_lifetime_hint(session) <= 3600);
		tls_tick(p.tls, 3600 * 1000);
		connect_again(&p, session);
		CHECK_INT(SSL_session_reused(p.client), 1);
		tls_tick(p.tls, 3601 * 1000);
		connect_again(&p, session);
		CHECK_INT(SSL_session_reused(p.client), 0);
		SSL_SESSION_free(session);
		pair_fini(&p);
	}
}

static void
remove_files(void)
{
	static const char *const names[] = {
		"key.pem",       "locked.pem", "other.pem", "rsa.pem",
		"weak.pem",      "cert.pem",   "next.pem",  "rsa-cert.pem",
		"weak-cert.pem", "empty.pem",  "words.pem", "damaged.pem"
	};

	leave_folder(names, sizeof names / sizeof *names);
}

int
main(void)
{
	if (enter_folder("tls_test") != 0)
		return 1;
	write_files();
	RUN(a_pair_is_taken_only_if_it_is_whole_and_fits);
	RUN(an_older_version_is_refused);
	RUN(a_reload_is_for_new_sessions_and_a_bad_one_changes_nothing);
	RUN(a_ticket_resumes_a_session_for_an_hour);
	RUN(remove_files);
	return check_done();
}
