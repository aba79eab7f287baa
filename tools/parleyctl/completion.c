/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/completion.c - what shells need to know to complete a
 * command line: the table of commands, said in their words.
 */
#include "tools/parleyctl/ctl.h"

#include <string.h>

/* --- What they share */

/* The words of --NAME for each flag of a command, and for the settings. */
static void
print_flags(const struct command *c)
{
	for (const struct flag_row *f = c->flags; f != NULL && f->name != NULL;
	     f++)
		printf(" --%s", f->name);
}

static void
print_settings(void)
{
	for (const struct option_row *const *t = setting_tables; *t != NULL;
	     t++)
		for (const struct option_row *row = *t; row->name != NULL;
		     row++)
			if (!row->secret)
				printf(" --%s", row->name);
	printf(" --help --version");
}

/* Whether another command of this one's group stands before it. */
static bool
is_told(const struct command *c)
{
	size_t n = strcspn(c->name, " ");

	for (const struct command *d = commands; d < c; d++)
		if (strcspn(d->name, " ") == n &&
		    strncmp(d->name, c->name, n) == 0)
			return true;
	return false;
}

/* The first words, each once. */
static void
print_groups(void)
{
	for (const struct command *c = commands; c->name != NULL; c++)
		if (!is_told(c))
			printf(" %.*s", (int)strcspn(c->name, " "), c->name);
}

/* Those that the word behind belongs to, as a pattern of `case`. */
static void
print_valued(void)
{
	const char *between = "";

	for (const struct command *c = commands; c->name != NULL; c++)
		for (const struct flag_row *f = c->flags;
		     f != NULL && f->name != NULL; f++)
			if (f->value != NULL) {
				printf("%s--%s", between, f->name);
				between = "|";
			}
	for (const struct option_row *const *t = setting_tables; *t != NULL;
	     t++)
		for (const struct option_row *row = *t; row->name != NULL;
		     row++) {
			printf("%s--%s", between, row->name);
			between = "|";
		}
}

/* The loop that finds the first two words of $given. */
static void
print_loop(const char *given)
{
	printf("\tfor word in %s; do\n"
	       "\t\tif [[ -n $skip ]]; then skip=''; continue; fi\n"
	       "\t\tcase $word in\n\t\t",
	       given);
	print_valued();
	printf(") skip=yes ;;\n\t\t-*) ;;\n"
	       "\t\t*) if [[ -z $first ]]; then first=$word\n"
	       "\t\t\telif [[ -z $second ]]; then second=$word; fi ;;\n"
	       "\t\tesac\n\tdone\n"
	       "\tcase \"$first $second\" in\n\t' ') choices='");
	print_groups();
	printf("' ;;\n");
}

/* The second words behind a first one. */
static void
print_members(const char *group, size_t n)
{
	for (const struct command *c = commands; c->name != NULL; c++)
		if (strncmp(c->name, group, n) == 0 && c->name[n] == ' ')
			printf(" %s", c->name + n + 1);
}

/* The words that a command takes where it names them: "a|b|c". */
static void
print_choices(const struct command *c)
{
	const char *at = c->words;

	if (at == NULL || strchr(at, '|') == NULL)
		return;
	putchar(' ');
	for (; *at != '\0'; at++)
		putchar(*at == '|' ? ' ' : *at);
}

static bool
takes_file(const struct command *c)
{
	return c->words != NULL && strcmp(c->words, "FILE") == 0;
}

/* Cases of a shell's `case`: what may come behind each command, and behind the
 * first word of one. */
static void
print_cases(void)
{
	for (const struct command *c = commands; c->name != NULL; c++) {
		size_t n = strcspn(c->name, " ");

		if (c->name[n] == ' ' && !is_told(c)) {
			printf("\t'%.*s ') choices='", (int)n, c->name);
			print_members(c->name, n);
			printf("' ;;\n");
		}
		printf("\t'%s%s) choices='", c->name,
		       c->name[n] == ' ' ? "'" : " '*");
		print_choices(c);
		print_flags(c);
		printf("'%s ;;\n", takes_file(c) ? " files=yes" : "");
	}
}

/* --- Shells */

