/* SPDX-License-Identifier: MIT */
/* proto/options.c - fills the rows, best source first: a row that has a value
 * keeps it.
 *
 * Values are kept in memory of their own for the process's life, so that a
 * daemon may clear its environment once it has read a secret.
 */
#include "proto/options.h"

#include "proto/arena.h"
#include "proto/env_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VARIABLE_BYTES 128
#define COLUMNS        80
#define ROWS_MAX       64

typedef const struct option_row *const *row_tables;

/* The values that no argv holds. */
static struct arena kept;

/* Where the value of each row came from, in the order of the rows; for
 * options_show(). */
static const char *sources[ROWS_MAX];

__attribute__((format(printf, 2, 3))) static int
wrong(const char *program, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return 2;
}

/* The row behind `row`, in whatever table; the first one for NULL; NULL at the
 * end. *tables moves along. */
static const struct option_row *
next_row(row_tables *tables, const struct option_row *row)
{
	row = row == NULL ? **tables : row + 1;
	while (row != NULL && row->name == NULL)
		row = *++*tables;
	return row;
}

static const struct option_row *
find_row(row_tables tables, const char *name, size_t n)
{
	const struct option_row *row = NULL;

	while ((row = next_row(&tables, row)) != NULL) {
		if (strlen(row->name) == n && memcmp(row->name, name, n) == 0)
			return row;
	}
	return NULL;
}

/* The row's variable: its own or PARLEY_NAME. */
static const char *
variable_of(const struct option_row *row, char into[VARIABLE_BYTES])
{
	char *at;

	if (row->variable != NULL)
		return row->variable;
	snprintf(into, VARIABLE_BYTES, "PARLEY_%s", row->name);
	for (at = into; *at != '\0'; at++)
		*at = *at == '-' ? '_' : (char)toupper((unsigned char)*at);
	return into;
}

/* `--name=value` or `--name value`; moves *i behind what it took. */
static int
read_flag(row_tables tables, int argc, char **argv, int *i, const char *program)
{
	const char *flag = argv[(*i)++];
	const char *name = flag + 2;
	size_t n = strcspn(name, "=");
	const struct option_row *row = find_row(tables, name, n);
	char variable[VARIABLE_BYTES];

	if (row == NULL)
		return wrong(program, "unknown flag --%.*s; try --help", (int)n,
			     name);
	if (row->secret)
		return wrong(program,
			     "--%s is no flag, others could read it in the "
			     "list of processes: set %s; try --help",
			     row->name, variable_of(row, variable));
	if (name[n] == '=') {
		*row->value = name + n + 1;
		return 0;
	}
	if (*i >= argc || strncmp(argv[*i], "--", 2) == 0)
		return wrong(program, "--%s needs a value; try --help",
			     row->name);
	*row->value = argv[(*i)++];
	return 0;
}

static int
read_flags(row_tables tables, int argc, char **argv, const char *program)
{
	int i = 1;

	while (i < argc) {
		if (strncmp(argv[i], "--", 2) != 0)
			return wrong(program,
				     "unexpected argument %s; try --help",
				     argv[i]);
		if (read_flag(tables, argc, argv, &i, program) != 0)
			return 2;
	}
	return 0;
}

/* A value that counts: an empty one is as good as none where there is a
 * default. */
static const char *
unless_empty(const struct option_row *row, const char *value)
{
	if (value != NULL && *value == '\0' && row->fallback != NULL)
		return NULL;
	return value;
}

/* From `file`, or from the environment if that is NULL. */
static const char *
look_up(const struct env_file *file, const struct option_row *row,
	const char *variable)
{
	return unless_empty(row, file != NULL ? env_file_find(file, variable)
					      : getenv(variable));
}

/* Gives each row that has no value the one of its variable. 0, or -1 with
 * errno ENOMEM. */
static int
read_variables(row_tables tables, const struct env_file *file)
{
	const struct option_row *row = NULL;
	char variable[VARIABLE_BYTES];

	while ((row = next_row(&tables, row)) != NULL) {
		const char *value;

		if (*row->value != NULL)
			continue;
		value = look_up(file, row, variable_of(row, variable));
		if (value == NULL && row->alias != NULL)
			value = look_up(file, row, row->alias);
		if (value == NULL)
			continue;
		*row->value = arena_copy(&kept, value, strlen(value));
		if (*row->value == NULL)
			return -1;
	}
	return 0;
}

static void
use_fallbacks(row_tables tables)
{
	const struct option_row *row = NULL;

	while ((row = next_row(&tables, row)) != NULL) {
		if (*row->value == NULL)
			*row->value = row->fallback;
	}
}

static void
clear_values(row_tables tables)
{
	const struct option_row *row = NULL;

	while ((row = next_row(&tables, row)) != NULL)
		*row->value = NULL;
	memset(sources, 0, sizeof sources);
}

/* The rows that have got their value since the last call have it from there. */
static void
note_source(row_tables tables, const char *source)
{
	const struct option_row *row = NULL;

	for (size_t i = 0;
	     i < ROWS_MAX && (row = next_row(&tables, row)) != NULL; i++)
		if (*row->value != NULL && sources[i] == NULL)
			sources[i] = source;
}

