/* SPDX-License-Identifier: MIT */
/* tools/parley/talk.h - what the commands that talk in a room share: the
 * account, the connection, the room that was named, and questions with answers.
 */
#ifndef PARLEY_TOOLS_PARLEY_TALK_H
#define PARLEY_TOOLS_PARLEY_TALK_H

#include "proto/buffer.h"
#include "proto/uuid.h"
#include "tools/client/channel.h"
#include "tools/parley/account.h"

#include <jansson.h>

/* Hears an answer with the request's id, or an Error; not called if the
 * connection is lost first, or if the talk ends. */
typedef void talk_answer_fn(void *self, const json_t *answer);

/* How a command takes part. What is NULL is passed over. */
struct talk_part {
	/* Connected, and the room is known: at each connection. */
	void (*on_ready)(void *self);
	void (*on_frame)(void *self, const json_t *frame);
	/* The connection was lost; it comes back. */
	void (*on_down)(void *self, const struct channel_end *end);
	bool wants_join;   /* become a member if need be */
	bool wants_member; /* it makes no sense for others */
	bool is_patient;   /* wait for the server, however long */
	bool is_silent;    /* no words on stderr about the connection */
};

struct talk_ask;

struct talk {
	struct loop *loop;
	struct account account;
	struct channel *channel;
	struct talk_part part;
	void *self;
	const char *wanted; /* the room as it was named */
	char room[UUID_TEXT_BYTES];
	bool has_room;
	bool is_ready;
	bool was_ready; /* at any time */
	bool is_ending;
	int status; /* how the command ends */
	uint64_t next_id;
	struct talk_ask *asks;
	struct loop_timer again;
	uint64_t lost_ms; /* since when there is no connection; 0: there is */
	struct buffer removal; /* what was done to us, if anything was */
	json_t *refusal;       /* that waits for the words of `removal` */
	struct loop_timer refusing;
	bool is_checking; /* whether we are in the room still */
};

/* Logs in as who is known and prepares; `wanted` is a room's name, its UUID or
 * @USER, or NULL if the command needs none. 0, or an exit status after a word
 * on stderr; talk_fini() is needed in both cases. */
int talk_init(struct talk *talk, const struct options *options,
	      const char *wanted, const struct talk_part *part, void *self);

/* Connects and goes on until talk_stop(). Returns the exit status. */
int talk_run(struct talk *talk);

/* Ends talk_run() with this status, once what was sent is written. */
void talk_stop(struct talk *talk, int status);

void talk_fini(struct talk *talk);

/* Asks under an id of its own; `answer` hears of it. Takes `request`. */
void talk_ask(struct talk *talk, json_t *request, talk_answer_fn *on_answer,
	      void *self);

/* Asks for one message of the room, which tells whether we may read it. */
void talk_ask_history(struct talk *talk, talk_answer_fn *on_answer, void *self);

/* Whether an answer is no Error. One that passes by itself begins the talk
 * again soon; others end it as talk_refused() does. */
bool talk_is_good(struct talk *talk, const json_t *answer);

/* Whether it is an Error; those of the kind that passes by itself. */
bool talk_is_error(const json_t *answer);
bool talk_is_for_now(const json_t *answer);

/* Tells the Error on stderr and stops with STATUS_REFUSED; if a removal from
 * the room is behind it, that is told, for which it may wait a second. */
void talk_refused(struct talk *talk, const json_t *answer);

/* If the frame tells that we are in the talk's room no more, and the server
 * agrees when asked: as talk_refused(). */
void talk_hear_removal(struct talk *talk, const json_t *frame);

/* What was said of a removal before this connection counts no more. */
void talk_forget_removal(struct talk *talk);

/* Somebody else's words on stderr, behind the room's name as it was typed. */
void talk_complain(const struct talk *talk, const char *words);

/* Begins again in a second: `on_ready` is called anew. */
void talk_again_soon(struct talk *talk);

/* What a frame is, and a text of it; "" if there is none. */
bool talk_is(const json_t *frame, const char *type);
const char *talk_text(const json_t *object, const char *key);

/* Whether the frame is about the talk's room. */
bool talk_is_here(const struct talk *talk, const json_t *room_owner);

#endif