static void
print_bash(void)
{
	printf("# parleyctl completion for bash: source it\n"
	       "_parleyctl()\n{\n"
	       "\tlocal word skip='' first='' second='' choices='' files=''\n"
	       "\tlocal current=${COMP_WORDS[COMP_CWORD]}\n");
	print_loop("\"${COMP_WORDS[@]:1:COMP_CWORD-1}\"");
	print_cases();
	printf("\tesac\n\tif [[ $current == -* ]]; then choices+='");
	print_settings();
	printf("'; fi\n"
	       "\tmapfile -t COMPREPLY < <(compgen -W \"$choices\" -- "
	       "\"$current\")\n"
	       "\t[ -z \"$files\" ] || mapfile -t -O \"${#COMPREPLY[@]}\" "
	       "COMPREPLY < <(compgen -f -- \"$current\")\n"
	       "}\ncomplete -o filenames -F _parleyctl parleyctl\n");
}

static void
print_zsh(void)
{
	printf("#compdef parleyctl\n"
	       "# parleyctl completion for zsh: a file _parleyctl in fpath\n"
	       "_parleyctl()\n{\n"
	       "\tlocal word skip='' first='' second='' files='' choices=''\n"
	       "\tlocal -a given=(\"${(@)argv}\")\n");
	print_loop("\"${(@)given[2,CURRENT-1]}\"");
	print_cases();
	printf("\tesac\n\t[[ ${given[CURRENT]} != -* ]] || choices+='");
	print_settings();
	printf("'\n\tcompadd -- ${=choices}\n"
	       "\t[[ -z $files ]] || _files\n}\n"
	       "_parleyctl_words()\n{\n\t_parleyctl \"${(@)words}\"\n}\n"
	       "if [[ ${funcstack[1]} == _parleyctl ]]; then\n"
	       "\t_parleyctl_words\nelse\n"
	       "\tcompdef _parleyctl_words parleyctl\nfi\n");
}

/* Texts stand in double quotes, and have nothing that fish would act on. */
static void
print_fish_flags(const struct command *c)
{
	size_t n = strcspn(c->name, " ");

	for (const struct flag_row *f = c->flags; f != NULL && f->name != NULL;
	     f++) {
		printf("complete -c parleyctl -n '__fish_seen_subcommand_from "
		       "%.*s",
		       (int)n, c->name);
		if (c->name[n] == ' ')
			printf("; and __fish_seen_subcommand_from %s",
			       c->name + n + 1);
		printf("' -l %s%s -d \"%s\"\n", f->name,
		       f->value == NULL ? "" : " -x", f->help);
	}
}

static void
print_fish_command(const struct command *c)
{
	size_t n = strcspn(c->name, " ");

	if (!is_told(c))
		printf("complete -c parleyctl -f -n __fish_use_subcommand -a "
		       "%.*s%s%s%s\n",
		       (int)n, c->name, c->name[n] == '\0' ? " -d \"" : "",
		       c->name[n] == '\0' ? c->summary : "",
		       c->name[n] == '\0' ? "\"" : "");
	if (c->name[n] == ' ')
		printf("complete -c parleyctl -f -n "
		       "'__fish_seen_subcommand_from %.*s' -a %s -d \"%s\"\n",
		       (int)n, c->name, c->name + n + 1, c->summary);
	if (c->words != NULL && strchr(c->words, '|') != NULL) {
		printf("complete -c parleyctl -f -n "
		       "'__fish_seen_subcommand_from %.*s' -a '",
		       (int)n, c->name);
		print_choices(c);
		printf("'\n");
	}
	print_fish_flags(c);
}

static void
print_fish(void)
{
	printf("# parleyctl completion for fish: source it\n");
	for (const struct command *c = commands; c->name != NULL; c++)
		print_fish_command(c);
	for (const struct option_row *const *t = setting_tables; *t != NULL;
	     t++)
		for (const struct option_row *row = *t; row->name != NULL;
		     row++)
			if (!row->secret)
				printf("complete -c parleyctl -l %s -r -d "
				       "\"%s\"\n",
				       row->name, row->help);
	printf("complete -c parleyctl -l help\n"
	       "complete -c parleyctl -l version\n");
}

int
completion_print(struct call *call)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} shells[] = { { "bash", print_bash },
		       { "zsh", print_zsh },
		       { "fish", print_fish } };

	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
		if (strcmp(call->words[0], shells[i].name) == 0) {
			shells[i].print();
			return 0;
		}
	return wrong_usage(call, "no shell '%s'", call->words[0]);
}
