/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/hops.c - see hops.h. */
#include "tools/parley-tap/hops.h"

#include "tools/parley-tap/fields.h"

#include <stdio.h>
#include <stdlib.h>

/* A post that says it was heard longer ago than that stems from a machine of
 * another time. */
#define SINCE_MAX_US 60000000

/* --- Which way */

static struct way *
newest(const struct hops *hops, uint64_t back)
{
	return &hops->ways[(hops->count - 1 - back) % WAYS_MAX];
}

static uint64_t
count_kept(const struct hops *hops)
{
	return hops->count < WAYS_MAX ? hops->count : WAYS_MAX;
}

static struct way *
find_post(const struct hops *hops, const struct uuid *user,
	  const struct uuid *nonce)
{
	for (uint64_t i = 0; i < count_kept(hops); i++) {
		struct way *way = newest(hops, i);

		if (uuid_equal(&way->nonce, nonce) &&
		    uuid_equal(&way->user, user))
			return way;
	}
	return NULL;
}

static void
copy_name(char into[DAEMON_BYTES_MAX], struct slice name)
{
	size_t n = name.n < DAEMON_BYTES_MAX ? name.n : DAEMON_BYTES_MAX - 1;

	for (size_t i = 0; i < n; i++)
		into[i] = name.at[i] == '.' ? '-' : name.at[i];
	into[n] = '\0';
}

static bool
is_named(const char *kept_name, struct slice name)
{
	char again[DAEMON_BYTES_MAX];

	copy_name(again, name);
	return strcmp(kept_name, again) == 0;
}

/* The request of a gateway, by its number on that gateway's link. */
static struct way *
find_asked(const struct hops *hops, struct slice gateway, uint64_t id)
{
	for (uint64_t i = 0; i < count_kept(hops) && id != 0; i++) {
		struct way *way = newest(hops, i);

		if (way->gateway_id == id && is_named(way->gateway, gateway))
			return way;
	}
	return NULL;
}

static struct way *
find_stored(const struct hops *hops, struct slice router, uint64_t id)
{
	for (uint64_t i = 0; i < count_kept(hops) && id != 0; i++) {
		struct way *way = newest(hops, i);

		if (way->store_id == id && is_named(way->router, router))
			return way;
	}
	return NULL;
}

/* What is known of a message, whichever frame tells of it first. */
static struct way *
add(struct hops *hops, const struct way *known, struct slice author)
{
	struct way *way;

	if (hops->ways == NULL)
		hops->ways = calloc(WAYS_MAX, sizeof *hops->ways);
	if (hops->ways == NULL)
		return NULL;
	hops->count++;
	if (newest(hops, 0) == hops->kept)
		hops->count++;
	way = newest(hops, 0);
	*way = *known;
	snprintf(way->author, sizeof way->author, "%.*s", (int)author.n,
		 author.at);
	return way;
}

static struct way *
way_of_post(struct hops *hops, const struct frame_post *post)
{
	struct way *way = find_post(hops, &post->user, &post->nonce);
	const struct way known = { .room = post->room,
				   .user = post->user,
				   .nonce = post->nonce,
				   .text_bytes = post->text.n };

	return way != NULL ? way : add(hops, &known, post->user_name);
}

static struct way *
way_of_message(struct hops *hops, const struct frame_message *message)
{
	struct way *way = find_post(hops, &message->user, &message->nonce);
	const struct way known = { .room = message->room,
				   .user = message->user,
				   .nonce = message->nonce,
				   .text_bytes = message->text.n };

	return way != NULL ? way : add(hops, &known, message->user_name);
}

/* --- What is put there */

/* What comes again, because a daemon was away, changes nothing. */
static void
pass(struct way *way, enum hop hop, const struct heard *heard)
{
	if (way->at_us[hop] == 0)
		way->at_us[hop] = heard->clock_us;
	else if (hop < HOP_STORE_OUT)
		way->repeats++;
}

/* The gateway's own stamp is of the clock for people. */
static void
note_since(struct way *way, const struct heard *heard)
{
	uint64_t since = heard->frame.post.since, ago;

	if (since == 0 || since > heard->at_us || way->at_us[HOP_HEARD] != 0)
		return;
	ago = heard->at_us - since;
	if (ago < SINCE_MAX_US && ago < heard->clock_us)
		way->at_us[HOP_HEARD] = heard->clock_us - ago;
}

