/* SPDX-License-Identifier: MIT */
/* gateway/deflate.h - compressed messages (permessage-deflate, RFC 7692).
 *
 * No message needs the ones before it, in either direction. So one compressor
 * and one decompressor serve all connections, a message to many is compressed
 * once for all of them, and an idle connection costs nothing more.
 */
#ifndef PARLEY_GATEWAY_DEFLATE_H
#define PARLEY_GATEWAY_DEFLATE_H

#include "gateway/http.h"
#include "gateway/outbox.h"
#include "gateway/websocket.h"

#define DEFLATE_ANSWER_BYTES 128

/* Looks through what the client offers, in its order, for the first offer that
 * can be met; what is not exactly as in RFC 7692 7.1 declines that offer, not
 * the connection. Returns how many bits the window may have of what we compress
 * for this client, 9 to 15, and the value of Sec-WebSocket-Extensions to answer
 * with; or 0: nothing is agreed on, and nothing to be answered. */
unsigned deflate_agree(const struct http_request *request,
		       char answer[DEFLATE_ANSWER_BYTES]);

struct deflate;

/* For messages that have up to `max_bytes` when inflated. `compressions` counts
 * what is compressed, and outlives it. NULL with errno ENOMEM. */
struct deflate *deflate_new(size_t max_bytes, uint64_t *compressions);

/* Frees and sets *deflate to NULL; NULL is fine. */
void deflate_free(struct deflate **deflate);

/* Inflates a message that websocket_next() told of as `event`, WEBSOCKET_TEXT
 * or WEBSOCKET_BINARY. Returns that event, and `message` is as if it had been
 * sent like that: it points to what the next call overwrites. Or returns
 * WEBSOCKET_ERROR, with code 1007 for what is no deflated message or is not
 * UTF-8, 1009 if it is larger than the maximum, 1011 out of memory. RFC 7692
 * leaves the first code open; 1007 is what RFC 6455 7.4.1 has for a payload
 * that is not what its message's type promises. */
enum websocket_event deflate_open(struct deflate *deflate,
				  enum websocket_event event,
				  struct websocket_message *message);

/* The form in which a parcel goes to a client that agreed on `window_bits`:
 * compressed, if it is a message and gets shorter by that, or `parcel` itself.
 * Either is held by `parcel`. Made when first asked for, and kept for all
 * others who can read it. */
struct parcel *deflate_parcel(struct deflate *deflate, struct parcel *parcel,
			      unsigned window_bits);

#endif
