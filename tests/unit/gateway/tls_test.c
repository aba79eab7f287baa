/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/tls_test.c - which files are taken, and do a server's and
 * a client's end of a socket agree, talk, wait, end?
 */
#include "gateway/stream.h"
#include "gateway/tls.h"

#include "proto/log.h"
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 100000

static char folder[] = "/tmp/parley-tls-XXXXXX";

/* --- Files */

static FILE *
open_file(const char *name)
{
	FILE *out = fopen(name, "w");

	if (out == NULL)
		abort();
	return out;
}

static void
write_key(const char *name, EVP_PKEY *key, const char *passphrase)
{
	FILE *out = open_file(name);
	const EVP_CIPHER *cipher = passphrase ? EVP_aes_128_cbc() : NULL;

	CHECK(out != NULL &&
	      PEM_write_PrivateKey(out, key, cipher, NULL, 0, NULL,
				   (void *)passphrase) == 1);
	fclose(out);
	(void)chmod(name, 0600);
}

static void
write_certificate(const char *name, EVP_PKEY *key, long serial)
{
	X509 *x509 = X509_new();
	FILE *out = open_file(name);

	ASN1_INTEGER_set(X509_get_serialNumber(x509), serial);
	X509_gmtime_adj(X509_getm_notBefore(x509), 0);
	X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
	X509_set_pubkey(x509, key);
	CHECK(X509_sign(x509, key, EVP_sha256()) > 0);
	CHECK(PEM_write_X509(out, x509) == 1);
	fclose(out);
	X509_free(x509);
}

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

	write_key("key.pem", key, NULL);
	write_key("locked.pem", key, "a passphrase");
	write_key("other.pem", other, NULL);
	write_key("rsa.pem", rsa, NULL);
	write_key("weak.pem", weak, NULL);
	write_certificate("cert.pem", key, 1);
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

/* --- Two ends of a socket */

struct pair {
	struct tls *tls;
	struct stream stream;
	int fds[2]; /* the server's, the client's */
	SSL_CTX *rules;
	SSL *client;
	unsigned records; /* of application data that the client got */
};

static void
count_records(int is_written, int version, int type, const void *bytes,
	      size_t n, SSL *ssl, void *self)
{
	struct pair *p = self;

	(void)version;
	(void)ssl;
	if (!is_written && type == SSL3_RT_HEADER && n > 0 &&
	    *(const unsigned char *)bytes == SSL3_RT_APPLICATION_DATA)
		p->records++;
}

static void
pair_init(struct pair *p, int version)
{
	int small = 16 * 1024;

	*p = (struct pair){ .tls = tls_new(folder, "cert.pem", "key.pem") };
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p->fds),
		  0);
	(void)setsockopt(p->fds[0], SOL_SOCKET, SO_SNDBUF, &small,
			 sizeof small);
	stream_init(&p->stream, p->fds[0], p->tls);
	p->rules = SSL_CTX_new(TLS_client_method());
	if (version != 0)
		SSL_CTX_set_max_proto_version(p->rules, version);
	p->client = SSL_new(p->rules);
	SSL_set_fd(p->client, p->fds[1]);
	SSL_set_connect_state(p->client);
	SSL_set_msg_callback(p->client, count_records);
	SSL_set_msg_callback_arg(p->client, p);
}

static void
pair_fini(struct pair *p)
{
	stream_fini(&p->stream);
	SSL_free(p->client);
	SSL_CTX_free(p->rules);
	tls_free(&p->tls);
	close(p->fds[0]);
	close(p->fds[1]);
}

/* What the server says in the end. */
static int
agree(struct pair *p)
{
	int server = 0, client = 0;

	for (int i = 0; i < TRIES && (server == 0 || client != 1); i++) {
		client = SSL_do_handshake(p->client);
		server = stream_agree(&p->stream);
		if (server < 0)
			break;
	}
	return server;
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
push(struct outbox *box, const uint8_t *bytes, size_t n)
{
	struct parcel *parcel = parcel_new(n);

	memcpy(parcel->bytes, bytes, n);
	CHECK_INT(outbox_push(box, parcel), 0);
	parcel_drop(parcel);
}

static void
both_sides_agree_and_talk(void)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

	for (size_t i = 0; i < 2; i++) {
		struct pair p;
		struct outbox box = { 0 };
		uint8_t room[16 * 1024];

		pair_init(&p, versions[i]);
		CHECK_INT(agree(&p), 1);
		CHECK_INT(SSL_version(p.client), versions[i]);
		CHECK_INT(stream_read(&p.stream, room, sizeof room), 0);
		CHECK_INT(SSL_write(p.client, "hello", 5), 5);
		CHECK_INT(stream_read(&p.stream, room, sizeof room), 5);
		push(&box, (const uint8_t *)"hello back", 10);
		CHECK_INT(stream_write(&p.stream, &box), 1);
		CHECK_INT(SSL_read(p.client, room, sizeof room), 10);
		CHECK(stream_sent(&p.stream) > 10);
		pair_fini(&p);
	}
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

/* Not even an alert goes to who speaks HTTP. */
static void
plain_text_is_refused_without_a_word(void)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	struct pair p;
	struct outbox box = { 0 };
	char room[16];

	pair_init(&p, 0);
	CHECK_INT(stream_agree(&p.stream), 0);
	CHECK(send(p.fds[1], request, sizeof request - 1, 0) > 0);
	CHECK_INT(stream_agree(&p.stream), -1);
	push(&box, (const uint8_t *)"a secret", 8);
	CHECK_INT(stream_write(&p.stream, &box), -1);
	CHECK_INT(stream_end(&p.stream), 1);
	CHECK_INT(recv(p.fds[1], room, sizeof room, 0), 0);
	outbox_fini(&box);
	pair_fini(&p);
}

