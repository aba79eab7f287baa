/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/completion.h - completion of our other tools, for the same
 * three shells.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_COMPLETION_H
#define PARLEY_TOOLS_PARLEYCTL_COMPLETION_H

/* The names of the tools, with blanks between them. */
extern const char completion_tools[];

/* Each prints the function _parley_tool, and says to the shell whom it
 * completes; zsh is told by who includes it. */
void completion_tools_bash(void);
void completion_tools_zsh(void);
void completion_tools_fish(void);

#endif
