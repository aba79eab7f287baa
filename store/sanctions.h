/* SPDX-License-Identifier: MIT */
/* store/sanctions.h - what keeps somebody from a room, or from speaking there:
 * bans, mutes, slow mode, an archived room.
 *
 * A ban or mute whose end has come counts no longer; its row goes with the next
 * one of the room. Rooms without any of these ask nothing here.
 */
#ifndef PARLEY_STORE_SANCTIONS_H
#define PARLEY_STORE_SANCTIONS_H

#include "store/roles.h"

enum sanction { SANCTION_BAN = 1, SANCTION_MUTE };

/* Whether the user is under it now; *until_ms (which may be NULL) is its end,
 * 0: none. */
bool sanctions_find(struct store *store, const struct room *room,
		    int64_t user_no, enum sanction kind, int64_t *until_ms);

/* Writes into *info whether the user is banned, until when and why; the reason
 * lasts as long as the store's arena. */
void sanctions_note_ban(struct store *store, const struct room *room,
			int64_t user_no, struct frame_room_info *info);

/* Begins or changes one; takes the place of the one before. False: trouble.
 * Writes. */
bool sanctions_add(struct store *store, struct room *room, int64_t user_no,
		   enum sanction kind, const struct frame_moderate *wish,
		   int64_t actor_no);

/* Ends one. False: trouble. Writes. */
bool sanctions_drop(struct store *store, struct room *room, int64_t user_no,
		    enum sanction kind);

/* Whether the user may not come; then refused. */
bool sanctions_refuse_banned(struct store *store, const struct room *room,
			     int64_t user_no, struct frame *answer);

/* Whether the user may not speak now; then refused. Otherwise a slow room notes
 * that they did. Writes. */
bool sanctions_refuse_post(struct store *store, const struct room *room,
			   int64_t user_no, enum role role,
			   struct frame *answer);

/* Whether somebody may not change what was said; then refused. */
bool sanctions_refuse_change(struct store *store, const struct room *room,
			     const struct standing *who, struct frame *answer);

/* The act get_bans. */
void sanctions_get_bans(struct store *store, const struct frame *request,
			struct frame *answer);

#endif
