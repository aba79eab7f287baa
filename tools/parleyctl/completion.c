/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/completion.c - what shells need to know to complete a
 * command line: the table of commands, said in their words.
 */
#include "tools/parleyctl/completion.h"

#include "proto/frame_values.h"
#include "tools/parleyctl/ctl.h"
#include "tools/parleyctl/view.h"

#include <string.h>

#define KIND_BYTES 32

/* --- What a word may be */

static void
print_daemons(void)
{
	for (size_t i = 0; config_daemons[i] != NULL; i++)
		printf(" %s", config_daemons[i]);
}

static void
print_roles(void)
{
	for (size_t i = 1; i < ROLES; i++)
		printf(" %s", role_words[i]);
}

static void
print_events(void)
{
	for (size_t i = 0; i < HOOK_EVENTS; i++)
		printf(" %s", hook_events[i].word);
}

static void
print_columns(void)
{
	for (size_t i = 0; view_sort_name(i) != NULL; i++)
		printf(" %s", view_sort_name(i));
}

/* What the table of commands calls words of which all are known. */
static const struct kind {
	const char *name;
	void (*print)(void);
	bool is_list; /* several may stand there, with commas */
} kinds[] = {
	{ "DAEMON", print_daemons },
	{ "ROLE", print_roles },
	{ "LIST", print_events, true },
	{ "COLUMN", print_columns },
	{ 0 },
};

static const struct kind *
find_kind(const char *name)
{
	const struct kind *kind = kinds;

	while (kind->name != NULL && strcmp(kind->name, name) != 0)
		kind++;
	return kind->name == NULL ? NULL : kind;
}

/* Where the table names the words themselves: "bash|zsh|fish". */
static bool
is_choice(const char *name)
{
	return *name >= 'a' && strchr(name, '|') != NULL;
}

static bool
is_known(const char *name)
{
	return find_kind(name) != NULL || is_choice(name);
}

/* All words that `name`, which is known, may stand for, each behind a blank. */
static void
print_words(const char *name)
{
	const struct kind *kind = find_kind(name);

	if (kind != NULL) {
		kind->print();
		return;
	}
	putchar(' ');
	for (; *name != '\0'; name++)
		putchar(*name == '|' ? ' ' : *name);
}

/* The next of the words that a command takes, without brackets, from *at on,
 * which goes behind it. False: there is none. */
static bool
read_word(const char **at, char name[KIND_BYTES])
{
	size_t n = 0;

	*at += strspn(*at, " [");
	while (**at != '\0' && **at != ' ') {
		if (**at != ']' && n + 1 < KIND_BYTES)
			name[n++] = **at;
		++*at;
	}
	name[n] = '\0';
	return n > 0;
}

/* --- What shells share */

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

/* The settings, as what comes behind `between` in a pattern of `case`. */
static void
print_pattern(const char *between)
{
	for (const struct option_row *const *t = setting_tables; *t != NULL;
	     t++)
		for (const struct option_row *row = *t; row->name != NULL;
		     row++) {
			printf("%s--%s", between, row->name);
			between = "|";
		}
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
	print_pattern(between);
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
	       "\t\t*) n=$((n + 1))\n"
	       "\t\t\tif [[ -z $first ]]; then first=$word\n"
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

/* What may stand at each place behind a command, of which `words` are its name.
 */
static void
print_places(const struct command *c, int words)
{
	const char *at = c->words == NULL ? "" : c->words;
	char name[KIND_BYTES];

	for (int n = words; read_word(&at, name); n++) {
		const char *compare = strncmp(at, " ...", 4) == 0 ? "<" : "!=";

		if (strcmp(name, "FILE") == 0) {
			printf("; ((n != %d)) || files=yes", n);
		} else if (is_known(name)) {
			printf("; ((n %s %d)) || choices+='", compare, n);
			print_words(name);
			putchar('\'');
		}
	}
}

/* The value of a flag; the word in hand of a list begins behind a comma. */
static void
print_value(const struct flag_row *f)
{
	const struct kind *kind = find_kind(f->value);

	if (strcmp(f->value, "FOLDER") == 0)
		printf("\t--%s) files=yes ;;\n", f->name);
	if (kind == NULL)
		return;
	printf("\t--%s) choices='", f->name);
	kind->print();
	printf("'%s ;;\n",
	       kind->is_list
		   ? "; choices=${choices// / ${current%\"${current##*,}\"}}"
		   : "");
}

/* What may be the value of the flag that is the last word. Of settings, most
 * are paths. */
static void
print_values(void)
{
	printf("\tif [[ -n $skip ]]; then\n\tchoices='' files=''\n"
	       "\tcase $word in\n");
	for (const struct command *c = commands; c->name != NULL; c++)
		for (const struct flag_row *f = c->flags;
		     f != NULL && f->name != NULL; f++)
			if (f->value != NULL)
				print_value(f);
	print_pattern("\t");
	printf(") files=yes ;;\n\tesac\n\tfi\n");
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
		print_flags(c);
		putchar('\'');
		print_places(c, c->name[n] == ' ' ? 2 : 1);
		printf(" ;;\n");
	}
}

