/* SPDX-License-Identifier: MIT */
/* hooks/sender.h - sends requests outside, many at a time, within the loop.
 *
 * libcurl does it: names, connections that are kept, TLS with its checks. What
 * it would do besides is turned off: no proxy from the environment, no
 * redirect followed, no cookie, no file of passwords, no protocol but HTTP.
 * Each address is looked at when it is about to be connected to, so that it
 * does not matter what a name said before.
 */
#ifndef PARLEY_HOOKS_SENDER_H
#define PARLEY_HOOKS_SENDER_H

#include "proto/addresses.h"
#include "proto/loop.h"

struct sender;
struct transfer;

struct sender_config {
	struct loop *loop;
	const struct addresses *addresses; /* kept */
	const char *ca_file;     /* kept; NULL or empty: libcurl's own */
	unsigned long timeout_s; /* for the whole of a request */
};

/* What is to be sent. All but the body is copied; that stays in place until the
 * end is told, or sender_cancel(). */
struct request {
	const char *url;
	const char *id;        /* webhook-id */
	uint64_t timestamp_s;  /* webhook-timestamp */
	const char *signature; /* webhook-signature */
	const char *event;     /* X-Parley-Event */
	struct slice body;     /* JSON */
};

enum end {
	END_taken,       /* the receiver said 2xx */
	END_gone,        /* 410: it never wants to hear of us again */
	END_redirected,  /* 3xx, which is not followed */
	END_refused,     /* any other status */
	END_timed_out,   /* it took too long */
	END_unreachable, /* there was no connection, or it broke */
	END_forbidden,   /* the address is none that may be connected to */
	END_untrusted,   /* TLS: who answers has not shown to be the receiver */
	END_unsent,      /* nothing was tried, for lack of memory */
	END_WORDS,
};

/* The word for metrics. */
const char *END_word(size_t i);

struct outcome {
	enum end end;
	long status;            /* of HTTP; 0: no answer came */
	uint64_t retry_after_s; /* what the receiver asked for; 0: nothing */
	uint64_t took_us;
	const char *why; /* for people, without the address */
};

/* Called exactly once for each transfer that is not cancelled, never from
 * within sender_send(). */
typedef void outcome_handler(void *context, const struct outcome *outcome);

/* NULL after a log line. */
struct sender *sender_new(const struct sender_config *config);

/* Cancels what is under way. NULL is fine. */
void sender_free(struct sender **sender);

/* Begins a request; NULL without memory: then nothing is ever told. */
struct transfer *sender_send(struct sender *sender,
			     const struct request *request,
			     outcome_handler *on_end, void *context);

/* Ends a transfer; nothing is told of it any more. */
void sender_cancel(struct transfer *transfer);

#endif
