/* SPDX-License-Identifier: MIT */
/* proto/curl_loop.c - see curl_loop.h. */
#include "proto/curl_loop.h"

#include <stdlib.h>
#include <utlist.h>

/* A descriptor that libcurl watches. */
struct curl_watch {
	struct loop_watch watch;
	struct curl_loop *curl;
	struct curl_watch *prev, *next;
};

static void
act(struct curl_loop *curl, curl_socket_t fd, int what)
{
	int running;

	(void)curl_multi_socket_action(curl->multi, fd, what, &running);
	curl->look(curl->self);
}

static void
on_ready(void *self, uint32_t events)
{
	struct curl_watch *w = self;
	int what = 0;

	if ((events & (EPOLLIN | EPOLLHUP)) != 0)
		what |= CURL_CSELECT_IN;
	if ((events & EPOLLOUT) != 0)
		what |= CURL_CSELECT_OUT;
	if ((events & EPOLLERR) != 0)
		what |= CURL_CSELECT_ERR;
	act(w->curl, w->watch.fd, what);
}

static void
unwatch(struct curl_loop *curl, struct curl_watch *w)
{
	loop_unwatch(curl->loop, &w->watch);
	DL_DELETE(curl->watched, w);
	free(w);
}

static int
watch(struct curl_loop *curl, int fd, uint32_t events)
{
	struct curl_watch *w = calloc(1, sizeof *w);

	if (w == NULL)
		return -1;
	w->curl = curl;
	w->watch =
	    (struct loop_watch){ .fd = fd, .on_ready = on_ready, .self = w };
	if (loop_watch(curl->loop, &w->watch, events) != 0) {
		free(w);
		return -1;
	}
	DL_APPEND(curl->watched, w);
	if (curl_multi_assign(curl->multi, fd, w) == CURLM_OK)
		return 0;
	unwatch(curl, w);
	return -1;
}

/* -1 fails all transfers, as libcurl has it. */
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *self, void *of_socket)
{
	struct curl_loop *curl = self;
	struct curl_watch *w = of_socket;
	uint32_t events = ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0u) |
			  ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0u);

	(void)easy;
	if (what != CURL_POLL_REMOVE)
		return w != NULL ? loop_rewatch(curl->loop, &w->watch, events)
				 : watch(curl, fd, events);
	if (w != NULL)
		unwatch(curl, w);
	return 0;
}

static int
on_timer_wish(CURLM *multi, long in_ms, void *self)
{
	struct curl_loop *curl = self;

	(void)multi;
	if (in_ms >= 0)
		return loop_timer_set(curl->loop, &curl->timer,
				      (uint64_t)in_ms);
	loop_timer_clear(curl->loop, &curl->timer);
	return 0;
}

static void
on_due(void *self)
{
	act(self, CURL_SOCKET_TIMEOUT, 0);
}

int
curl_loop_open(struct curl_loop *curl, struct loop *loop, loop_fn *look,
	       void *self)
{
	CURLM *multi = curl_multi_init();

	*curl = (struct curl_loop){ .multi = multi,
				    .loop = loop,
				    .timer = { .on_due = on_due, .self = curl },
				    .look = look,
				    .self = self };
	if (multi != NULL &&
	    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket) ==
		CURLM_OK &&
	    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, curl) == CURLM_OK &&
	    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer_wish) ==
		CURLM_OK &&
	    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, curl) == CURLM_OK)
		return 0;
	curl_loop_close(curl);
	return -1;
}

void
curl_loop_close(struct curl_loop *curl)
{
	if (curl->multi == NULL)
		return;
	/* Connections that are kept end here, and have nothing to tell. */
	(void)curl_multi_setopt(curl->multi, CURLMOPT_SOCKETFUNCTION,
				(curl_socket_callback)NULL);
	(void)curl_multi_setopt(curl->multi, CURLMOPT_TIMERFUNCTION,
				(curl_multi_timer_callback)NULL);
	while (curl->watched != NULL)
		unwatch(curl, curl->watched);
	(void)curl_multi_cleanup(curl->multi);
	curl->multi = NULL;
	loop_timer_clear(curl->loop, &curl->timer);
}
