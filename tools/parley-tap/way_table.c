/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/way_table.c - see way_table.h.
 *
 * Both forms are made from one list of rows: the hops in the order in which
 * they happened, each with what it is about.
 */
#include "tools/parley-tap/way_table.h"

#include "tools/parley-tap/fields.h"

#include <inttypes.h>
#include <jansson.h>

#define ROWS_MAX     (HOPS + 2 * DELIVERIES_MAX)
#define HOP_COLUMNS  34
#define TIME_COLUMNS 11

struct row {
	const char *daemon;
	const char *peer;
	const char *frame;
	bool is_in;
	uint64_t at_us; /* 0: not heard of */
	uint64_t before_us;
	const char *what;  /* the time went into */
	uint64_t place_us; /* in the order of rows */
};

struct table {
	struct row rows[ROWS_MAX];
	size_t n;
};

/* --- Rows */

/* What was not heard stands behind what it follows from. The delivery and the
 * answer go side by side. */
static void
add_row(struct table *t, const struct row *row, uint64_t after_us)
{
	uint64_t place_us = row->at_us != 0 ? row->at_us : after_us;
	size_t i = t->n++;

	for (; i > 0 && t->rows[i - 1].place_us > place_us; i--)
		t->rows[i] = t->rows[i - 1];
	t->rows[i] = *row;
	t->rows[i].place_us = place_us;
}

static const char *
or_kind(const char *name, const char *kind)
{
	return *name != '\0' ? name : kind;
}

static const char *
answer_name(const struct way *way)
{
	return *way->refused != '\0' ? "refused"
	       : way->is_known       ? "message"
				     : "posted";
}

static void
add_hop(struct table *t, const struct way *way, enum hop hop)
{
	const char *gateway = or_kind(way->gateway, "gateway");
	const char *router = or_kind(way->router, "router");
	const char *stored = *way->refused != '\0' ? "refused" : "message";
	const char *answer = answer_name(way);
	const struct row rows[HOPS] = {
		[HOP_HEARD] = { gateway, "client", "", true, 0, 0, "" },
		[HOP_GATEWAY_OUT] = { gateway, router, "post", false, 0, 0,
				      "reads and checks it" },
		[HOP_ROUTER_IN] = { router, gateway, "post", true, 0, 0, "" },
		[HOP_ROUTER_OUT] = { router, "store", "post", false, 0, 0,
				     "orders it" },
		[HOP_STORE_IN] = { "store", router, "post", true, 0, 0, "" },
		[HOP_STORE_OUT] = { "store", router, stored, false, 0, 0,
				    "commits and syncs" },
		[HOP_ROUTER_BACK] = { router, "store", stored, true, 0, 0, "" },
		[HOP_ANSWER_OUT] = { router, gateway, answer, false, 0, 0,
				     "answers" },
		[HOP_ANSWER_IN] = { gateway, router, answer, true, 0, 0, "" },
	};
	struct row row = rows[hop];

	row.at_us = way->at_us[hop];
	row.before_us = way_before(way, hop);
	add_row(t, &row, row.before_us);
}

static void
add_delivery(struct table *t, const struct way *way,
	     const struct delivery *delivery)
{
	const char *router = or_kind(way->router, "router");
	uint64_t after_us = way_before(way, HOP_ANSWER_OUT);
	struct row out = { router,           delivery->gateway,
			   "message",        false,
			   delivery->out_us, way->at_us[HOP_ROUTER_BACK],
			   "publishes" };
	struct row in = { delivery->gateway, router,           "message", true,
			  delivery->in_us,   delivery->out_us, "" };

	add_row(t, &out, after_us);
	add_row(t, &in, delivery->out_us != 0 ? delivery->out_us : after_us);
}

static void
fill(struct table *t, const struct way *way)
{
	t->n = 0;
	if (way->at_us[HOP_HEARD] != 0)
		add_hop(t, way, HOP_HEARD);
	for (int hop = HOP_GATEWAY_OUT; hop <= HOP_ROUTER_BACK; hop++)
		add_hop(t, way, (enum hop)hop);
	for (size_t i = 0; i < way->delivery_n; i++)
		add_delivery(t, way, &way->deliveries[i]);
	add_hop(t, way, HOP_ANSWER_OUT);
	add_hop(t, way, HOP_ANSWER_IN);
}

