/* SPDX-License-Identifier: MIT */
/* tools/parley/message.c - a message on standard output. */
#include "tools/parley/message.h"

#include "tools/client/text.h"
#include "tools/parley/talk.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIM    "\033[2m"
#define BOLD   "\033[1m"
#define NORMAL "\033[0m"

uint64_t
message_seq(const json_t *message)
{
	json_int_t seq = json_integer_value(json_object_get(message, "seq"));

	return seq > 0 ? (uint64_t)seq : 0;
}

time_t
message_moment(const json_t *object, const char *key)
{
	struct tm utc = { 0 };
	const char *text = talk_text(object, key);

	if (strptime(text, "%Y-%m-%dT%H:%M:%S", &utc) == NULL)
		return 0;
	return timegm(&utc);
}

time_t
message_time(const json_t *message)
{
	return message_moment(message, "created_at");
}

/* Colours are for terminals, unless NO_COLOR says otherwise. */
static bool
has_colours(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return (no == NULL || *no == '\0') && term != NULL &&
	       strcmp(term, "dumb") != 0 && isatty(STDOUT_FILENO) == 1;
}

/* Further lines of a message are set in, so that none looks like another
 * message. */
static int
append_content(struct buffer *line, const char *content)
{
	while (*content != '\0') {
		size_t n = strcspn(content, "\n");

		if (text_append_safe(line, (struct slice){ content, n },
				     "\t") != 0)
			return -1;
		content += n;
		if (*content == '\n') {
			content++;
			if (buffer_append_text(line, "\n    ") != 0)
				return -1;
		}
	}
	return 0;
}

static int
append_line(struct buffer *line, const json_t *message)
{
	bool colours = has_colours();
	time_t at = message_time(message);
	struct tm local;
	char when[32] = "";

	if (localtime_r(&at, &local) != NULL)
		strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &local);
	if (buffer_printf(line, "%s%s%s %s", colours ? DIM : "", when,
			  colours ? NORMAL : "", colours ? BOLD : "") != 0 ||
	    text_append_safe(line, slice_of(talk_text(message, "creator_name")),
			     "") != 0 ||
	    buffer_printf(line, "%s: ", colours ? NORMAL : "") != 0)
		return -1;
	return append_content(line, talk_text(message, "content"));
}

static int
print(struct buffer *line, int rc)
{
	if (rc == 0)
		rc = buffer_append_text(line, "\n");
	if (rc == 0)
		(void)fwrite(line->bytes, 1, line->n, stdout);
	buffer_fini(line);
	return rc;
}

int
message_print_json(const json_t *any)
{
	char *text = json_dumps(any, JSON_COMPACT);
	struct buffer line = { 0 };
	int rc = text != NULL ? text_append_json(&line, slice_of(text)) : -1;

	free(text);
	return print(&line, rc);
}

int
message_print(const json_t *message, bool as_json)
{
	struct buffer line = { 0 };

	if (as_json)
		return message_print_json(message);
	return print(&line, append_line(&line, message));
}

int
output_flush(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	if (errno == EPIPE) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	return -1;
}
