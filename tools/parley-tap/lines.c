/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/lines.c - see lines.h. */
#include "tools/parley-tap/lines.h"

#include "tools/client/text.h"
#include "tools/parley-tap/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* The widths of daemons and of who is connected to them, tools with their
 * process number among those; longer names move the rest. */
#define NAME_COLUMNS 9
#define PEER_COLUMNS 14

/* That of the longest name of a frame. */
/* clang-format off */
union longest_frame {
#define FRAME(f, from, to, help) char f[sizeof #f];
#define FIELD(f, name, type, need, min, max, help)
#define LIST(f, name, part, need, max, help)
#define END(f)
#include "proto/frames.def"
};
/* clang-format on */
#define FRAME_COLUMNS (sizeof(union longest_frame) - 1)

/* --- Style */

static bool
wants_colour(void)
{
	const char *forbidden = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	return (forbidden == NULL || *forbidden == '\0') && terminal != NULL &&
	       strcmp(terminal, "dumb") != 0;
}

struct style
style_of_stdout(bool json, bool text)
{
	bool is_terminal = isatty(STDOUT_FILENO) == 1;
	struct style style = { .json = json || (!is_terminal && !text) };
	struct winsize size;

	if (!is_terminal || style.json)
		return style;
	style.colour = wants_colour();
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		style.columns = size.ws_col;
	return style;
}

const char *
style_bold(const struct style *style)
{
	return style->colour ? "\33[1m" : "";
}

const char *
style_dim(const struct style *style)
{
	return style->colour ? "\33[2m" : "";
}

const char *
style_red(const struct style *style)
{
	return style->colour ? "\33[31m" : "";
}

const char *
style_plain(const struct style *style)
{
	return style->colour ? "\33[0m" : "";
}

/* Each kind of daemon has a colour of its own. */
static const char *
colour_of(const struct style *style, struct slice daemon)
{
	if (!style->colour)
		return "";
	switch (heard_kind(daemon)) {
	case GATEWAY:
		return "\33[36m";
	case ROUTER:
		return "\33[33m";
	case PRESENCE:
		return "\33[35m";
	case STORE:
		return "\33[32m";
	case AUTH:
		return "\33[34m";
	default:
		return "";
	}
}

/* --- Names */

/* Whoever connects chooses a name. */
int
line_append_name(struct buffer *into, struct slice name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.at[i];

		if (c <= ' ' || c > '~' || c == '"' || c == '\\')
			c = '?';
		if (buffer_append(into, &c, 1) != 0)
			return -1;
	}
	return 0;
}

static int
append_blanks(struct buffer *into, size_t from, size_t columns)
{
	for (size_t i = from; i < columns; i++)
		if (buffer_append_text(into, " ") != 0)
			return -1;
	return 0;
}

static int
append_padded(struct buffer *into, struct slice name, size_t columns)
{
	if (line_append_name(into, name) != 0)
		return -1;
	return append_blanks(into, name.n, columns);
}

/* --- JSON */

static int
append_json_time(struct buffer *into, uint64_t at_us)
{
	time_t seconds = (time_t)(at_us / 1000000);
	char text[32] = "";
	struct tm utc;

	if (gmtime_r(&seconds, &utc) != NULL)
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
	return buffer_printf(into, "{\"ts\":\"%s.%06uZ\"", text,
			     (unsigned)(at_us % 1000000));
}

static int
append_json(struct buffer *into, const struct heard *heard)
{
	if (append_json_time(into, heard->at_us) != 0 ||
	    buffer_append_text(into, ",\"daemon\":\"") != 0 ||
	    line_append_name(into, heard->daemon) != 0 ||
	    buffer_printf(into, "\",\"direction\":\"%s\",\"peer\":\"",
			  heard->is_in ? "in" : "out") != 0 ||
	    line_append_name(into, heard->peer) != 0 ||
	    buffer_append_text(into, "\",\"frame\":") != 0 ||
	    frame_print_json(&heard->frame, into) != 0)
		return -1;
	return buffer_append_text(into, "}\n");
}

/* --- Text */