static void
nothing_is_written_before_both_sides_agree(void)
{
	struct pair p;
	struct outbox box = { 0 };
	char room[16];

	pair_init(&p, 0);
	push(&box, (const uint8_t *)"a secret", 8);
	CHECK_INT(stream_write(&p.stream, &box), -1);
	CHECK_INT(recv(p.fds[1], room, sizeof room, 0), -1);
	outbox_fini(&box);
	pair_fini(&p);
}

static void
many_small_parcels_are_few_records(void)
{
	struct pair p;
	struct outbox box = { 0 };
	uint8_t room[32 * 1024];
	size_t got = 0;

	pair_init(&p, TLS1_2_VERSION);
	CHECK_INT(agree(&p), 1);
	for (int i = 0; i < 1000; i++)
		push(&box, (const uint8_t *)"twenty bytes of text", 20);
	for (int i = 0; i < TRIES && got < 20000; i++) {
		int n;

		CHECK(stream_write(&p.stream, &box) >= 0);
		n = SSL_read(p.client, room, sizeof room);
		got += n > 0 ? (size_t)n : 0;
	}
	CHECK_INT(got, 20000);
	CHECK_INT(p.records, 2);
	outbox_fini(&box);
	pair_fini(&p);
}

static uint8_t
pattern(size_t i)
{
	return (uint8_t)(i * 31 + i / 251);
}

/* Parcels are added while a record is half written. */
static void
what_a_full_socket_refuses_follows_in_order(void)
{
	enum { TOTAL = 1024 * 1024 };
	struct pair p;
	struct outbox box = { 0 };
	uint8_t room[3000];
	size_t pushed = 0, got = 0, size = 1;
	bool was_full = false, is_right = true;

	pair_init(&p, 0);
	CHECK_INT(agree(&p), 1);
	for (int i = 0; i < TRIES && got < TOTAL; i++) {
		int n, rc;

		for (int k = 0; k < 3 && pushed < TOTAL; k++) {
			size_t piece = size % sizeof room + 1;

			if (piece > TOTAL - pushed)
				piece = TOTAL - pushed;
			for (size_t j = 0; j < piece; j++)
				room[j] = pattern(pushed + j);
			push(&box, room, piece);
			pushed += piece;
			size = size * 7 + 3;
		}
		rc = stream_write(&p.stream, &box);
		CHECK(rc >= 0);
		was_full = was_full || rc == 0;
		n = SSL_read(p.client, room, sizeof room);
		for (int j = 0; j < n; j++)
			is_right =
			    is_right && room[j] == pattern(got + (size_t)j);
		got += n > 0 ? (size_t)n : 0;
	}
	CHECK_INT(got, TOTAL);
	CHECK(is_right);
	CHECK(was_full);
	CHECK(outbox_is_empty(&box));
	outbox_fini(&box);
	pair_fini(&p);
}

static void
a_record_is_read_whole_so_that_none_of_it_waits_unseen(void)
{
	static uint8_t sent[16 * 1024], room[16 * 1024];
	struct pair p;
	ssize_t n = 0;

	pair_init(&p, 0);
	CHECK_INT(agree(&p), 1);
	CHECK_INT(SSL_write(p.client, sent, sizeof sent), sizeof sent);
	for (int i = 0; i < TRIES && n == 0; i++)
		n = stream_read(&p.stream, room, sizeof room);
	CHECK_INT(n, sizeof sent);
	CHECK_INT(SSL_has_pending(p.stream.ssl), 0);
	pair_fini(&p);
}

