/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/top.h - what the parts of `parleyctl top` share.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_TOP_H
#define PARLEY_TOOLS_PARLEYCTL_TOP_H

#include "proto/loop.h"
#include "tools/parleyctl/ctl.h"
#include "tools/parleyctl/surveyor.h"
#include "tools/parleyctl/view.h"

struct top {
	struct call *call;
	struct surveyor *surveyor;
	struct loop *loop;
	struct loop_timer timer; /* to the next look */
	struct survey before, now;
	struct history history;
	struct view view;
	uint64_t begun_us;    /* when the look under way began */
	double interval;      /* seconds */
	unsigned long looks;  /* to print; 0: without end */
	unsigned long looked; /* how many there were */
	size_t sort;
	int status;
	int died_of; /* a signal that ends us, or 0 */
	bool is_screen;
	bool is_paused;
	bool is_help;
	struct loop_watch input, signals;
};

/* Looks again at once, unless that is under way. */
void top_look(struct top *top);

/* Ends it. */
void top_quit(struct top *top);

/* --- top_screen.c */

/* Takes the terminal, and hears keys and signals. 0, or an exit status after a
 * line on stderr. */
int top_screen_open(struct top *top);
void top_screen_close(struct top *top);
void top_screen_draw(struct top *top);

#endif
