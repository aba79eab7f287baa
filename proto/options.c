/* SPDX-License-Identifier: MIT */
/* proto/options.c - fills the rows, best source first: a row that has a value
 * keeps it.
 *
 * Values are kept in memory of their own for the process's life, so that a
 * daemon may clear its environment once it has read a secret.
 */
#include "proto/arena.h"
#include "proto/env_file.h"
#include "proto/options_internal.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS_MAX 64

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

const struct option_row *
options_next_row(row_tables *tables, const struct option_row *row)
{
	row = row == NULL ? **tables : row + 1;
	while (row != NULL && row->name == NULL)
		row = *++*tables;
	return row;
}

const struct option_row *
options_find_row(row_tables tables, const char *name, size_t n)
{
	const struct option_row *row = NULL;

	while ((row = options_next_row(&tables, row)) != NULL) {
		if (strlen(row->name) == n && memcmp(row->name, name, n) == 0)
			return row;
	}
	return NULL;
}

const char *
options_variable_of(const struct option_row *row, char into[VARIABLE_BYTES])
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
	const struct option_row *row = options_find_row(tables, name, n);
	char variable[VARIABLE_BYTES];

	if (row == NULL)
		return wrong(program, "unknown flag --%.*s; try --help", (int)n,
			     name);
	if (row->secret)
		return wrong(program,
			     "--%s is no flag, others could read it in the "
			     "list of processes: set %s; try --help",
			     row->name, options_variable_of(row, variable));
	if (row->is_switch && name[n] == '=')
		return wrong(program, "--%s takes no value; try --help",
			     row->name);
	if (row->is_switch) {
		*row->value = "yes";
		return 0;
	}
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

bool
options_is_switch(const struct option_row *const *tables, const char *argument)
{
	const struct option_row *row;

	if (strncmp(argument, "--", 2) != 0)
		return false;
	row = options_find_row(tables, argument + 2, strlen(argument + 2));
	return row != NULL && row->is_switch;
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

	while ((row = options_next_row(&tables, row)) != NULL) {
		const char *value;

		if (*row->value != NULL)
			continue;
		value = look_up(file, row, options_variable_of(row, variable));
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

	while ((row = options_next_row(&tables, row)) != NULL) {
		if (*row->value == NULL)
			*row->value = row->fallback;
	}
}

static void
clear_values(row_tables tables)
{
	const struct option_row *row = NULL;

	while ((row = options_next_row(&tables, row)) != NULL)
		*row->value = NULL;
	memset(sources, 0, sizeof sources);
}

/* The rows that have got their value since the last call have it from there. */
static void
note_source(row_tables tables, const char *source)
{
	const struct option_row *row = NULL;

	for (size_t i = 0;
	     i < ROWS_MAX && (row = options_next_row(&tables, row)) != NULL;
	     i++)
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
	const struct option_row *env = options_find_row(tables, "env", 3);
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
	     i < ROWS_MAX && (row = options_next_row(&tables, row)) != NULL;
	     i++) {
		/* The default path of the file is read like one that is set. */
		bool is_default = sources[i] == NULL ||
				  *row->value == row->fallback ||
				  (row->secret && **row->value == '\0');

		fprintf(out, "%s\t%s\t", options_variable_of(row, variable),
			is_default ? "default" : sources[i]);
		for (const char *c = value_to_show(row); *c != '\0'; c++)
			fputc((unsigned char)*c < ' ' ? '?' : *c, out);
		fputc('\n', out);
	}
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
