/* SPDX-License-Identifier: MIT */
/* proto/curl_loop.h - libcurl's multi interface within our loop: what it waits
 * for, its descriptors and its one timer, the loop waits for.
 *
 * Only programs that are linked with libcurl can use this.
 */
#ifndef PARLEY_PROTO_CURL_LOOP_H
#define PARLEY_PROTO_CURL_LOOP_H

#include "proto/loop.h"

#include <curl/curl.h>

/* Embed it, zeroed. */
struct curl_loop {
	CURLM *multi; /* NULL: not open */
	struct loop *loop;
	struct loop_timer timer; /* as libcurl wants it */
	loop_fn *look;
	void *self;
	struct curl_watch *watched;
};

/* Opens the multi handle. `look` is called whenever libcurl has acted, and
 * looks whether transfers have ended; it may free what `curl` is embedded in.
 * 0, or -1 if there is no memory: then nothing is open. */
int curl_loop_open(struct curl_loop *curl, struct loop *loop, loop_fn *look,
		   void *self);

/* After the last transfer was removed. Fine if nothing is open. */
void curl_loop_close(struct curl_loop *curl);

#endif
