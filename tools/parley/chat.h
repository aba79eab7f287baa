/* SPDX-License-Identifier: MIT */
/* tools/parley/chat.h - what the parts of `parley chat` share: the rooms and
 * who is in them, what is written, and what the screen shows of it.
 */
#ifndef PARLEY_TOOLS_PARLEY_CHAT_H
#define PARLEY_TOOLS_PARLEY_CHAT_H

#include "tools/parley/editor.h"
#include "tools/parley/outgoing.h"
#include "tools/parley/pane.h"
#include "tools/parley/people.h"
#include "tools/parley/talk.h"

#define TYPING_MAX   8 /* people shown */
#define STATE_BYTES  64
#define NOTICE_BYTES 2048 /* a reason of 1,024 bytes, and two names */

struct chat_room {
	char id[UUID_TEXT_BYTES];
	char *title; /* safe to show; @NAME for a direct room; NULL: unknown */
	char *name;  /* as the server has it, or NULL */
	char *about;
	size_t rank; /* in the server's list */
	bool is_member;
	bool is_listed;  /* the last answer named it */
	bool is_loaded;  /* its pane has the newest messages */
	bool is_stale;   /* changes may have been missed */
	bool is_reading; /* a page of its history is asked for */
	unsigned long unread;
	char *removal; /* why we are in it no more, safe to show; or NULL */
	struct pane pane;
	char (*online)[UUID_TEXT_BYTES];
	size_t online_count;
	char typing[TYPING_MAX][UUID_TEXT_BYTES];
	size_t typing_count;
};

struct chat {
	struct talk talk;
	struct outgoing out;
	struct editor editor;
	struct people people;
	struct chat_room **rooms;
	size_t room_count;
	bool is_listed;         /* the server has told of all rooms */
	struct chat_room *here; /* the one in sight; NULL before it is known */
	char wanted[UUID_TEXT_BYTES];   /* go there when the list has it */
	char entering[UUID_TEXT_BYTES]; /* the room that /join asked for */
	char state[STATE_BYTES];        /* of the connection */
	char notice[NOTICE_BYTES];
	struct loop_timer notice_timer, typing_timer, seen_timer, count_timer;
	struct loop_watch input, signals;
	bool is_typing; /* and the others know */
	uint64_t told_typing_ms;
	uint64_t counted_ms; /* when the server told what is unread */
	uint64_t seen;       /* the place in `here` that is marked as seen */
	bool is_dirty;       /* the screen shows something else */
	bool is_pasting;
	int died_of;                    /* a signal that ends us, or 0 */
	size_t pane_width, pane_height; /* as drawn last */
};

/* --- chat_rooms.c */

/* NULL if there is none; chat_add(): if there is no memory. */
struct chat_room *chat_find(const struct chat *chat, const char *id);
struct chat_room *chat_add(struct chat *chat, const char *id);
struct chat_room *chat_find_named(const struct chat *chat, const char *name);

/* Asks for all rooms and what is unread in them. */
void chat_list_rooms(struct chat *chat);

/* Asks what is unread alone. */
void chat_count_unread(struct chat *chat);

/* Puts a room in sight, and reads what it needs. */
void chat_show(struct chat *chat, struct chat_room *room);

/* The next room with something unread, or the next one in that direction. */
void chat_show_unread(struct chat *chat);
void chat_show_next(struct chat *chat, int step);

/* Reads the page before what the pane has. */
void chat_read_older(struct chat *chat, struct chat_room *room);

/* Reads the newest page: what has changed is seen. */
void chat_read_newest(struct chat *chat, struct chat_room *room);

/* Marks what is in sight as seen, soon; chat_mark_now() (chat.c): at once. */
void chat_mark_seen(struct chat *chat);
void chat_mark_now(struct chat *chat);

void chat_free_rooms(struct chat *chat);

/* --- chat_member.c */

/* A MemberUpdated or UserLeft in a room: what it means if it is about us. */
void chat_hear_update(struct chat *chat, struct chat_room *room,
		      const json_t *frame);
void chat_hear_left(struct chat *chat, struct chat_room *room,
		    const json_t *frame);

/* The server says that we are in the room no more. */
void chat_lose(struct chat *chat, struct chat_room *room);

/* Says that, and the way back. */
void chat_note_outside(struct chat *chat, const struct chat_room *room);

/* /join: in sight, or made a member first. */
void chat_enter(struct chat *chat, struct chat_room *room);

/* Goes where the answer to JoinRoom or OpenDirect says. */
void chat_on_entered(void *self, const json_t *answer);

/* --- chat_frames.c */

void chat_hear(void *self, const json_t *frame);

/* --- chat_words.c */

/* What was written and ended with Enter: a message or a command. */
void chat_say(struct chat *chat, const char *line);

/* Tells the others that something is being written, or not any more. */
void chat_tell_typing(struct chat *chat);
void chat_stop_typing(struct chat *chat);

/* Tab: completes a name or a command. */
void chat_complete(struct chat *chat);

/* --- chat_keys.c */

/* Acts on all keys that have come. */
void chat_read_keys(struct chat *chat);

/* --- chat.c */

/* A word for the person at the screen, for some seconds. */
void chat_note(struct chat *chat, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same until there is another one, or until chat_hush(). */
void chat_note_lasting(struct chat *chat, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What was noted is not so any more. */
void chat_hush(struct chat *chat);

/* The same with an Error of the server. */
void chat_note_error(struct chat *chat, const json_t *error);

void chat_quit(struct chat *chat);
void chat_suspend(struct chat *chat);

/* --- chat_status.c */

/* How many rows the line of notices takes: a long one is not cut. */
int status_rows(const struct chat *chat);

/* Draws it from row `y` on. */
void status_draw(struct chat *chat, int y);

/* --- chat_screen.c */

/* Writes as much of `text` as fits into `columns`; the columns that it took. */
int screen_put(int y, int x, struct slice text, int columns);

/* Takes the terminal. 0, or STATUS_USAGE or STATUS_FAILED after a word. */
int screen_open(void);

/* Gives it back as it was. Calling it again is fine. */
void screen_close(void);

/* After the terminal got another size, or was somebody else's. */
void screen_renew(struct chat *chat);

void screen_draw(struct chat *chat);

#endif