/* Taps are heard one by one: what came later may have been heard before. */
static uint64_t
spent(const struct row *row)
{
	return row->before_us != 0 && row->at_us > row->before_us
		   ? row->at_us - row->before_us
		   : 0;
}

static bool
is_heard(const struct taps *taps, const char *daemon)
{
	return taps == NULL || taps_has(taps, slice_of(daemon));
}

/* --- As JSON */

static json_t *
json_of_id(const struct uuid *id)
{
	char text[UUID_TEXT_BYTES];

	return uuid_is_nil(id) ? json_null()
			       : json_string(uuid_format(id, text));
}

static json_t *
json_of_row(const struct row *row, uint64_t begin_us)
{
	json_t *hop = json_pack("{s:s, s:s, s:s, s:s}", "daemon", row->daemon,
				"direction", row->is_in ? "in" : "out", "peer",
				row->peer, "frame", row->frame);

	if (hop != NULL && row->at_us != 0)
		json_object_update_new(
		    hop, json_pack("{s:I, s:I}", "at_us",
				   (json_int_t)(row->at_us - begin_us),
				   "spent_us", (json_int_t)spent(row)));
	return hop;
}

static json_t *
json_of(const struct table *t, const struct way *way, uint64_t lost)
{
	json_t *heard = json_array(), *missing = json_array();
	uint64_t begin = way_begin(way);

	for (size_t i = 0; i < t->n; i++)
		json_array_append_new(t->rows[i].at_us != 0 ? heard : missing,
				      json_of_row(&t->rows[i], begin));
	return json_pack(
	    "{s:o, s:o, s:o, s:s, s:I, s:s*, s:b, s:b, s:I, s:i, s:o, s:o, "
	    "s:I}",
	    "message", json_of_id(&way->message), "client_message_id",
	    json_of_id(&way->nonce), "room", json_of_id(&way->room), "author",
	    way->author, "seq", (json_int_t)way->seq, "refused",
	    *way->refused != '\0' ? way->refused : NULL, "duplicate",
	    way->is_known, "whole", way_is_whole(way), "total_us",
	    (json_int_t)(way_end(way) - begin), "gateways",
	    (int)way->delivery_n, "hops", heard, "missing", missing, "lost",
	    (json_int_t)lost);
}

static int
append_json(struct buffer *into, const struct table *t, const struct way *way,
	    uint64_t lost)
{
	json_t *json = json_of(t, way, lost);
	char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
	int rc = text == NULL ? -1 : buffer_printf(into, "%s\n", text);

	free(text);
	json_decref(json);
	return rc;
}

/* --- As text */

int
way_append_us(struct buffer *into, uint64_t us)
{
	if (us < 1000)
		return buffer_printf(into, "%" PRIu64 " µs", us);
	if (us < 1000000)
		return buffer_printf(into, "%.2f ms", (double)us / 1000);
	return buffer_printf(into, "%.2f s", (double)us / 1000000);
}

/* In a column of its own, to the right. */
static int
append_time(struct buffer *into, uint64_t us)
{
	struct buffer text = { 0 };
	int rc = way_append_us(&text, us);
	size_t n = text.n;

	/* The µ is two bytes and one column. */
	for (size_t i = 0; i < text.n; i++)
		n -= (text.bytes[i] & 0xc0) == 0x80;
	for (; rc == 0 && n < TIME_COLUMNS; n++)
		rc = buffer_append_text(into, " ");
	if (rc == 0)
		rc = buffer_append(into, text.bytes, text.n);
	buffer_fini(&text);
	return rc;
}

static int
append_hop(struct buffer *into, const struct row *row)
{
	size_t before = into->n, columns;

	if (buffer_printf(into, "%-9s %s %-9s %s", row->daemon,
			  row->is_in ? "←" : "→", row->peer, row->frame) != 0)
		return -1;
	/* The arrow is three bytes and one column. */
	for (columns = into->n - before - 2; columns < HOP_COLUMNS; columns++)
		if (buffer_append_text(into, " ") != 0)
			return -1;
	return 0;
}

