/* SPDX-License-Identifier: MIT */
/* proto/options_help.c - what is printed of rows: for people as --help, and for
 * other programs, which make manual pages and completions of it.
 */
#include "proto/options_internal.h"

#include <string.h>

#define COLUMNS 80

/* Prints `text` from `column` on, wrapped at blanks, the lines below indented
 * by `indent`. */
static void
print_wrapped(FILE *out, const char *text, size_t column, size_t indent)
{
	bool first = true;

	while (*text != '\0') {
		size_t n = strcspn(text, " ");

		if (!first && column + 1 + n > COLUMNS) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", (int)n, text);
		column += n;
		text += n + (text[n] == ' ');
		first = false;
	}
	fputc('\n', out);
}

/* What stands in the left column; its length. */
static size_t
left_column(const struct option_row *row, char into[VARIABLE_BYTES + 8])
{
	char variable[VARIABLE_BYTES];

	if (row->secret)
		snprintf(into, VARIABLE_BYTES + 8, "%s",
			 options_variable_of(row, variable));
	else
		snprintf(into, VARIABLE_BYTES + 8, "--%s", row->name);
	return strlen(into);
}

static size_t
widest(row_tables tables)
{
	const struct option_row *row = NULL;
	char left[VARIABLE_BYTES + 8];
	size_t most = strlen("--settings");

	while ((row = options_next_row(&tables, row)) != NULL) {
		size_t n = left_column(row, left);

		if (n > most)
			most = n;
	}
	return most;
}

static void
print_row(FILE *out, size_t width, const char *left, const char *text)
{
	fprintf(out, "  %-*s  ", (int)width, left);
	print_wrapped(out, text, width + 4, width + 4);
}

/* The help text with its default and its variables behind it. */
static void
print_option(FILE *out, size_t width, const struct option_row *row)
{
	char left[VARIABLE_BYTES + 8], variable[VARIABLE_BYTES];
	bool has_default = row->fallback != NULL && *row->fallback != '\0';
	struct buffer text = { 0 };
	int rc = buffer_append_text(&text, row->help);

	if (rc == 0 && !row->secret)
		rc = buffer_printf(
		    &text, " [%s%s%s%s%s]", has_default ? row->fallback : "",
		    has_default ? "; " : "", options_variable_of(row, variable),
		    row->alias != NULL ? ", " : "",
		    row->alias != NULL ? row->alias : "");
	else if (rc == 0 && row->alias != NULL)
		rc = buffer_printf(&text, " [or %s]", row->alias);
	if (rc == 0)
		rc = buffer_append(&text, "", 1);
	left_column(row, left);
	print_row(out, width, left,
		  rc == 0 ? (const char *)text.bytes : row->help);
	buffer_fini(&text);
}

/* The rows that are flags, or those that are secrets, if there are any. */
static void
print_options(FILE *out, row_tables tables, size_t width, bool secret,
	      const char *title)
{
	const struct option_row *row = NULL;
	bool titled = false;

	while ((row = options_next_row(&tables, row)) != NULL) {
		if (row->secret != secret)
			continue;
		if (!titled)
			fprintf(out, "\n%s\n", title);
		titled = true;
		print_option(out, width, row);
	}
}

static void
print_list(row_tables tables, bool has_settings, FILE *out)
{
	size_t width = widest(tables);

	print_options(out, tables, width, false,
		      "Flags [default; variable that says the same]:");
	print_row(out, width, "--help", "print this page and end");
	print_row(out, width, "--version", "print the version and end");
	if (has_settings)
		print_row(out, width, "--settings",
			  "print what the settings come to and end");
	print_options(out, tables, width, true,
		      "Secrets, read from variables alone:");
	if (options_find_row(tables, "env", 3) != NULL) {
		fputc('\n', out);
		print_wrapped(out,
			      "A flag wins over the environment, that over the "
			      "--env file, and that over the default.",
			      0, 0);
	}
}

void
options_list(const struct option_row *const *tables, FILE *out)
{
	print_list(tables, false, out);
}

void
options_help(const struct option_row *const *tables, const char *program,
	     const char *summary, FILE *out)
{
	fprintf(out, "usage: %s [--NAME VALUE]...\n", program);
	print_wrapped(out, summary, 0, 0);
	print_list(tables, true, out);
}

static const char *
or_empty(const char *text)
{
	return text != NULL ? text : "";
}

void
options_rows(const struct option_row *const *tables, const char *program,
	     const char *words, const char *summary, FILE *out)
{
	const struct option_row *row = NULL;
	char variable[VARIABLE_BYTES];

	fprintf(out, "program\t%s\t%s\t%s\n", program, or_empty(words),
		summary);
	while ((row = options_next_row(&tables, row)) != NULL)
		fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
			row->secret ? "secret" : "flag",
			row->secret ? "" : row->name,
			row->is_switch ? "" : "VALUE", or_empty(row->fallback),
			options_variable_of(row, variable),
			or_empty(row->alias), row->help);
}
