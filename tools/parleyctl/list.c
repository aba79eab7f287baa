/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/list.c - one array of objects, two ways to print it. */
#include "tools/parleyctl/list.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COLUMNS_MAX 12
#define CELL_BYTES  1100

json_t *
list_text(struct slice text)
{
	return text.n == 0 ? json_null() : json_stringn(text.at, text.n);
}

json_t *
list_id(const struct uuid *id)
{
	char text[UUID_TEXT_BYTES];

	return json_string(uuid_format(id, text));
}

json_t *
list_time(uint64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm utc;
	char text[40];

	if (ms == 0 || gmtime_r(&seconds, &utc) == NULL ||
	    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
		return json_null();
	return json_string(text);
}

int
list_add(struct call *call, json_t *records, json_t *record)
{
	if (json_array_append_new(records, record) == 0)
		return 0;
	return fail(call, "out of memory");
}

/* --- For people */

/* A label may hold anything; what a terminal would act on is not shown. */
static void
make_visible(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static const char *
read_cell(const json_t *record, const struct column *column,
	  char into[CELL_BYTES])
{
	const json_t *value = json_object_get(record, column->key);

	into[0] = '\0';
	if (json_is_string(value))
		snprintf(into, CELL_BYTES, "%s", json_string_value(value));
	else if (json_is_integer(value))
		snprintf(into, CELL_BYTES, "%lld",
			 (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		snprintf(into, CELL_BYTES, "%s",
			 json_is_true(value) ? "yes" : "no");
	if (into[0] == '\0')
		snprintf(into, CELL_BYTES, "%s",
			 column->none != NULL ? column->none : "-");
	make_visible(into);
	return into;
}

/* Characters, as far as counting the beginnings of UTF-8 sequences tells. */
static int
width_of(const char *text)
{
	int width = 0;

	for (; *text != '\0'; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static void
measure(const struct column *columns, const json_t *records,
	int widths[COLUMNS_MAX])
{
	char cell[CELL_BYTES];

	for (size_t i = 0; columns[i].key != NULL; i++) {
		widths[i] =
		    columns[i].title == NULL ? 0 : width_of(columns[i].title);
		for (size_t r = 0; r < json_array_size(records); r++) {
			int width = width_of(read_cell(
			    json_array_get(records, r), &columns[i], cell));
			if (width > widths[i])
				widths[i] = width;
		}
	}
}

static void
print_cell(const char *text, int width, bool is_number, bool is_last)
{
	int blanks = width - width_of(text);

	printf("%*s%s", is_number ? blanks : 0, "", text);
	if (is_last)
		fputc('\n', stdout);
	else
		printf("%*s", (is_number ? 0 : blanks) + 2, "");
}

/* `record` NULL: the titles. */
static void
print_row(const struct column *columns, const json_t *record,
	  const int widths[COLUMNS_MAX])
{
	char cell[CELL_BYTES];
	size_t last = 0;

	for (size_t i = 0; columns[i].key != NULL; i++)
		if (columns[i].title != NULL)
			last = i;
	for (size_t i = 0; i <= last; i++) {
		if (columns[i].title == NULL)
			continue;
		print_cell(record == NULL
			       ? columns[i].title
			       : read_cell(record, &columns[i], cell),
			   widths[i], columns[i].is_number, i == last);
	}
}

void
list_table(const struct column *columns, const json_t *records)
{
	int widths[COLUMNS_MAX] = { 0 };

	measure(columns, records, widths);
	print_row(columns, NULL, widths);
	for (size_t r = 0; r < json_array_size(records); r++)
		print_row(columns, json_array_get(records, r), widths);
}

/* --- For programs */

static int
print_json(struct call *call, const json_t *records)
{
	for (size_t r = 0; r < json_array_size(records); r++) {
		char *line =
		    json_dumps(json_array_get(records, r), JSON_COMPACT);

		if (line == NULL)
			return fail(call, "out of memory");
		puts(line);
		free(line);
	}
	return 0;
}

int
list_print(struct call *call, const struct column *columns, json_t *records)
{
	int status = 0;

	if (call_flag(call, "json") != NULL)
		status = print_json(call, records);
	else
		list_table(columns, records);
	json_decref(records);
	return status;
}
