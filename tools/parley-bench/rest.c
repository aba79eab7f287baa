/* SPDX-License-Identifier: MIT */
#include "tools/parley-bench/rest.h"

#include "tools/parley-bench/token.h"

#include <arpa/inet.h>
#include <stdio.h>

static size_t
take_answer(char *bytes, size_t size, size_t n, void *self)
{
	struct rest *rest = self;

	return buffer_append(&rest->answer, bytes, size * n) == 0 ? size * n
								  : 0;
}

static int
add_header(struct rest *rest, const char *field)
{
	struct curl_slist *longer = curl_slist_append(rest->headers, field);

	if (longer == NULL)
		return -1;
	rest->headers = longer;
	return 0;
}

static int
add_token(struct rest *rest, const char *token)
{
	char field[TOKEN_BYTES + 30];

	if (token == NULL)
		return 0;
	snprintf(field, sizeof field, "Authorization: Bearer %s", token);
	return add_header(rest, field);
}

int
rest_open(struct rest *rest, const struct sockaddr_in *server, const char *path,
	  const char *token)
{
	char address[INET_ADDRSTRLEN];

	*rest = (struct rest){ .curl = curl_easy_init() };
	if (rest->curl == NULL ||
	    add_header(rest, "Content-Type: application/json") != 0 ||
	    add_token(rest, token) != 0) {
		fputs("parley-bench: out of memory\n", stderr);
		return -1;
	}
	inet_ntop(AF_INET, &server->sin_addr, address, sizeof address);
	snprintf(rest->url, sizeof rest->url, "http://%s:%u%s", address,
		 ntohs(server->sin_port), path);
	curl_easy_setopt(rest->curl, CURLOPT_URL, rest->url);
	curl_easy_setopt(rest->curl, CURLOPT_HTTPHEADER, rest->headers);
	curl_easy_setopt(rest->curl, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(rest->curl, CURLOPT_WRITEDATA, rest);
	curl_easy_setopt(rest->curl, CURLOPT_PRIVATE, (char *)rest);
	curl_easy_setopt(rest->curl, CURLOPT_NOSIGNAL, 1L);
	return 0;
}

bool
rest_go_on(CURLM *multi, int wait_ms)
{
	int running;

	return curl_multi_perform(multi, &running) == CURLM_OK &&
	       curl_multi_poll(multi, NULL, 0, wait_ms, NULL) == CURLM_OK;
}

struct rest *
rest_next(CURLM *multi, CURLcode *code)
{
	int left;
	struct CURLMsg *message = curl_multi_info_read(multi, &left);
	struct rest *rest;

	if (message == NULL)
		return NULL;
	*code = message->data.result;
	curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
			  (char **)&rest);
	curl_multi_remove_handle(multi, rest->curl);
	return rest;
}

void
rest_close(struct rest *rest)
{
	curl_slist_free_all(rest->headers);
	curl_easy_cleanup(rest->curl);
	buffer_fini(&rest->answer);
}
