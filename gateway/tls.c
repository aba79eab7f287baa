/* SPDX-License-Identifier: MIT */
/* gateway/tls.c - reads the certificate and its key into an OpenSSL context,
 * and sets what may be spoken.
 *
 * A reload makes a new context. OpenSSL counts who holds the old one: the
 * sessions that began with it.
 */
#include "gateway/tls.h"

#include "proto/log.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX       (1024 * 1024)
#define TICKET_SECONDS 3600
#define TICKET_BYTES   80 /* what SSL_CTX_set_tlsext_ticket_keys() wants */
#define SECURITY_LEVEL 2  /* 112 bits: RSA from 2048 */

struct tls {
	SSL_CTX *context;
	char *cert;
	char *key;
	uint64_t renewed_ms; /* the tickets' keys; 0: at the next tick */
};

/* --- Memory */

static void *
take_memory(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return malloc(n);
}

static void
wipe_memory(void *at, const char *file, int line)
{
	(void)file;
	(void)line;
	if (at != NULL)
		explicit_bzero(at, malloc_usable_size(at));
	free(at);
}

/* realloc() would leave behind what it has copied. */
static void *
move_memory(void *at, size_t n, const char *file, int line)
{
	size_t before = at == NULL ? 0 : malloc_usable_size(at);
	void *moved = n == 0 ? NULL : malloc(n);

	if (n > 0 && moved == NULL)
		return NULL;
	if (at != NULL && moved != NULL)
		memcpy(moved, at, n < before ? n : before);
	wipe_memory(at, file, line);
	return moved;
}

void
tls_wipe_memory(void)
{
	(void)CRYPTO_set_mem_functions(take_memory, move_memory, wipe_memory);
}

/* --- The rules */

static const char ciphers_1_2[] = "ECDHE-ECDSA-AES128-GCM-SHA256:"
				  "ECDHE-RSA-AES128-GCM-SHA256:"
				  "ECDHE-ECDSA-AES256-GCM-SHA384:"
				  "ECDHE-RSA-AES256-GCM-SHA384:"
				  "ECDHE-ECDSA-CHACHA20-POLY1305:"
				  "ECDHE-RSA-CHACHA20-POLY1305";

static const char ciphers_1_3[] = "TLS_AES_128_GCM_SHA256:"
				  "TLS_AES_256_GCM_SHA384:"
				  "TLS_CHACHA20_POLY1305_SHA256";

/* RFC 7301 3.2: who offers protocols, but none of ours, is refused. */
static int
choose_protocol(SSL *ssl, const unsigned char **chosen,
		unsigned char *chosen_bytes, const unsigned char *offered,
		unsigned offered_bytes, void *self)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *found;

	(void)ssl;
	(void)self;
	if (SSL_select_next_proto(&found, chosen_bytes, ours, sizeof ours - 1,
				  offered,
				  offered_bytes) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*chosen = found;
	return SSL_TLSEXT_ERR_OK;
}

/* A ticket holds the session's keys, sealed by these. */
static bool
renew_tickets(SSL_CTX *context)
{
	unsigned char keys[TICKET_BYTES];
	bool done =
	    RAND_priv_bytes(keys, sizeof keys) == 1 &&
	    SSL_CTX_set_tlsext_ticket_keys(context, keys, sizeof keys) == 1;

	OPENSSL_cleanse(keys, sizeof keys);
	return done;
}

/* The system's own policy may be stricter, and then holds. Renegotiation and
 * compression are in TLS 1.2 alone; early data, which may be replayed, is off
 * unless asked for. */
static bool
set_rules(SSL_CTX *context)
{
	if (SSL_CTX_get_security_level(context) < SECURITY_LEVEL)
		SSL_CTX_set_security_level(context, SECURITY_LEVEL);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION |
					 SSL_OP_NO_COMPRESSION |
					 SSL_OP_CIPHER_SERVER_PREFERENCE |
					 SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_timeout(context, TICKET_SECONDS);
	SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
	return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_cipher_list(context, ciphers_1_2) == 1 &&
	       SSL_CTX_set_ciphersuites(context, ciphers_1_3) == 1 &&
	       SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1 &&
	       SSL_CTX_set_num_tickets(context, 1) == 1 &&
	       renew_tickets(context);
}