/* Reads at most one byte more than is allowed, so that more can be told. 0, or
 * -1 with errno. */
static int
read_bytes(const char *path, struct buffer *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t got = -1;

	if (fd < 0)
		return -1;
	if (buffer_reserve(text, ENV_FILE_MAX_BYTES + 1) < 0)
		goto out;
	do {
		got = read(fd, text->bytes + text->n,
			   ENV_FILE_MAX_BYTES + 1 - text->n);
		if (got > 0)
			text->n += (size_t)got;
	} while (got > 0 || (got < 0 && errno == EINTR));
out:
	close(fd);
	return got < 0 ? -1 : 0;
}

static int
wrong_file(const char *program, const char *path, const struct env_error *error)
{
	if (error->line == 0)
		return wrong(program, "%s: %s", path, error->why);
	return wrong(program, "%s:%zu: %s", path, error->line, error->why);
}

/* `named`: somebody asked for this file, so that it must be readable. */
/* A lack of memory is no wrong usage. */
static int
failed(const char *program, const char *what)
{
	int status = errno == ENOMEM ? 1 : 2;

	wrong(program, "cannot read %s: %s", what, strerror(errno));
	return status;
}

static int
read_env_file(row_tables tables, const char *path, bool named,
	      const char *program)
{
	struct env_file file = { 0 };
	struct buffer text = { 0 };
	struct env_error error;
	int rc = 0;

	if (read_bytes(path, &text) < 0) {
		if (errno != ENOENT && (named || errno != EACCES))
			rc = failed(program, path);
	} else if (env_file_parse(&file,
				  (struct slice){ (char *)text.bytes, text.n },
				  &error) < 0) {
		rc = wrong_file(program, path, &error);
	} else if (read_variables(tables, &file) < 0) {
		rc = failed(program, path);
	}
	/* It may have held secrets. */
	if (text.bytes != NULL)
		explicit_bzero(text.bytes, text.n);
	buffer_fini(&text);
	env_file_fini(&file);
	return rc;
}

int
options_read(const struct option_row *const *tables, int argc, char **argv,
	     const char *program)
{
	const struct option_row *env = find_row(tables, "env", 3);
	bool named;
	int rc;

	clear_values(tables);
	if (read_flags(tables, argc, argv, program) != 0)
		return 2;
	note_source(tables, "flag");
	if (read_variables(tables, NULL) < 0)
		return failed(program, "settings");
	note_source(tables, "environment");
	if (env != NULL) {
		named = *env->value != NULL;
		if (!named)
			*env->value = env->fallback;
		if (*env->value != NULL && **env->value != '\0' &&
		    (rc = read_env_file(tables, *env->value, named, program)) !=
			0)
			return rc;
	}
	note_source(tables, "file");
	use_fallbacks(tables);
	return 0;
}

/* What stands for the value: of a secret, whether it is set. Those that are not
 * are made at the first start. */
static const char *
value_to_show(const struct option_row *row)
{
	if (row->secret)
		return *row->value != NULL && **row->value != '\0'
			   ? "set"
			   : "generated";
	return *row->value == NULL ? "" : *row->value;
}

void
options_show(const struct option_row *const *tables, FILE *out)
{
	const struct option_row *row = NULL;
	char variable[VARIABLE_BYTES];

	for (size_t i = 0;
	     i < ROWS_MAX && (row = next_row(&tables, row)) != NULL; i++) {
		/* The default path of the file is read like one that is set. */
		bool is_default = sources[i] == NULL ||
				  *row->value == row->fallback ||
				  (row->secret && **row->value == '\0');

		fprintf(out, "%s\t%s\t", variable_of(row, variable),
			is_default ? "default" : sources[i]);
		for (const char *c = value_to_show(row); *c != '\0'; c++)
			fputc((unsigned char)*c < ' ' ? '?' : *c, out);
		fputc('\n', out);
	}
}

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
			 variable_of(row, variable));
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

	while ((row = next_row(&tables, row)) != NULL) {
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
	struct buffer text = { 0 };
	int rc = buffer_append_text(&text, row->help);

	if (rc == 0 && !row->secret)
		rc = buffer_printf(&text, " [%s%s%s%s%s]",
				   row->fallback != NULL ? row->fallback : "",
				   row->fallback != NULL ? "; " : "",
				   variable_of(row, variable),
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

	while ((row = next_row(&tables, row)) != NULL) {
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
	if (find_row(tables, "env", 3) != NULL) {
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
	while ((row = next_row(&tables, row)) != NULL)
		fprintf(out, "%s\t%s\tVALUE\t%s\t%s\t%s\t%s\n",
			row->secret ? "secret" : "flag",
			row->secret ? "" : row->name, or_empty(row->fallback),
			variable_of(row, variable), or_empty(row->alias),
			row->help);
}

bool
option_number(const char *text, unsigned long min, unsigned long max,
	      unsigned long *number)
{
	unsigned long got = 0;

	if (text == NULL || *text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9' ||
		    __builtin_mul_overflow(got, 10, &got) ||
		    __builtin_add_overflow(got, *text - '0', &got))
			return false;
	}
	if (got < min || got > max)
		return false;
	*number = got;
	return true;
}