static void
the_end_is_said_and_heard(void)
{
	struct pair p;
	uint8_t room[16 * 1024];

	pair_init(&p, 0);
	CHECK_INT(agree(&p), 1);
	CHECK_INT(stream_end(&p.stream), 1);
	CHECK_INT(SSL_read(p.client, room, sizeof room), 0);
	CHECK_INT(SSL_get_shutdown(p.client), SSL_RECEIVED_SHUTDOWN);
	CHECK_INT(SSL_write(p.client, "late", 4), 4);
	CHECK_INT(stream_read(&p.stream, room, sizeof room), 4);
	CHECK_INT(SSL_shutdown(p.client), 1);
	CHECK_INT(stream_read(&p.stream, room, sizeof room), -1);
	CHECK_INT(stream_end(&p.stream), 1);
	pair_fini(&p);
}

static void
a_client_that_ends_is_answered(void)
{
	struct pair p;
	uint8_t room[16 * 1024];

	pair_init(&p, 0);
	CHECK_INT(agree(&p), 1);
	CHECK_INT(SSL_shutdown(p.client), 0);
	CHECK_INT(stream_read(&p.stream, room, sizeof room), -1);
	stream_abandon(&p.stream);
	CHECK_INT(SSL_read(p.client, room, sizeof room), 0);
	CHECK_INT(SSL_get_error(p.client, 0), SSL_ERROR_ZERO_RETURN);
	pair_fini(&p);
}

static void
garbage_in_a_session_ends_it(void)
{
	struct pair p;
	struct outbox box = { 0 };
	uint8_t room[16 * 1024];

	pair_init(&p, 0);
	CHECK_INT(agree(&p), 1);
	CHECK(send(p.fds[1],
		   "\x17\x03\x03\0\x20no record of this session at all", 37,
		   0) > 0);
	CHECK_INT(stream_read(&p.stream, room, sizeof room), -1);
	push(&box, (const uint8_t *)"a secret", 8);
	CHECK_INT(stream_write(&p.stream, &box), -1);
	CHECK_INT(stream_read(&p.stream, room, sizeof room), -1);
	outbox_fini(&box);
	pair_fini(&p);
}

/* --- Reload */

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

/* --- Events */

static void
what_is_waited_for_is_what_can_be_done(void)
{
	static const struct {
		bool read_wants_room, write_wants_input, reads, writes;
		uint32_t awaited;
		uint32_t on_input, on_room;
	} cases[] = {
		{ 0, 0, 1, 0, EPOLLIN, EPOLLIN, EPOLLOUT },
		{ 0, 0, 1, 1, EPOLLIN | EPOLLOUT, EPOLLIN, EPOLLOUT },
		{ 0, 0, 0, 1, EPOLLOUT, 0, EPOLLOUT },
		{ 0, 0, 0, 0, 0, 0, EPOLLOUT },
		{ 1, 0, 1, 0, EPOLLOUT, 0, EPOLLIN | EPOLLOUT },
		{ 1, 0, 0, 0, 0, 0, EPOLLOUT },
		{ 0, 1, 1, 1, EPOLLIN, EPOLLIN | EPOLLOUT, 0 },
		{ 0, 1, 0, 1, EPOLLIN, EPOLLOUT, 0 },
		{ 1, 1, 1, 1, EPOLLIN | EPOLLOUT, EPOLLOUT, EPOLLIN },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct stream s = { .read_wants_room =
					      cases[i].read_wants_room,
					  .write_wants_input =
					      cases[i].write_wants_input };
		bool reads = cases[i].reads;

		CHECK_INT(stream_events(&s, reads, cases[i].writes),
			  cases[i].awaited);
		CHECK_INT(stream_ready(&s, EPOLLIN, reads), cases[i].on_input);
		CHECK_INT(stream_ready(&s, EPOLLOUT, reads), cases[i].on_room);
		CHECK_INT(stream_ready(&s, EPOLLHUP, reads), EPOLLHUP);
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

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		CHECK_INT(unlink(names[i]), 0);
	CHECK_INT(rmdir(folder), 0);
}

int
main(void)
{
	log_setup("tls_test", LOG_ERROR, false);
	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		return 1;
	write_files();
	RUN(a_pair_is_taken_only_if_it_is_whole_and_fits);
	RUN(both_sides_agree_and_talk);
	RUN(an_older_version_is_refused);
	RUN(plain_text_is_refused_without_a_word);
	RUN(nothing_is_written_before_both_sides_agree);
	RUN(many_small_parcels_are_few_records);
	RUN(what_a_full_socket_refuses_follows_in_order);
	RUN(a_record_is_read_whole_so_that_none_of_it_waits_unseen);
	RUN(the_end_is_said_and_heard);
	RUN(a_client_that_ends_is_answered);
	RUN(garbage_in_a_session_ends_it);
	RUN(a_reload_is_for_new_sessions_and_a_bad_one_changes_nothing);
	RUN(a_ticket_resumes_a_session_for_an_hour);
	RUN(what_is_waited_for_is_what_can_be_done);
	RUN(remove_files);
	return check_done();
}
