/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/help.c - the pages of --help, from the table of commands. */
#include "tools/parleyctl/arguments.h"

#include <string.h>

#define SUMMARY "administers a running suite, and its data folder"

static void
print_usage(const struct command *c, FILE *out)
{
	fprintf(out, "usage: parleyctl %s", c->name);
	if (c->words != NULL)
		fprintf(out, " %s", c->words);
	for (const struct flag_row *row = c->flags;
	     row != NULL && row->name != NULL; row++)
		fprintf(out, " [--%s%s%s]", row->name,
			row->value == NULL ? "" : " ",
			row->value == NULL ? "" : row->value);
	fprintf(out, "\n%s\n", c->summary);
}

static void
print_flags(const struct flag_row *rows, FILE *out)
{
	char left[48];

	if (rows == NULL)
		return;
	fputs("\nFlags of this command:\n", out);
	for (; rows->name != NULL; rows++) {
		snprintf(left, sizeof left, "--%s%s%s", rows->name,
			 rows->value == NULL ? "" : " ",
			 rows->value == NULL ? "" : rows->value);
		fprintf(out, "  %-20s  %s\n", left, rows->help);
	}
}

static void
print_commands(const char *group, FILE *out)
{
	size_t n = strlen(group);
	char left[64];

	fprintf(out,
		"usage: parleyctl %s%sCOMMAND [WORD ...] [--FLAG [VALUE]] "
		"...\n" SUMMARY "\n\n",
		group, n > 0 ? " " : "");
	for (const struct command *c = commands; c->name != NULL; c++) {
		if (n > 0 &&
		    (strncmp(c->name, group, n) != 0 || c->name[n] != ' '))
			continue;
		snprintf(left, sizeof left, "%s%s%s", c->name,
			 c->words == NULL ? "" : " ",
			 c->words == NULL ? "" : c->words);
		fprintf(out, "  %-30s  %s\n", left, c->summary);
	}
	fputs("\n'parleyctl COMMAND --help' tells more of one.\n", out);
}

void
help_print(const struct command *command, const char *group, FILE *out)
{
	if (command == NULL) {
		print_commands(group, out);
	} else {
		print_usage(command, out);
		print_flags(command->flags, out);
	}
	if (command == NULL && *group == '\0')
		options_list(setting_tables, out);
	else
		fputs("\nThe flags of 'parleyctl --help' hold here, too.\n",
		      out);
	fputs("\nExit status: 0 done, 1 failed, 2 wrong usage.\n", out);
}

static const char *
or_empty(const char *text)
{
	return text != NULL ? text : "";
}

void
help_rows(FILE *out)
{
	options_rows(setting_tables, "parleyctl", NULL, SUMMARY, out);
	for (const struct command *c = commands; c->name != NULL; c++) {
		fprintf(out, "command\t%s\t%s\t%s\n", c->name,
			or_empty(c->words), c->summary);
		for (const struct flag_row *row = c->flags;
		     row != NULL && row->name != NULL; row++)
			fprintf(out, "flag\t%s\t%s\t\t\t\t%s\n", row->name,
				or_empty(row->value), row->help);
	}
}
