/* SPDX-License-Identifier: MIT */
/* gateway/http_server.h - the HTTP half of a connection: gathers a request and
 * hands it to whoever answers it, one after the other.
 */
#ifndef PARLEY_GATEWAY_HTTP_SERVER_H
#define PARLEY_GATEWAY_HTTP_SERVER_H

#include "gateway/connection.h"

/* Hears what the client sent. */
void http_hear(struct connection *connection, const uint8_t *bytes, size_t n);

/* A request whose body is not whole gives way to others: it is answered by 503,
 * and its body's memory given back. */
void http_refuse_unfinished(struct connection *connection);

/* The request in hand was answered: makes room for the next one. False if the
 * connection is not to be kept. */
bool http_next_request(struct connection *connection);

/* Hears what had come behind the last request, unless too many answers wait to
 * be read: then nothing is heard until http_drained(). */
void http_go_on(struct connection *connection);

/* Some of what waited was written. */
void http_drained(struct connection *connection);

#endif