static int
append_row(struct buffer *into, const struct style *style,
	   const struct row *row, uint64_t begin_us, const struct taps *taps)
{
	bool is_first = row->before_us == row->at_us;

	if (append_hop(into, row) != 0)
		return -1;
	if (row->at_us == 0)
		return buffer_printf(into, " %snot heard%s%s\n",
				     style_red(style), style_plain(style),
				     is_heard(taps, row->daemon)
					 ? ""
					 : " (its tap is not listened to)");
	if (append_time(into, row->at_us - begin_us) != 0)
		return -1;
	if (*row->what == '\0' && is_first)
		return buffer_append_text(into, "\n");
	if ((is_first ? buffer_printf(into, "%*s", TIME_COLUMNS, "")
		      : append_time(into, spent(row))) != 0)
		return -1;
	if (*row->what == '\0')
		return buffer_append_text(into, "\n");
	return buffer_printf(into, "  %s%s%s\n", style_dim(style), row->what,
			     style_plain(style));
}

static int
append_head(struct buffer *into, const struct style *style,
	    const struct way *way)
{
	if (buffer_printf(into, "%smessage ", style_bold(style)) != 0 ||
	    (uuid_is_nil(&way->message)
		 ? 0
		 : fields_append_id(into, &way->message)) != 0 ||
	    buffer_append_text(into, " by ") != 0 ||
	    fields_append_text(into, slice_of(way->author)) != 0 ||
	    buffer_append_text(into, " in room ") != 0 ||
	    fields_append_id(into, &way->room) != 0)
		return -1;
	return buffer_printf(
	    into, ", seq %" PRIu64 ", %zu bytes%s\n\n%-*s%*s%*s\n", way->seq,
	    way->text_bytes, style_plain(style), HOP_COLUMNS, "hop",
	    TIME_COLUMNS, "at", TIME_COLUMNS, "spent");
}

static int
append_notes(struct buffer *into, const struct way *way, uint64_t lost)
{
	if (*way->refused != '\0' &&
	    buffer_printf(into, "It was refused: %s.\n", way->refused) != 0)
		return -1;
	if (way->is_known &&
	    buffer_append_text(into, "It was there before: the client's id "
				     "was known.\n") != 0)
		return -1;
	if (way->delivery_n == 0 && *way->refused == '\0' && !way->is_known &&
	    way_is_answered(way) &&
	    buffer_append_text(into, "It was delivered to nobody: no gateway "
				     "hears the room now.\n") != 0)
		return -1;
	if (way->repeats > 0 &&
	    buffer_append_text(into, "Some of it came again, since a daemon "
				     "was away.\n") != 0)
		return -1;
	return lost == 0
		   ? 0
		   : buffer_printf(into, "%" PRIu64 " frames were lost here.\n",
				   lost);
}

static int
append_text(struct buffer *into, const struct style *style,
	    const struct table *t, const struct way *way,
	    const struct taps *taps, uint64_t lost)
{
	uint64_t begin = way_begin(way);

	if (append_head(into, style, way) != 0)
		return -1;
	for (size_t i = 0; i < t->n; i++)
		if (append_row(into, style, &t->rows[i], begin, taps) != 0)
			return -1;
	if (buffer_append_text(into, "\ntotal ") != 0 ||
	    way_append_us(into, way_end(way) - begin) != 0 ||
	    buffer_printf(into, ", %s%s%s, %zu gateway%s told\n",
			  way_is_whole(way) ? "" : style_red(style),
			  way_is_whole(way) ? "whole" : "not whole",
			  style_plain(style), way->delivery_n,
			  way->delivery_n == 1 ? "" : "s") != 0)
		return -1;
	return append_notes(into, way, lost);
}

int
way_table_append(struct buffer *into, const struct style *style,
		 const struct way *way, const struct taps *taps, uint64_t lost)
{
	struct table table;

	fill(&table, way);
	return style->json ? append_json(into, &table, way, lost)
			   : append_text(into, style, &table, way, taps, lost);
}