static struct way *
take_post(struct hops *hops, const struct heard *heard)
{
	const struct frame_post *post = &heard->frame.post;
	enum party daemon = heard_kind(heard->daemon);
	struct way *way = way_of_post(hops, post);

	if (way == NULL)
		return NULL;
	if (daemon == GATEWAY || (daemon == ROUTER && heard->is_in)) {
		copy_name(way->gateway,
			  daemon == GATEWAY ? heard->daemon : heard->peer);
		way->gateway_id = heard->frame.id;
	} else {
		copy_name(way->router,
			  daemon == ROUTER ? heard->daemon : heard->peer);
		way->store_id = heard->frame.id;
	}
	if (daemon == GATEWAY)
		note_since(way, heard);
	pass(way,
	     daemon == GATEWAY ? HOP_GATEWAY_OUT
	     : daemon == STORE ? HOP_STORE_IN
	     : heard->is_in    ? HOP_ROUTER_IN
			       : HOP_ROUTER_OUT,
	     heard);
	return way;
}

static struct delivery *
delivery_to(struct way *way, struct slice gateway)
{
	struct delivery *delivery;

	for (size_t i = 0; i < way->delivery_n; i++)
		if (is_named(way->deliveries[i].gateway, gateway))
			return &way->deliveries[i];
	if (way->delivery_n == DELIVERIES_MAX)
		return NULL;
	delivery = &way->deliveries[way->delivery_n++];
	*delivery = (struct delivery){ 0 };
	copy_name(delivery->gateway, gateway);
	return delivery;
}

static void
take_event(struct way *way, const struct heard *heard, bool at_gateway)
{
	struct delivery *delivery =
	    delivery_to(way, at_gateway ? heard->daemon : heard->peer);
	uint64_t *at_us;

	if (delivery == NULL)
		return;
	at_us = at_gateway ? &delivery->in_us : &delivery->out_us;
	if (*at_us == 0)
		*at_us = heard->clock_us;
}

/* The store's answer, the router's event, or its answer where the message was
 * there before. */
static struct way *
take_message(struct hops *hops, const struct heard *heard)
{
	const struct frame_message *message = &heard->frame.message;
	enum party daemon = heard_kind(heard->daemon);
	bool from_store = daemon == STORE || heard_kind(heard->peer) == STORE;
	struct way *way = way_of_message(hops, message);

	if (way == NULL)
		return NULL;
	way->message = message->message;
	way->seq = message->seq;
	way->is_known |= message->duplicate;
	if (from_store)
		pass(way, daemon == STORE ? HOP_STORE_OUT : HOP_ROUTER_BACK,
		     heard);
	else if (heard->frame.event != 0)
		take_event(way, heard, daemon == GATEWAY);
	else
		pass(way, daemon == GATEWAY ? HOP_ANSWER_IN : HOP_ANSWER_OUT,
		     heard);
	return way;
}

static struct way *
take_posted(struct hops *hops, const struct heard *heard)
{
	bool at_gateway = heard_kind(heard->daemon) == GATEWAY;
	struct way *way = find_asked(
	    hops, at_gateway ? heard->daemon : heard->peer, heard->frame.id);

	if (way == NULL)
		return NULL;
	way->message = heard->frame.posted.message;
	way->seq = heard->frame.posted.seq;
	pass(way, at_gateway ? HOP_ANSWER_IN : HOP_ANSWER_OUT, heard);
	return way;
}

static struct way *
take_refused(struct hops *hops, const struct heard *heard)
{
	enum party daemon = heard_kind(heard->daemon);
	bool from_store = daemon == STORE || heard_kind(heard->peer) == STORE;
	struct slice asker = heard->is_in ? heard->daemon : heard->peer;
	struct slice code = heard->frame.refused.code;
	struct way *way = from_store ? find_stored(hops, asker, heard->frame.id)
				     : find_asked(hops, asker, heard->frame.id);

	if (way == NULL)
		return NULL;
	snprintf(way->refused, sizeof way->refused, "%.*s", (int)code.n,
		 code.at);
	if (from_store)
		pass(way, daemon == STORE ? HOP_STORE_OUT : HOP_ROUTER_BACK,
		     heard);
	else
		pass(way, daemon == GATEWAY ? HOP_ANSWER_IN : HOP_ANSWER_OUT,
		     heard);
	return way;
}

