/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/completion_tools.c - see completion.h.
 *
 * Nothing is known of the tools here: a shell asks the one that is typed for
 * its rows (--help=rows, see proto/options.h) and makes choices of them.
 */
#include "tools/parleyctl/completion.h"

#include <stdio.h>

const char completion_tools[] =
    "parley parley-bench parley-frames parley-keys parley-metrics parley-ping "
    "parley-tap";

/* From rows to choices, a line each: the word, a tab, what it does. `line` is
 * what stands before the word in hand, between blanks. Where words are names of
 * a kind, those behind the name in parentheses are offered. */
static const char choose[] =
    "awk -F '\\t' -v line=\"%s\" '\n"
    "\t$1 == \"program\" && $3 ~ /^(NAME|KIND)/ {\n"
    "\t\tn = split($3, words, /[ ,()]+/)\n"
    "\t\tfor (i = 2; i <= n; i++)\n"
    "\t\t\tif (words[i] ~ /[a-z]/)\n"
    "\t\t\t\tprint words[i]\n"
    "\t}\n"
    "\t$1 == \"command\" {\n"
    "\t\tis_one = 1\n"
    "\t\tis_here = index(line, \" \" $2 \" \")\n"
    "\t\tif (is_here)\n"
    "\t\t\tis_given = 1\n"
    "\t\tnames = names $2 \"\\t\" $4 \"\\n\"\n"
    "\t}\n"
    "\t$1 == \"flag\" && (!is_one || is_here) { print \"--\" $2 \"\\t\" $7 }\n"
    "\tEND {\n"
    "\t\tif (!is_given)\n"
    "\t\t\tprintf \"%%s\", names\n"
    "\t\tprint \"--help\"\n"
    "\t\tprint \"--version\"\n"
    "\t}'";

void
completion_tools_bash(void)
{
	printf("# the other tools: each is asked for its options\n"
	       "_parley_tool()\n{\n"
	       "\tmapfile -t COMPREPLY < <(compgen -W \"$(\"$1\" --help=rows "
	       "2>/dev/null | ");
	printf(choose, " ${COMP_WORDS[*]:1:COMP_CWORD-1} ");
	printf(" | cut -f 1)\" -- \"$2\")\n"
	       "}\ncomplete -o default -F _parley_tool %s\n",
	       completion_tools);
}

void
completion_tools_zsh(void)
{
	printf("# the other tools: each is asked for its options\n"
	       "_parley_tool()\n{\n"
	       "\tlocal -a choices=(${(f)\"$(${words[1]} --help=rows "
	       "2>/dev/null | ");
	printf(choose, " ${words[2,CURRENT-1]} ");
	printf(" | cut -f 1)\"})\n"
	       "\tcompadd -a choices\n"
	       "\t[[ ${words[CURRENT]} == -* ]] || _files\n}\n");
}

void
completion_tools_fish(void)
{
	printf("# the other tools: each is asked for its options\n"
	       "function __parley_tool\n"
	       "\tset -l tokens (commandline -opc)\n"
	       "\t$tokens[1] --help=rows 2>/dev/null | ");
	printf(choose, " $tokens[2..-1] ");
	printf("\nend\n"
	       "for tool in %s\n"
	       "\tcomplete -c $tool -a '(__parley_tool)'\n"
	       "end\n",
	       completion_tools);
}
