/* SPDX-License-Identifier: MIT */
/* store/members.h - who is a member of which room, and up to where each one has
 * seen it.
 *
 * A mark moves forward only, and never over a message of somebody else that the
 * user did not mark: what was not seen comes again at the next connect.
 */
#ifndef PARLEY_STORE_MEMBERS_H
#define PARLEY_STORE_MEMBERS_H

#include "store/rooms.h"

/* In the order of their ranks. */
enum role {
	ROLE_NONE,
	ROLE_MEMBER,
	ROLE_MODERATOR,
	ROLE_OWNER,
	ROLE_ADMINISTRATION, /* nobody's of the room */
};

struct membership {
	int64_t joined_seq; /* the newest message when it began */
	int64_t seen_seq;   /* the mark */
	int64_t change;     /* the join that began it; 0: came with the room */
	enum role role;
};

/* Whether the user is a member; fills *m then. False on trouble too. */
bool members_find(struct store *store, int64_t user_no, int64_t room_no,
		  struct membership *m);

/* As members_find() for a user by id, who may be unknown. */
bool members_has(struct store *store, const struct uuid *user, int64_t room_no);

/* Begins a membership. False: trouble. Writes. */
bool members_add(struct store *store, int64_t user_no, int64_t room_no,
		 int64_t joined_seq, int64_t change, enum role role);

/* Ends one. False: trouble. Writes. */
bool members_drop(struct store *store, int64_t user_no, struct room *room);

/* Makes the user of `join` a member, whoever wants it; answers with joined, or
 * refused where the room admits nobody. Writes. */
void members_admit(struct store *store, const struct frame_join *join,
		   struct room *room, struct frame *answer);

/* Moves a mark over the user's own message `seq`, if it stands right before it.
 * Writes. */
void members_saw_own(struct store *store, int64_t user_no,
		     const struct room *room, const struct membership *m,
		     int64_t seq);

/* Refuses somebody who is no member: only public rooms may be known to exist.
 */
void members_refuse(const struct room *room, struct frame *answer);

/* As members_refuse(), and who is banned from a public room is told that. */
void members_refuse_user(struct store *store, const struct room *room,
			 const struct uuid *user, struct frame *answer);

/* Acts. */
void members_join(struct store *store, const struct frame *request,
		  struct frame *answer);
void members_leave(struct store *store, const struct frame *request,
		   struct frame *answer);
void members_mark(struct store *store, const struct frame *request,
		  struct frame *answer);

#endif