/* Those that a message's way leads through, of which each tells of the next. */
static bool
is_on_the_way(const struct heard *heard)
{
	const unsigned ends =
	    heard_kind(heard->daemon) | heard_kind(heard->peer);

	return ends == (GATEWAY | ROUTER) || ends == (ROUTER | STORE);
}

struct way *
hops_take(struct hops *hops, const struct heard *heard)
{
	if (!is_on_the_way(heard))
		return NULL;
	switch (heard->frame.kind) {
	case FRAME_post:
		return take_post(hops, heard);
	case FRAME_message:
		return take_message(hops, heard);
	case FRAME_posted:
		return take_posted(hops, heard);
	case FRAME_refused:
		return take_refused(hops, heard);
	default:
		return NULL;
	}
}

static bool
id_fits(const struct uuid *id, struct slice wanted)
{
	char text[UUID_TEXT_BYTES];
	struct slice whole = { uuid_format(id, text), UUID_TEXT_BYTES - 1 };

	if (uuid_is_nil(id) || wanted.n > whole.n || wanted.n < SHORT_ID_DIGITS)
		return false;
	return strncasecmp(whole.at + whole.n - wanted.n, wanted.at,
			   wanted.n) == 0;
}

bool
way_is_called(const struct way *way, struct slice id)
{
	return id_fits(&way->message, id) || id_fits(&way->nonce, id);
}

void
hops_keep(struct hops *hops, struct way *way)
{
	hops->kept = way;
}

void
hops_fini(struct hops *hops)
{
	free(hops->ways);
	*hops = (struct hops){ 0 };
}

/* --- What it comes to */

bool
way_is_answered(const struct way *way)
{
	return way->at_us[HOP_ANSWER_IN] != 0;
}

size_t
way_undelivered(const struct way *way)
{
	size_t n = 0;

	for (size_t i = 0; i < way->delivery_n; i++)
		n += way->deliveries[i].in_us == 0;
	return n;
}

/* A gateway's stamp of when it heard its client is no hop of a tap. */
bool
way_is_whole(const struct way *way)
{
	for (int hop = HOP_GATEWAY_OUT; hop < HOPS; hop++)
		if (way->at_us[hop] == 0)
			return false;
	return way_undelivered(way) == 0;
}

static void
limit(uint64_t *at_us, uint64_t later_us)
{
	if (*at_us != 0 && later_us != 0 && later_us < *at_us)
		*at_us = later_us;
}

void
way_settle(struct way *way)
{
	uint64_t *at_us = way->at_us;

	for (int hop = HOPS - 1; hop >= 0; hop--) {
		for (int later = hop + 1; later < HOPS; later++)
			limit(&at_us[hop], at_us[later]);
		for (size_t i = 0;
		     hop == HOP_ROUTER_BACK && i < way->delivery_n; i++) {
			struct delivery *delivery = &way->deliveries[i];

			limit(&delivery->out_us, delivery->in_us);
			limit(&delivery->out_us, at_us[HOP_ANSWER_OUT]);
			limit(&at_us[hop], delivery->in_us);
			limit(&at_us[hop], delivery->out_us);
		}
	}
}

uint64_t
way_before(const struct way *way, enum hop hop)
{
	for (int before = (int)hop - 1; before >= 0; before--)
		if (way->at_us[before] != 0)
			return way->at_us[before];
	return way->at_us[hop];
}

uint64_t
way_begin(const struct way *way)
{
	uint64_t begin = 0;

	for (int hop = 0; hop < HOPS; hop++)
		if (way->at_us[hop] != 0 &&
		    (begin == 0 || way->at_us[hop] < begin))
			begin = way->at_us[hop];
	return begin;
}

uint64_t
way_end(const struct way *way)
{
	uint64_t end = 0;

	for (int hop = 0; hop < HOPS; hop++)
		if (way->at_us[hop] > end)
			end = way->at_us[hop];
	for (size_t i = 0; i < way->delivery_n; i++)
		if (way->deliveries[i].in_us > end)
			end = way->deliveries[i].in_us;
	return end;
}
