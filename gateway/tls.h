/* SPDX-License-Identifier: MIT */
/* gateway/tls.h - what we show to clients over TLS: a certificate, with its
 * chain and key, and the rules of what we speak (1.2 and 1.3, forward secrecy,
 * AEAD ciphers alone). The bytes of a connection are stream.h's.
 */
#ifndef PARLEY_GATEWAY_TLS_H
#define PARLEY_GATEWAY_TLS_H

#include <stdint.h>

struct ssl_st;
struct tls;

/* From now on OpenSSL's memory is wiped when it is given back: reading a key
 * leaves copies of it there. To be called before anything else of OpenSSL; else
 * it does nothing. */
void tls_wipe_memory(void);

/* Reads both PEM files; a relative path begins at `folder`, or where we are now
 * if that is NULL. NULL after a log line that says what is wrong with which
 * file. Copies its arguments. */
struct tls *tls_new(const char *folder, const char *cert, const char *key);

/* Reads both files again, for the sessions to come; those that are open keep
 * what they have. 0, or -1 after a log line; then nothing has changed. */
int tls_reload(struct tls *tls);

/* Makes new keys for session tickets when those in use are an hour old, so that
 * who steals them cannot read what was said before. To be called now and then.
 */
void tls_tick(struct tls *tls, uint64_t now_ms);

/* A session at the server's side of this socket, which it does not own; freed
 * by SSL_free(). NULL if out of memory. */
struct ssl_st *tls_session_new(const struct tls *tls, int fd);

/* Wipes the keys, as soon as the last session is freed too. Sets *tls to NULL;
 * NULL is fine. */
void tls_free(struct tls **tls);

#endif
