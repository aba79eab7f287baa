/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/tls_pair.h - a server's and a client's end of a socket, in
 * a folder with the certificate and the key that the server shows.
 */
#ifndef PARLEY_TESTS_UNIT_GATEWAY_TLS_PAIR_H
#define PARLEY_TESTS_UNIT_GATEWAY_TLS_PAIR_H

#include "gateway/stream.h"
#include "gateway/tls.h"
#include "proto/log.h"
#include "tests/unit/check.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 100000

static char folder[] = "/tmp/parley-tls-XXXXXX";

/* --- Files */

static inline FILE *
open_file(const char *name)
{
	FILE *out = fopen(name, "w");

	if (out == NULL)
		abort();
	return out;
}

static inline void
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

static inline void
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

/* The pair that pair_init() takes; to be called before. */
static inline void
write_pair(EVP_PKEY *key)
{
	write_key("key.pem", key, NULL);
	write_certificate("cert.pem", key, 1);
}

static inline int
enter_folder(const char *program)
{
	log_setup(program, LOG_ERROR, false);
	return mkdtemp(folder) == NULL ? -1 : chdir(folder);
}

/* Nothing else must be left in it. */
static inline void
leave_folder(const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		CHECK_INT(unlink(names[i]), 0);
	CHECK_INT(rmdir(folder), 0);
}

/* --- The two ends */

struct pair {
	struct tls *tls;
	struct stream stream;
	int fds[2]; /* the server's, the client's */
	SSL_CTX *rules;
	SSL *client;
	unsigned records; /* of application data that the client got */
};

static inline void
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

static inline void
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

static inline void
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
static inline int
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

#endif