/* --- Files */

/* A file's bytes, which are wiped when they are given back. */
struct secret {
	uint8_t *bytes;
	size_t n;
};

static void
secret_fini(struct secret *secret)
{
	if (secret->bytes != NULL)
		OPENSSL_cleanse(secret->bytes, secret->n);
	free(secret->bytes);
	*secret = (struct secret){ 0 };
}

static int
read_whole(int fd, struct secret *into, size_t size)
{
	into->bytes = malloc(size);
	if (into->bytes == NULL)
		return -1;
	while (into->n < size) {
		ssize_t n = read(fd, into->bytes + into->n, size - into->n);

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return -1;
		into->n += n < 0 ? 0 : (size_t)n;
	}
	return 0;
}

/* NULL, or what is wrong. The mode comes with it, as of the file that was read.
 */
static const char *
read_file(const char *path, struct secret *into, mode_t *mode)
{
	/* Not to wait at a FIFO; a file does not care. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	const char *wrong = NULL;

	if (fd < 0)
		return strerror(errno);
	if (fstat(fd, &status) != 0)
		wrong = strerror(errno);
	else if (!S_ISREG(status.st_mode))
		wrong = "not a file";
	else if (status.st_size <= 0 || status.st_size > FILE_MAX)
		wrong = "empty, or more than 1 MiB";
	else if (read_whole(fd, into, (size_t)status.st_size) != 0)
		wrong = strerror(errno);
	else
		*mode = status.st_mode;
	close(fd);
	return wrong;
}

/* Nobody is there to type one. */
static int
give_no_passphrase(char *into, int room, int is_writing, void *self)
{
	(void)into;
	(void)room;
	(void)is_writing;
	(void)self;
	return -1;
}

/* OpenSSL's word for what has just failed. */
static const char *
last_error(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	return reason == NULL ? "out of memory" : reason;
}

/* The certificate comes first, then those that vouch for it, each for the one
 * above. NULL, or what is wrong. */
static const char *
take_certificates(SSL_CTX *context, BIO *pem)
{
	X509 *x509 = PEM_read_bio_X509_AUX(pem, NULL, give_no_passphrase, NULL);
	bool is_taken = x509 != NULL;

	if (!is_taken)
		return "no certificate in PEM form in it";
	is_taken = SSL_CTX_use_certificate(context, x509) == 1;
	X509_free(x509);
	while (is_taken && (x509 = PEM_read_bio_X509(
				pem, NULL, give_no_passphrase, NULL)) != NULL) {
		is_taken = SSL_CTX_add0_chain_cert(context, x509) == 1;
		if (!is_taken)
			X509_free(x509);
	}
	if (!is_taken)
		return last_error();
	/* What ended it must be the end, not a damaged certificate. */
	return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE
		   ? NULL
		   : "a damaged certificate in its chain";
}

/* NULL, or what is wrong. */
static const char *
take_key(SSL_CTX *context, BIO *pem)
{
	EVP_PKEY *key =
	    PEM_read_bio_PrivateKey(pem, NULL, give_no_passphrase, NULL);
	const char *wrong = NULL;

	if (key == NULL)
		return "no private key in PEM form without a passphrase in it";
	if (SSL_CTX_use_PrivateKey(context, key) != 1 ||
	    SSL_CTX_check_private_key(context) != 1)
		wrong = "not the key of the certificate";
	EVP_PKEY_free(key);
	return wrong;
}

typedef const char *take_fn(SSL_CTX *context, BIO *pem);

static int
load_file(SSL_CTX *context, const char *path, const char *setting,
	  take_fn *take, mode_t *mode)
{
	struct secret file = { 0 };
	const char *wrong = read_file(path, &file, mode);
	BIO *pem = NULL;

	ERR_clear_error();
	if (wrong == NULL) {
		pem = BIO_new_mem_buf(file.bytes, (int)file.n);
		wrong = pem == NULL ? "out of memory" : take(context, pem);
	}
	if (wrong != NULL)
		log_error("bad_tls_file", KT("setting", setting),
			  KT("file", path), KT("error", wrong));
	BIO_free(pem);
	secret_fini(&file);
	ERR_clear_error();
	return wrong == NULL ? 0 : -1;
}

/* --- A context */

static void
tell_certificate(const SSL_CTX *context)
{
	const X509 *x509 = SSL_CTX_get0_certificate(context);
	const ASN1_TIME *end = X509_get0_notAfter(x509);
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), NULL);
	char *serial = number == NULL ? NULL : BN_bn2hex(number);
	char until[32] = "";
	struct tm tm;

	if (ASN1_TIME_to_tm(end, &tm) == 1)
		strftime(until, sizeof until, "%Y-%m-%dT%H:%M:%SZ", &tm);
	log_info("certificate_loaded", KT("serial", serial),
		 KT("until", until));
	if (X509_cmp_current_time(end) < 0)
		log_warn("certificate_expired", KT("serial", serial),
			 KT("until", until));
	OPENSSL_free(serial);
	BN_free(number);
}