/* --- Shells */

static void
print_bash(void)
{
	printf("# parleyctl completion for bash: source it\n"
	       "_parleyctl()\n{\n"
	       "\tlocal word skip='' first='' second='' choices='' files='' "
	       "n=0\n"
	       "\tlocal current=${COMP_WORDS[COMP_CWORD]}\n");
	print_loop("\"${COMP_WORDS[@]:1:COMP_CWORD-1}\"");
	print_cases();
	printf("\tesac\n\tif [[ $current == -* ]]; then choices+='");
	print_settings();
	printf("'; fi\n");
	print_values();
	printf("\tmapfile -t COMPREPLY < <(compgen -W \"$choices\" -- "
	       "\"$current\")\n"
	       "\t[[ -n $files ]] || return 0\n"
	       "\tcompopt -o filenames\n"
	       "\tmapfile -t -O \"${#COMPREPLY[@]}\" "
	       "COMPREPLY < <(compgen -f -- \"$current\")\n"
	       "}\ncomplete -F _parleyctl parleyctl\n");
	completion_tools_bash();
}

static void
print_zsh(void)
{
	printf("#compdef parleyctl %s\n"
	       "# parleyctl completion for zsh: a file _parleyctl in fpath\n"
	       "_parleyctl()\n{\n"
	       "\tlocal word skip='' first='' second='' files='' choices='' "
	       "n=0\n"
	       "\tlocal -a given=(\"${(@)argv}\")\n"
	       "\tlocal current=${given[CURRENT]}\n",
	       completion_tools);
	print_loop("\"${(@)given[2,CURRENT-1]}\"");
	print_cases();
	printf("\tesac\n\t[[ $current != -* ]] || choices+='");
	print_settings();
	printf("'\n");
	print_values();
	printf("\tcompadd -- ${=choices}\n"
	       "\t[[ -z $files ]] || _files\n}\n"
	       "_parleyctl_words()\n{\n\t_parleyctl \"${(@)words}\"\n}\n");
	completion_tools_zsh();
	printf("if [[ ${funcstack[1]} != _parleyctl ]]; then\n"
	       "\tcompdef _parleyctl_words parleyctl\n"
	       "\tcompdef _parley_tool %s\n"
	       "elif [[ $service == parleyctl ]]; then\n"
	       "\t_parleyctl_words\nelse\n"
	       "\t_parley_tool\nfi\n",
	       completion_tools);
}

/* At the place behind so many words, or later: flags count as well. */
static void
print_fish_places(const struct command *c, int words)
{
	const char *at = c->words == NULL ? "" : c->words;
	size_t group = strcspn(c->name, " ");
	char name[KIND_BYTES];

	for (int n = words; read_word(&at, name); n++) {
		if (!is_known(name))
			continue;
		printf("complete -c parleyctl -f -n "
		       "'__fish_seen_subcommand_from %.*s",
		       (int)group, c->name);
		if (c->name[group] == ' ')
			printf("; and __fish_seen_subcommand_from %s",
			       c->name + group + 1);
		printf("; and test (count (commandline -opc)) -gt %d' -a '", n);
		print_words(name);
		printf("'\n");
	}
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
		printf("' -l %s%s -d \"%s\"", f->name,
		       f->value == NULL ? "" : " -x", f->help);
		if (f->value != NULL && is_known(f->value)) {
			printf(" -a '");
			print_words(f->value);
			putchar('\'');
		}
		putchar('\n');
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
	print_fish_places(c, c->name[n] == ' ' ? 2 : 1);
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
	completion_tools_fish();
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
