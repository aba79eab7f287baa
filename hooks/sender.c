/* SPDX-License-Identifier: MIT */
/* hooks/sender.c - transfers of libcurl's multi interface: see sender.h. */
#include "hooks/sender.h"

#include "proto/clock.h"
#include "proto/curl_loop.h"
#include "proto/log.h"

#include <inttypes.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define HEAD_LINE_BYTES 256

/* An answer is of no interest but for its status. */
#define ANSWER_MAX_BYTES (64 * 1024)

/* Connections that are kept for the next delivery to the same receiver. */
#define KEPT_MAX 128L

#define WHY_BYTES 128

struct transfer {
	struct sender *sender;
	CURL *easy;
	struct curl_slist *head;
	outcome_handler *on_end;
	void *context;
	uint64_t began_us;
	size_t answer_bytes;
	bool was_too_long;
	bool was_forbidden;
	char why[WHY_BYTES];
	struct transfer *prev, *next;
};

struct sender {
	struct sender_config config;
	struct curl_loop curl;
	struct transfer *transfers;
};

const char *
END_word(size_t i)
{
	static const char *const words[END_WORDS] = {
		[END_taken] = "taken",
		[END_gone] = "gone",
		[END_redirected] = "redirected",
		[END_refused] = "refused",
		[END_timed_out] = "timed_out",
		[END_unreachable] = "unreachable",
		[END_forbidden] = "forbidden",
		[END_untrusted] = "untrusted",
		[END_unsent] = "unsent",
	};

	return words[i];
}

/* --- What libcurl asks of us in a transfer */

/* The address is the one that is connected to now. */
static curl_socket_t
on_open(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *t = self;

	(void)purpose;
	if (!addresses_allow(t->sender->config.addresses, &address->addr,
			     address->addrlen)) {
		t->was_forbidden = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC,
		      address->protocol);
}

/* Reading on is of no use; what is left ends with the connection. */
static size_t
on_answer(char *bytes, size_t size, size_t n, void *self)
{
	struct transfer *t = self;

	(void)bytes;
	t->answer_bytes += size * n;
	if (t->answer_bytes <= ANSWER_MAX_BYTES)
		return size * n;
	t->was_too_long = true;
	return 0;
}

/* --- The end of a transfer */

static enum end
end_by_status(long status)
{
	if (status >= 200 && status < 300)
		return END_taken;
	if (status >= 300 && status < 400)
		return END_redirected;
	return status == 410 ? END_gone : END_refused;
}

static bool
is_about_trust(CURLcode code)
{
	return code == CURLE_PEER_FAILED_VERIFICATION ||
	       code == CURLE_SSL_CACERT_BADFILE ||
	       code == CURLE_SSL_CONNECT_ERROR || code == CURLE_SSL_CIPHER;
}

static enum end
end_by_code(const struct transfer *t, CURLcode code, long status)
{
	if (code == CURLE_OK || (t->was_too_long && status != 0))
		return end_by_status(status);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return END_timed_out;
	if (t->was_forbidden && code == CURLE_COULDNT_CONNECT)
		return END_forbidden;
	if (code == CURLE_OUT_OF_MEMORY)
		return END_unsent;
	return is_about_trust(code) ? END_untrusted : END_unreachable;
}

static const char *
explain_trust(const struct transfer *t, CURLcode code)
{
	long result = X509_V_OK;

	(void)curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &result);
	if (result != X509_V_OK)
		return X509_verify_cert_error_string(result);
	return code == CURLE_PEER_FAILED_VERIFICATION
		   ? "its certificate is not for this name"
		   : curl_easy_strerror(code);
}

/* Never with the address: that may be a secret, and this goes to the log. */
static const char *
explain(struct transfer *t, CURLcode code, const struct outcome *outcome)
{
	switch (outcome->end) {
	case END_forbidden:
		return "its address is not a public one, nor in "
		       "PARLEY_HOOKS_ALLOW";
	case END_timed_out:
		return "no whole answer in time";
	case END_untrusted:
		return explain_trust(t, code);
	case END_redirected:
		return "it answered by a redirect, which is not followed";
	case END_refused:
	case END_gone:
		snprintf(t->why, sizeof t->why, "it answered %ld",
			 outcome->status);
		return t->why;
	default:
		return curl_easy_strerror(code);
	}
}

static void
transfer_free(struct transfer *t)
{
	(void)curl_multi_remove_handle(t->sender->curl.multi, t->easy);
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->head);
	DL_DELETE(t->sender->transfers, t);
	free(t);
}

static void
finish(struct transfer *t, CURLcode code)
{
	struct outcome outcome = { .took_us = clock_us() - t->began_us };
	outcome_handler *on_end = t->on_end;
	void *context = t->context;
	char why[WHY_BYTES];
	curl_off_t retry_after = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE,
				&outcome.status);
	(void)curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &retry_after);
	outcome.retry_after_s = retry_after > 0 ? (uint64_t)retry_after : 0;
	outcome.end = end_by_code(t, code, outcome.status);
	snprintf(why, sizeof why, "%s", explain(t, code, &outcome));
	outcome.why = why;
	transfer_free(t);
	on_end(context, &outcome);
}