static SSL_CTX *
load(const struct tls *tls)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	mode_t mode = 0;

	if (context == NULL || !set_rules(context)) {
		log_error("tls_failed", KT("error", last_error()));
		goto fail;
	}
	if (load_file(context, tls->cert, "PARLEY_TLS_CERT", take_certificates,
		      &mode) != 0 ||
	    load_file(context, tls->key, "PARLEY_TLS_KEY", take_key, &mode) !=
		0)
		goto fail;
	if ((mode & S_IRWXO) != 0)
		log_warn("others_may_read_key", KT("file", tls->key),
			 KT("hint", "chmod 600"));
	tell_certificate(context);
	return context;
fail:
	SSL_CTX_free(context);
	return NULL;
}

/* Sessions that are open hold the old context and its tickets' keys: others
 * take their place, so that these are gone now. */
static void
let_go(SSL_CTX *context)
{
	if (context != NULL)
		(void)renew_tickets(context);
	SSL_CTX_free(context);
}

static char *
absolute(const char *folder, const char *path)
{
	char *joined;

	if (*path == '/' || folder == NULL)
		return strdup(path);
	return asprintf(&joined, "%s/%s", folder, path) < 0 ? NULL : joined;
}

struct tls *
tls_new(const char *folder, const char *cert, const char *key)
{
	struct tls *tls = calloc(1, sizeof *tls);

	if (tls == NULL) {
		log_error("no_memory", KT("for", "tls"));
		return NULL;
	}
	tls->cert = absolute(folder, cert);
	tls->key = absolute(folder, key);
	if (tls->cert == NULL || tls->key == NULL)
		log_error("no_memory", KT("for", "tls"));
	else
		tls->context = load(tls);
	if (tls->context == NULL)
		tls_free(&tls);
	return tls;
}

int
tls_reload(struct tls *tls)
{
	SSL_CTX *context = load(tls);

	if (context == NULL) {
		log_warn("certificate_kept",
			 KT("hint", "mend both files, then SIGHUP again"));
		return -1;
	}
	let_go(tls->context);
	tls->context = context;
	tls->renewed_ms = 0;
	return 0;
}

void
tls_tick(struct tls *tls, uint64_t now_ms)
{
	if (tls->renewed_ms == 0)
		tls->renewed_ms = now_ms;
	if (now_ms - tls->renewed_ms < TICKET_SECONDS * UINT64_C(1000))
		return;
	tls->renewed_ms = now_ms;
	if (!renew_tickets(tls->context))
		log_error("tls_failed", KT("error", last_error()));
}

SSL *
tls_session_new(const struct tls *tls, int fd)
{
	SSL *ssl = SSL_new(tls->context);

	if (ssl == NULL || SSL_set_fd(ssl, fd) != 1) {
		SSL_free(ssl);
		ERR_clear_error();
		return NULL;
	}
	SSL_set_accept_state(ssl);
	return ssl;
}

void
tls_free(struct tls **tls)
{
	if (*tls == NULL)
		return;
	let_go((*tls)->context);
	free((*tls)->cert);
	free((*tls)->key);
	free(*tls);
	*tls = NULL;
}
