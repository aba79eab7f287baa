/* SPDX-License-Identifier: MIT */
/* auth/auth.h - what the files of auth share: its state, its figures, and how
 * it refuses.
 */
#ifndef PARLEY_AUTH_AUTH_H
#define PARLEY_AUTH_AUTH_H

#include "auth/group.h"
#include "auth/hashing.h"
#include "auth/room_keys.h"
#include "auth/sealed_rooms.h"
#include "auth/tokens.h"
#include "proto/daemon.h"
#include "proto/quiet.h"

struct auth_figures {
#include "proto/metrics_fields.h"

#include "auth/metrics.def"
};

struct auth {
	struct loop *loop;
	struct bus *bus;
	const char *jwt_secret; /* the option; NULL once it is read */
	struct secrets *secrets;
	struct database *db;
	struct room_keys *room_keys;
	struct hashing *hashing;
	struct group group;
	struct unseal *unseals; /* under way */
	struct loop_timer sweep;
	struct quiet quiet;
	struct auth_figures count;
};

/* credentials.c: what tokens are worth, and their end. */
void on_verify(void *self, struct peer *from, const struct frame *frame);
void on_refresh(void *self, struct peer *from, const struct frame *frame);
void on_logout(void *self, struct peer *from, const struct frame *frame);
void on_check_sessions(void *self, struct peer *from,
		       const struct frame *frame);

/* Tells every gateway that these sessions are over, and all of these users. */
void tell_revoked(struct auth *auth, frame_UUIDS sessions, frame_UUIDS users);

/* accounts.c: what administration sees and changes of users. */
void on_get_accounts(void *self, struct peer *from, const struct frame *frame);
void on_set_disabled(void *self, struct peer *from, const struct frame *frame);

/* Says in the log who did it, by which tool. `from` may be NULL: gone. */
void log_deed(const char *event, const char *user, struct slice by,
	      const struct peer *from);

/* Answers `ended`; to NULL, nothing. */
void answer_ended(struct peer *to, uint64_t id, uint64_t sessions);

/* set_password.c: gives a user another password. */
void on_set_password(void *self, struct peer *from, const struct frame *frame);

/* open_sessions.c: lists sessions and ends them, for administration. */
void on_get_sessions(void *self, struct peer *from, const struct frame *frame);
void on_end_sessions(void *self, struct peer *from, const struct frame *frame);

/* mint.c: makes tokens without a log-in. */
void on_mint(void *self, struct peer *from, const struct frame *frame);

/* find_users.c: who somebody is. */
void on_find_users(void *self, struct peer *from, const struct frame *frame);

/* login.c: opens a session for who knows the password. */
void on_login(void *self, struct peer *from, const struct frame *frame);

/* sign_up.c: makes an account. */
void on_sign_up(void *self, struct peer *from, const struct frame *frame);

/* seal.c: gives a sealed room its keys, and tells them to who may know. `to`
 * may be NULL: gone. */
void on_seal(void *self, struct peer *from, const struct frame *frame);
void answer_unsealed(struct auth *auth, struct peer *to, uint64_t id,
		     const struct sealed_room *room);

/* unseal.c: lets in who knows a room's join key and password. */
void on_unseal(void *self, struct peer *from, const struct frame *frame);

/* refusals.c: answers a request that had no effect. `to` may be NULL: gone.
 * `field`, as REST calls it, may be NULL; retry_after_s may be 0. */
void refuse(struct peer *to, uint64_t id, enum error_code code,
	    const char *field, const char *text, uint64_t retry_after_s);

/* The database failed, or there is no memory: the same may be asked again. */
void refuse_unavailable(struct peer *to, uint64_t id);

/* Too many tries failed: another one is admitted in `wait_s`. */
void refuse_throttled(struct auth *auth, struct peer *to, uint64_t id,
		      uint64_t wait_s);

/* Too many passwords wait to be hashed. */
void refuse_busy(struct auth *auth, struct peer *to, uint64_t id);

#endif