static void
look_for_ends(void *self)
{
	struct sender *sender = self;
	CURLMsg *message;
	struct transfer *t;
	int left;

	while ((message = curl_multi_info_read(sender->curl.multi, &left)) !=
	       NULL) {
		char *private = NULL;
		CURLcode code = message->data.result;
		if (message->msg != CURLMSG_DONE ||
		    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
				      &private) != CURLE_OK)
			continue;
		t = (struct transfer *)(void *)private;
		finish(t, code);
	}
}

/* --- The beginning */

static bool
add_line(struct transfer *t, const char *name, const char *value)
{
	char line[HEAD_LINE_BYTES];
	struct curl_slist *longer;

	snprintf(line, sizeof line, "%s: %s", name, value);
	longer = curl_slist_append(t->head, line);
	if (longer == NULL)
		return false;
	t->head = longer;
	return true;
}

static bool
make_head(struct transfer *t, const struct request *request)
{
	char timestamp[24];
	struct curl_slist *longer;

	snprintf(timestamp, sizeof timestamp, "%" PRIu64, request->timestamp_s);
	if (!add_line(t, "Content-Type", "application/json") ||
	    !add_line(t, "webhook-id", request->id) ||
	    !add_line(t, "webhook-timestamp", timestamp) ||
	    !add_line(t, "webhook-signature", request->signature) ||
	    !add_line(t, "X-Parley-Event", request->event))
		return false;
	/* Without a value: it is left out, large bodies are sent at once. */
	longer = curl_slist_append(t->head, "Expect:");
	if (longer != NULL)
		t->head = longer;
	return longer != NULL;
}

static bool
set_request(struct transfer *t, const struct request *request)
{
	CURL *e = t->easy;

	return curl_easy_setopt(e, CURLOPT_URL, request->url) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_POSTFIELDS, request->body.at) ==
		   CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE,
				(curl_off_t)request->body.n) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->head) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_USERAGENT,
				"parley/" PARLEY_VERSION) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_PRIVATE, t) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_answer) ==
		   CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_WRITEDATA, t) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_open) ==
		   CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, t) == CURLE_OK;
}

/* A transfer may end while its name is still looked for: QUICK_EXIT leaves the
 * thread that does it to itself, instead of waiting for it. */
static bool
set_bounds(struct transfer *t)
{
	const struct sender_config *config = &t->sender->config;
	CURL *e = t->easy;

	return curl_easy_setopt(e, CURLOPT_TIMEOUT, (long)config->timeout_s) ==
		   CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT,
				(long)config->timeout_s) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") ==
		   CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) ==
		   CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_HTTP_VERSION,
				(long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
	       (config->ca_file == NULL || *config->ca_file == '\0' ||
		curl_easy_setopt(e, CURLOPT_CAINFO, config->ca_file) ==
		    CURLE_OK) &&
	       /* With a folder, too, they would be read for each connection. */
	       curl_easy_setopt(e, CURLOPT_CAPATH, NULL) == CURLE_OK;
}

struct transfer *
sender_send(struct sender *sender, const struct request *request,
	    outcome_handler *on_end, void *context)
{
	struct transfer *t = calloc(1, sizeof *t);

	if (t == NULL)
		return NULL;
	*t = (struct transfer){ .sender = sender,
				.easy = curl_easy_init(),
				.on_end = on_end,
				.context = context,
				.began_us = clock_us() };
	if (t->easy == NULL || !make_head(t, request) ||
	    !set_request(t, request) || !set_bounds(t) ||
	    curl_multi_add_handle(sender->curl.multi, t->easy) != CURLM_OK) {
		curl_easy_cleanup(t->easy);
		curl_slist_free_all(t->head);
		free(t);
		return NULL;
	}
	DL_APPEND(sender->transfers, t);
	return t;
}

void
sender_cancel(struct transfer *transfer)
{
	transfer_free(transfer);
}

/* --- The whole */

struct sender *
sender_new(const struct sender_config *config)
{
	struct sender *sender = calloc(1, sizeof *sender);

	if (sender != NULL && curl_global_init(CURL_GLOBAL_DEFAULT) == 0) {
		sender->config = *config;
		if (curl_loop_open(&sender->curl, config->loop, look_for_ends,
				   sender) == 0 &&
		    curl_multi_setopt(sender->curl.multi, CURLMOPT_MAXCONNECTS,
				      KEPT_MAX) == CURLM_OK)
			return sender;
		curl_loop_close(&sender->curl);
		curl_global_cleanup();
	}
	free(sender);
	log_error("no_sender", KT("error", "libcurl did not start"));
	return NULL;
}

void
sender_free(struct sender **sender)
{
	if (*sender == NULL)
		return;
	while ((*sender)->transfers != NULL)
		transfer_free((*sender)->transfers);
	curl_loop_close(&(*sender)->curl);
	curl_global_cleanup();
	free(*sender);
	*sender = NULL;
}
