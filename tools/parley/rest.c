/* SPDX-License-Identifier: MIT */
/* tools/parley/rest.c - REST by libcurl's easy interface: a command that asks
 * has nothing else to do.
 */
#include "tools/parley/rest.h"

#include "tools/client/text.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONNECT_S    10L
#define WHOLE_S      30L
#define ANSWER_MAX   ((size_t)64 * 1024 * 1024) /* bytes */
#define RENEW_BEFORE 60                         /* seconds left of a token */

struct transfer {
	CURL *curl;
	struct curl_slist *fields;
	struct buffer body;
	char *sent;
	char why[CURL_ERROR_SIZE];
};

static size_t
on_body(char *bytes, size_t size, size_t n, void *self)
{
	struct transfer *t = self;

	if (size * n > ANSWER_MAX - t->body.n ||
	    buffer_append(&t->body, bytes, size * n) != 0)
		return 0;
	return size * n;
}

static bool
add_field(struct transfer *t, const char *name, const char *value)
{
	struct curl_slist *more;
	char *field;

	if (asprintf(&field, "%s: %s", name, value) < 0)
		return false;
	more = curl_slist_append(t->fields, field);
	explicit_bzero(field, strlen(field));
	free(field);
	if (more != NULL)
		t->fields = more;
	return more != NULL;
}

static bool
set_up(struct transfer *t, const struct account *account, const char *method,
       const char *path, const char *token)
{
	char url[2 * SERVER_URL_MAX + 256], bearer[4096];
	CURL *c = t->curl = curl_easy_init();

	snprintf(url, sizeof url, "%s%s", account->server.base, path);
	snprintf(bearer, sizeof bearer, "Bearer %s",
		 token != NULL ? token : "");
	return c != NULL && curl_easy_setopt(c, CURLOPT_URL, url) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") ==
		   CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_USERAGENT,
				"parley/" PARLEY_VERSION) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_S) ==
		   CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_TIMEOUT, WHOLE_S) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       /* The way that the WebSocket must take. */
	       curl_easy_setopt(c, CURLOPT_HTTPPROXYTUNNEL, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->why) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body) ==
		   CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_WRITEDATA, t) == CURLE_OK &&
	       (account->cacert == NULL ||
		curl_easy_setopt(c, CURLOPT_CAINFO, account->cacert) ==
		    CURLE_OK) &&
	       (token == NULL || add_field(t, "Authorization", bearer)) &&
	       (t->sent == NULL ||
		(add_field(t, "Content-Type", "application/json") &&
		 curl_easy_setopt(c, CURLOPT_POSTFIELDS, t->sent) ==
		     CURLE_OK)) &&
	       curl_easy_setopt(c, CURLOPT_HTTPHEADER, t->fields) == CURLE_OK;
}

static void
tear_down(struct transfer *t)
{
	curl_easy_cleanup(t->curl);
	curl_slist_free_all(t->fields);
	if (t->sent != NULL)
		explicit_bzero(t->sent, strlen(t->sent));
	free(t->sent);
	if (t->body.bytes != NULL)
		explicit_bzero(t->body.bytes, t->body.n);
	buffer_fini(&t->body);
}

int
rest_try(const struct account *account, const char *method, const char *path,
	 const char *token, json_t *body, struct rest_answer *answer,
	 char why[REST_WHY_BYTES])
{
	struct transfer t = { 0 };
	CURLcode code = CURLE_OUT_OF_MEMORY;

	*answer = (struct rest_answer){ 0 };
	t.sent = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
	if ((body == NULL || t.sent != NULL) &&
	    set_up(&t, account, method, path, token))
		code = curl_easy_perform(t.curl);
	json_decref(body);
	if (code == CURLE_OK) {
		curl_easy_getinfo(t.curl, CURLINFO_RESPONSE_CODE,
				  &answer->status);
		answer->body =
		    json_loadb((char *)t.body.bytes, t.body.n, 0, NULL);
	} else {
		snprintf(why, REST_WHY_BYTES, "%s",
			 t.why[0] != '\0' ? t.why : curl_easy_strerror(code));
	}
	tear_down(&t);
	return code == CURLE_OK ? 0 : -1;
}

int
rest_ask(const struct account *account, const char *method, const char *path,
	 const char *token, json_t *body, struct rest_answer *answer)
{
	char why[REST_WHY_BYTES];

	if (rest_try(account, method, path, token, body, answer, why) == 0)
		return 0;
	return complain("cannot reach %s: %s", account->server.base, why);
}

int
rest_refused(const struct account *account, const struct rest_answer *answer)
{
	const char *detail =
	    json_string_value(json_object_get(answer->body, "detail"));
	const char *field =
	    json_string_value(json_object_get(answer->body, "field"));
	struct buffer why = { 0 };

	if (field != NULL)
		(void)buffer_printf(&why, "%s: ", field);
	if (detail != NULL)
		(void)text_append_safe(&why, slice_of(detail), "");
	else
		(void)buffer_printf(&why, "%s answers %ld",
				    account->server.base, answer->status);
	if (answer->status == 401 && account->token != NULL)
		(void)buffer_printf(&why,
				    "; log in again: parley login "
				    "--server %s",
				    account->server.base);
	complain("%.*s", (int)why.n, (char *)why.bytes);
	buffer_fini(&why);
	return answer->status >= 400 && answer->status < 500 ? STATUS_REFUSED
							     : STATUS_FAILED;
}

int
rest_renew(struct account *account)
{
	struct rest_answer answer;
	int status;

	if (account->session_token == NULL ||
	    account->expires_at - time(NULL) > RENEW_BEFORE)
		return 0;
	status = rest_ask(account, "POST", "/auth/refresh",
			  account->session_token, NULL, &answer);
	if (status == 0 && answer.status != 200)
		status = rest_refused(account, &answer);
	else if (status == 0 && !account_take(account, answer.body))
		status = complain("the server gives no token");
	if (status == 0)
		status = account_save(account);
	rest_fini(&answer);
	return status;
}

int
rest_ask_as(struct account *account, const char *method, const char *path,
	    json_t *body, struct rest_answer *answer)
{
	int status = rest_renew(account);

	*answer = (struct rest_answer){ 0 };
	if (status != 0) {
		json_decref(body);
		return status;
	}
	status = rest_ask(account, method, path, account->token, body, answer);
	if (status == 0 && (answer->status < 200 || answer->status > 299))
		status = rest_refused(account, answer);
	return status;
}

void
rest_fini(struct rest_answer *answer)
{
	json_decref(answer->body);
	answer->body = NULL;
}
