/* SPDX-License-Identifier: MIT */
/* auth/accounts.c - what administration sees of users, and who may not come in.
 *
 * A disabled user's log-ins end for good; tokens that tools made rest until the
 * user is enabled again.
 */
#include "auth/auth.h"

#include "proto/log.h"

/* A page of these stays below 256 KiB. */
#define PAGE_ACCOUNTS 400

void
log_deed(const char *event, const char *user, struct slice by,
	 const struct peer *from)
{
	log_info(event, KT("user", user), KS("by", by),
		 KT("tool", from == NULL ? "gone" : peer_name(from)));
}

void
answer_ended(struct peer *to, uint64_t id, uint64_t sessions)
{
	struct frame answer = { .kind = FRAME_ended,
				.ended.sessions = sessions };

	if (to != NULL)
		bus_answer(to, id, &answer);
}

/* --- Listing */

/* A row of ACCOUNT_COLUMNS (statements.def). */
static struct frame_account
read_account(struct arena *arena, sqlite3_stmt *rows)
{
	return (struct frame_account){
		.user_number = database_number(rows, 0),
		.user = database_uuid(rows, 1),
		.user_name = database_copy(rows, 2, arena),
		.email = database_copy(rows, 3, arena),
		.created_at = database_number(rows, 4),
		.disabled = database_number(rows, 5) != 0,
		.bot = database_number(rows, 6) != 0,
		.has_password = database_number(rows, 7) != 0,
		.sessions = database_number(rows, 8),
	};
}

/* Adds the rows and ends them; sets `next` if there are more than fit. */
static void
fill_page(struct auth *a, sqlite3_stmt *rows, struct frame_account *page,
	  struct frame_accounts *answer)
{
	while (database_row(a->db, rows)) {
		if (answer->accounts.n == PAGE_ACCOUNTS) {
			answer->next = page[PAGE_ACCOUNTS - 1].user_number;
			break;
		}
		page[answer->accounts.n++] =
		    read_account(bus_arena(a->bus), rows);
	}
	database_end(rows);
}

static sqlite3_stmt *
ask_accounts(struct auth *a, const struct frame_get_accounts *asked)
{
	uint64_t now_ms = loop_unix_ms(a->loop);
	char *key = arena_get(bus_arena(a->bus), NAME_KEY_BYTES);

	if (asked->user_name.n == 0)
		return database_ask(a->db, ASK_account_page, "iii",
				    asked->after, now_ms,
				    (uint64_t)PAGE_ACCOUNTS + 1);
	if (key == NULL || !name_key(asked->user_name, key))
		return NULL;
	return database_ask(a->db, ASK_account_by_name, "ti", slice_of(key),
			    now_ms);
}

void
on_get_accounts(void *self, struct peer *from, const struct frame *frame)
{
	struct auth *a = self;
	const struct frame_get_accounts *asked = &frame->get_accounts;
	struct frame answer = { .kind = FRAME_accounts };
	struct frame_account *page =
	    arena_array(bus_arena(a->bus), PAGE_ACCOUNTS, sizeof *page);

	if (page == NULL || !database_begin(a->db, false)) {
		refuse_unavailable(from, frame->id);
		return;
	}
	answer.accounts.accounts.items = page;
	fill_page(a, ask_accounts(a, asked), page, &answer.accounts);
	if (!database_commit(a->db))
		refuse_unavailable(from, frame->id);
	else if (asked->user_name.n > 0 && answer.accounts.accounts.n == 0)
		refuse(from, frame->id, ERROR_user_not_found, "user_name",
		       "no such user", 0);
	else
		bus_answer(from, frame->id, &answer);
}

/* --- Who may not come in */

static uint64_t
change(struct auth *a, const struct user *user, bool disabled)
{
	database_run(a->db, ASK_user_disable, "ii", user->number,
		     (uint64_t)disabled);
	if (!disabled)
		return 0;
	return sessions_end_all(a->db, user->number, SESSION_LOGIN,
				loop_unix_ms(a->loop));
}

void
on_set_disabled(void *self, struct peer *from, const struct frame *frame)
{
	struct auth *a = self;
	const struct frame_set_disabled *asked = &frame->set_disabled;
	struct user user;
	uint64_t ended = 0;
	bool known;

	if (!database_begin(a->db, true)) {
		refuse_unavailable(from, frame->id);
		return;
	}
	known = users_find_name(a->db, asked->user_name, &user);
	if (known)
		ended = change(a, &user, asked->disabled);
	if (!database_commit(a->db)) {
		refuse_unavailable(from, frame->id);
	} else if (!known) {
		refuse(from, frame->id, ERROR_user_not_found, "user_name",
		       "no such user", 0);
	} else {
		log_deed(asked->disabled ? "user_disabled" : "user_enabled",
			 user.name, asked->by, from);
		if (asked->disabled)
			tell_revoked(a, (frame_UUIDS){ 0 },
				     (frame_UUIDS){ &user.id, 1 });
		answer_ended(from, frame->id, ended);
	}
}