static int
append_time(struct buffer *into, const struct style *style, uint64_t at_us)
{
	time_t seconds = (time_t)(at_us / 1000000);
	char text[16] = "";
	struct tm local;

	if (localtime_r(&seconds, &local) != NULL)
		strftime(text, sizeof text, "%H:%M:%S", &local);
	return buffer_printf(into, "%s%s.%03u%s  ", style_dim(style), text,
			     (unsigned)(at_us / 1000 % 1000),
			     style_plain(style));
}

static size_t
wider(size_t n, size_t columns)
{
	return n > columns ? n : columns;
}

/* What all lines begin with. *columns gets how many it takes. */
static int
append_hop(struct buffer *into, const struct style *style,
	   const struct heard *heard, size_t *columns)
{
	struct slice name = slice_of(frame_name(heard->frame.kind));
	bool is_bad = heard->frame.kind == FRAME_refused;

	*columns = strlen("00:00:00.000  ") +
		   wider(heard->daemon.n, NAME_COLUMNS) + strlen(" > ") +
		   wider(heard->peer.n, PEER_COLUMNS) + 1 +
		   wider(name.n, FRAME_COLUMNS);
	if (append_time(into, style, heard->at_us) != 0 ||
	    buffer_append_text(into, colour_of(style, heard->daemon)) != 0 ||
	    append_padded(into, heard->daemon, NAME_COLUMNS) != 0 ||
	    buffer_printf(into, "%s %s ", style_plain(style),
			  heard->is_in ? "←" : "→") != 0 ||
	    append_padded(into, heard->peer, PEER_COLUMNS) != 0 ||
	    buffer_printf(into, " %s",
			  is_bad ? style_red(style) : style_bold(style)) != 0 ||
	    line_append_name(into, name) != 0 ||
	    buffer_append_text(into, style_plain(style)) != 0)
		return -1;
	return append_blanks(into, name.n, FRAME_COLUMNS);
}

static void
drop_blanks_at_end(struct buffer *text)
{
	while (text->n > 0 && text->bytes[text->n - 1] == ' ')
		text->n--;
}

/* As much of `text` as fits, with a sign that there is more. */
static int
append_cut(struct buffer *into, struct slice text, size_t columns)
{
	struct slice rest = text, fitting = { text.at, 0 };
	size_t used = 0;

	while (rest.n > 0) {
		int wide = text_columns(text_next(&rest));

		used += wide > 0 ? (size_t)wide : 0;
		if (used >= columns && rest.n > 0)
			break;
		fitting.n = text.n - rest.n;
	}
	if (buffer_append(into, fitting.at, fitting.n) != 0)
		return -1;
	return rest.n > 0 ? buffer_append_text(into, "…") : 0;
}

static int
append_text(struct buffer *into, const struct style *style,
	    const struct heard *heard)
{
	struct buffer fields = { 0 };
	size_t columns = 0, room;
	struct slice text;
	int rc = -1;

	if (fields_append(&fields, &heard->frame) != 0 ||
	    append_hop(into, style, heard, &columns) != 0)
		goto out;
	text = (struct slice){ (const char *)fields.bytes, fields.n };
	room = style->columns > columns + 1 ? style->columns - columns - 1 : 20;
	rc = text.n == 0 ? 0 : buffer_append_text(into, " ");
	if (rc == 0)
		rc = style->columns == 0 ? buffer_append(into, text.at, text.n)
					 : append_cut(into, text, room);
	drop_blanks_at_end(into);
	if (rc == 0)
		rc = buffer_append_text(into, "\n");
out:
	buffer_fini(&fields);
	return rc;
}

int
line_append(struct buffer *into, const struct style *style,
	    const struct heard *heard)
{
	return style->json ? append_json(into, heard)
			   : append_text(into, style, heard);
}

int
lines_print(int rc, const struct buffer *lines)
{
	if (rc == 0 && fwrite(lines->bytes, 1, lines->n, stdout) == lines->n &&
	    fflush(stdout) == 0)
		return 0;
	perror("parley-tap: stdout");
	return -1;
}
