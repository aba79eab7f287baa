/* SPDX-License-Identifier: MIT */
/* proto/log.c - puts a line together in place and writes it at once.
 *
 * A line of at most 4 KiB is written by one write(2): a pipe then keeps the
 * lines of several processes whole. A long value is cut and ends with "...";
 * a pair that finds no room at all is left out.
 */
#include "proto/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <utf8proc.h>

#define LINE_BYTES  4096
#define VALUE_BYTES 1024

/* Kept free for what ends a line: `..."}` and the line feed. */
#define END_BYTES 8

struct line {
	char bytes[LINE_BYTES];
	size_t n;
	bool json;
};

static const char *const level_words[] = { "error", "warn", "info", "debug" };

static struct {
	const char *unit;
	enum log_level level;
	bool json;
} settings = { "parley", LOG_INFO, false };

static _Thread_local uint64_t current_conn;

/* Threads write lines, too. */
static _Atomic uint64_t lines[LOG_DEBUG + 1];

void
log_setup(const char *unit, enum log_level level, bool json)
{
	settings.unit = unit;
	settings.level = level;
	settings.json = json;
}

bool
log_level_parse(enum log_level *level, const char *word)
{
	for (size_t i = 0; i < sizeof level_words / sizeof *level_words; i++) {
		if (strcmp(word, level_words[i]) == 0) {
			*level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

const char *
log_level_name(enum log_level level)
{
	return level_words[level];
}

uint64_t
log_lines(enum log_level level)
{
	return lines[level];
}

uint64_t
log_conn(uint64_t conn)
{
	uint64_t before = current_conn;

	current_conn = conn;
	return before;
}

uint64_t
log_conn_now(void)
{
	return current_conn;
}

bool
log_wants(enum log_level level)
{
	return level <= settings.level;
}

/* All of it or nothing; leaves the room for the end alone. */
static bool
put(struct line *line, const char *bytes, size_t n)
{
	if (line->n + n > sizeof line->bytes - END_BYTES)
		return false;
	memcpy(line->bytes + line->n, bytes, n);
	line->n += n;
	return true;
}

/* What ends a value or the line; there is always room for it. */
static void
put_end(struct line *line, const char *text)
{
	size_t n = strlen(text);

	if (n > sizeof line->bytes - line->n)
		return;
	memcpy(line->bytes + line->n, text, n);
	line->n += n;
}

/* Bytes of the character at `at`, or 0 if that is not UTF-8. */
static size_t
character(const char *at, size_t n, utf8proc_int32_t *code)
{
	utf8proc_ssize_t got = utf8proc_iterate((const utf8proc_uint8_t *)at,
						(utf8proc_ssize_t)n, code);

	return got > 0 ? (size_t)got : 0;
}

static bool
is_control(utf8proc_int32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* Whether logfmt can do without quotes. */
static bool
is_plain(struct slice text)
{
	for (size_t i = 0; i < text.n;) {
		utf8proc_int32_t code;
		size_t got = character(text.at + i, text.n - i, &code);

		if (got == 0 || is_control(code) || code == ' ' ||
		    code == '=' || code == '"' || code == '\\')
			return false;
		i += got;
	}
	return text.n > 0;
}

/* The letter behind the backslash for what has a short escape, or 0. */
static char
short_escape(utf8proc_int32_t code)
{
	switch (code) {
	case '"':
	case '\\':
		return (char)code;
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return 0;
	}
}

/* Writes the first character of `text` into `into` as it stands between quotes.
 * Returns the bytes written and tells in *taken how many were read. */
static size_t
escape(char into[16], struct slice text, bool json, size_t *taken)
{
	utf8proc_int32_t code;
	size_t got = character(text.at, text.n, &code);
	char letter;

	*taken = got == 0 ? 1 : got;
	if (got == 0)
		return (size_t)(json ? snprintf(into, 16, "\xef\xbf\xbd")
				     : snprintf(into, 16, "\\x%02x",
						(unsigned char)*text.at));
	letter = short_escape(code);
	if (letter != 0)
		return (size_t)snprintf(into, 16, "\\%c", letter);
	if (is_control(code))
		return (size_t)snprintf(
		    into, 16, json || code > 0x7f ? "\\u%04x" : "\\x%02x",
		    (unsigned)code);
	memcpy(into, text.at, got);
	return got;
}

static void
put_escaped(struct line *line, struct slice text)
{
	size_t start = line->n;

	while (text.n > 0) {
		char bytes[16];
		size_t taken;
		size_t n = escape(bytes, text, line->json, &taken);

		if (line->n - start + n > VALUE_BYTES || !put(line, bytes, n)) {
			put_end(line, "...");
			return;
		}
		text.at += taken;
		text.n -= taken;
	}
}

/* ` key=` or `,"key":`, and `"` if asked for. False if the line is full. */
static bool
put_key(struct line *line, const char *key, bool quoted)
{
	char bytes[128];
	const char *format = line->json ? "%s\"%s\":%s" : "%s%s=%s";
	const char *before = line->json ? "," : " ";
	int n;

	if (line->n == 0)
		before = line->json ? "{" : "";
	n = snprintf(bytes, sizeof bytes, format, before, key,
		     quoted ? "\"" : "");
	return n > 0 && (size_t)n < sizeof bytes && put(line, bytes, (size_t)n);
}

static void
put_text(struct line *line, const char *key, struct slice text)
{
	bool quoted = line->json || !is_plain(text);

	if (!put_key(line, key, quoted))
		return;
	put_escaped(line, text);
	if (quoted)
		put_end(line, "\"");
}

static void
put_number(struct line *line, const char *key, int64_t number)
{
	char digits[24];
	size_t before = line->n;
	int n = snprintf(digits, sizeof digits, "%lld", (long long)number);

	/* A number is never cut: half of one looks like another. */
	if (put_key(line, key, false) && !put(line, digits, (size_t)n))
		line->n = before;
}

static void
put_pair(struct line *line, const struct log_pair *pair)
{
	char id[UUID_TEXT_BYTES] = "";

	switch (pair->type) {
	case LOG_TEXT:
		put_text(line, pair->key, pair->text);
		break;
	case LOG_NUMBER:
		put_number(line, pair->key, pair->number);
		break;
	case LOG_UUID:
		if (pair->uuid != NULL)
			uuid_format(pair->uuid, id);
		put_text(line, pair->key, slice_of(id));
		break;
	}
}

static void
put_time(struct line *line)
{
	struct timespec now;
	struct tm utc;
	char text[64];
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + n, sizeof text - n, ".%03ldZ", now.tv_nsec / 1000000);
	put_text(line, "ts", slice_of(text));
}

/* As a tap shows a frame's trace. */
static void
put_conn(struct line *line)
{
	char digits[24];

	if (current_conn == 0)
		return;
	snprintf(digits, sizeof digits, "%016" PRIx64, current_conn);
	put_text(line, "conn", slice_of(digits));
}

void
log_write(enum log_level level, const char *event, const struct log_pair *pairs,
	  size_t n)
{
	struct line line;
	int kept_errno = errno;
	ssize_t rc;

	lines[level]++;
	line.n = 0;
	line.json = settings.json;
	put_time(&line);
	put_text(&line, "level", slice_of(level_words[level]));
	put_text(&line, "unit", slice_of(settings.unit));
	put_text(&line, "event", slice_of(event));
	put_conn(&line);
	for (size_t i = 0; i < n; i++)
		put_pair(&line, &pairs[i]);
	put_end(&line, line.json ? "}\n" : "\n");

	/* Nobody can be told that the log cannot be written. */
	do {
		rc = write(STDERR_FILENO, line.bytes, line.n);
	} while (rc < 0 && errno == EINTR);
	errno = kept_errno;
}
