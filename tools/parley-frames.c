/* SPDX-License-Identifier: MIT */
/* tools/parley-frames.c - prints docs/frames.md, or what is the same in the
 * manual, from the rows of frames.def. */
#include "proto/frame_internal.h"
#include "proto/program.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char intro[] =
    "# The frames of the bus\n"
    "\n"
    "This page is made from `proto/frames.def` by `make docs`.\n"
    "\n"
    "A frame is one msgpack map. Its first key is `frame`, the frame's name.\n"
    "Then come, where they are not 0, `id` (a request and its answer carry "
    "the\n"
    "same one, chosen by who asks), `event` (its number on the link) and "
    "`trace`\n"
    "(the client connection that it concerns, which logs call `conn`, in 16\n"
    "hexadecimal digits: pass it on), then the fields by the names given "
    "here.\n"
    "Keys that one does not know are passed over. An optional field that is "
    "empty, nil, zero or false is left out, "
    "and\n"
    "one that is missing reads as that.\n"
    "\n"
    "| type | in msgpack |\n"
    "| --- | --- |\n"
    "| UUID | bin of 16 bytes |\n"
    "| UUIDS | one bin, 16 bytes for each id; bounds count ids |\n"
    "| TEXT | str, UTF-8 without NUL; bounds in bytes |\n"
    "| BYTES | bin; bounds in bytes |\n"
    "| U64 | unsigned integer; bounds of the value |\n"
    "| BOOL | true or false |\n"
    "| LIST | array of maps, each with the fields of the part named |\n"
    "\n"
    "A ZeroMQ message carries one or more frames, back to back in one part. A\n"
    "daemon binds a ROUTER socket, `ipc://NAME.sock` in the run folder; who\n"
    "needs it connects a DEALER whose routing id is `NAME/EPOCH`. The side "
    "that\n"
    "connected says `hello` with an `id`, and is answered by a `hello` with "
    "the\n"
    "same `id`; before that, nothing else is heard. It then asks `ping` "
    "about\n"
    "once a second, and is answered by `pong` with the same `id`, or by a\n"
    "`hello` without `id`, which asks it to say hello anew. A `pong` without\n"
    "`id` comes from a daemon that is alive, and too busy to have heard the\n"
    "`ping`. A request may come again after a new hello: every request is\n"
    "harmless when repeated.\n"
    "\n"
    "On a tap (SUB to `ipc://NAME.tap`) each frame is a message of three "
    "parts:\n"
    "the subject `in.PEER.FRAME` or `out.PEER.FRAME`, the frame with secret\n"
    "fields shown as `(hidden)`, and a running number in ASCII decimal.\n";

static const char *const type_names[] = { "UUID", "UUIDS", "TEXT", "BYTES",
					  "U64",  "BOOL",  "LIST" };

static const char *const need_names[] = { "optional", "required",
					  "optional, secret",
					  "required, secret" };

static void
print_bound(uint64_t bound)
{
	if (bound == UINT64_MAX)
		printf("2^64-1");
	else if (bound == INT64_MAX)
		printf("2^63-1");
	else
		printf("%" PRIu64, bound);
}

static void
print_bounds(const struct field_row *field)
{
	if (field->type == TYPE_UUID || field->type == TYPE_BOOL)
		return;
	print_bound(field->min);
	printf(" to ");
	print_bound(field->max);
}

static void
print_fields(const struct frame_row *row)
{
	if (row->field_count == 0)
		return;
	printf("\n| field | type | need | bounds | what |\n"
	       "| --- | --- | --- | --- | --- |\n");
	for (size_t i = 0; i < row->field_count; i++) {
		const struct field_row *field = &row->fields[i];
		printf("| `%s` | %s", field->name, type_names[field->type]);
		if (field->type == TYPE_LIST)
			printf(" of `%s`", frame_name(field->part));
		printf(" | %s | ", need_names[field->need]);
		print_bounds(field);
		printf(" | %s |\n", field->help);
	}
}

static void
print_parties(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '|')
			printf(", ");
		else
			putchar(*text | 0x20);
}

static void
print_frame(const struct frame_row *row)
{
	printf("\n## %s\n\n", row->name);
	if (row->from != PART) {
		print_parties(row->from_text);
		printf(" → ");
		print_parties(row->to_text);
		printf(": ");
	}
	printf("%s.\n", row->help);
	print_fields(row);
}

static const struct {
	const char *name;
	int http_status;
	const char *help;
} errors[] = {
#define ERROR(code, http, help) { #code, http, help },
#include "proto/errors.def"
};

static void
print_page(void)
{
	fputs(intro, stdout);
	for (int kind = 1; kind < FRAME_KINDS; kind++)
		print_frame(&frame_rows[kind]);
	printf("\n## Codes of `refused`\n\n| code | HTTP | why |\n"
	       "| --- | --- | --- |\n");
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		printf("| `%s` | %d | %s |\n", errors[i].name,
		       errors[i].http_status, errors[i].help);
}

/* --- For the manual */

/* mdoc(7): what begins a line must not look like a macro. */
static void
print_roff(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text != '\0'; text++)
		if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
}

/* A line of its own, with its full stop. */
static void
print_roff_sentence(const char *text)
{
	size_t n = strlen(text);

	print_roff(text);
	puts(n > 0 && text[n - 1] == '.' ? "" : ".");
}

static void
print_roff_field(const struct field_row *field)
{
	printf(".It Va %s\n%s", field->name, type_names[field->type]);
	if (field->type == TYPE_LIST)
		printf(" of %s", frame_name(field->part));
	printf(", %s", need_names[field->need]);
	if (field->type != TYPE_UUID && field->type != TYPE_BOOL) {
		printf(", ");
		print_bounds(field);
	}
	printf(":\n");
	print_roff_sentence(field->help);
}

static void
print_roff_frame(const struct frame_row *row)
{
	printf(".Ss %s\n", row->name);
	if (row->from != PART) {
		printf("From ");
		print_parties(row->from_text);
		printf(" to ");
		print_parties(row->to_text);
		printf(":\n");
	}
	print_roff_sentence(row->help);
	if (row->field_count == 0)
		return;
	printf(".Bl -tag -width Ds -compact\n");
	for (size_t i = 0; i < row->field_count; i++)
		print_roff_field(&row->fields[i]);
	printf(".El\n");
}

static void
print_roff_page(void)
{
	printf(".Sh FRAMES\n");
	for (int kind = 1; kind < FRAME_KINDS; kind++)
		print_roff_frame(&frame_rows[kind]);
	printf(".Sh CODES OF REFUSED\n.Bl -tag -width Ds -compact\n");
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		printf(".It Dv %s\nHTTP status %d:\n", errors[i].name,
		       errors[i].http_status);
		print_roff_sentence(errors[i].help);
	}
	printf(".El\n");
}

static const char *format;

static const struct option_row options[] = {
	{ "format", &format, "markdown",
	  "markdown, or mdoc for the body of the manual page" },
	{ 0 },
};

int
main(int argc, char **argv)
{
	static const struct option_row *const tables[] = { options, NULL };
	static const struct program program = {
		"parley-frames", "prints docs/frames.md, the frames of the bus",
		NULL, tables
	};
	int status = program_begin(&program, argc, argv, NULL);

	if (status >= 0)
		return status;
	if (strcmp(format, "markdown") == 0) {
		print_page();
	} else if (strcmp(format, "mdoc") == 0) {
		print_roff_page();
	} else {
		fprintf(stderr,
			"parley-frames: --format cannot be '%s'; try --help\n",
			format);
		return 2;
	}
	return ferror(stdout) || fflush(stdout) != 0;
}
