/* SPDX-License-Identifier: MIT */
/* auth/open_sessions.c - administration looks at sessions, and ends them. */
#include "auth/auth.h"

/* A page of these stays below 256 KiB. */
#define PAGE_SESSIONS 300

/* --- Listing */

/* A row of SESSION_COLUMNS (statements.def). */
static struct frame_session_info
read_session(struct arena *arena, sqlite3_stmt *rows)
{
	return (struct frame_session_info){
		.session = database_uuid(rows, 0),
		.user_name = database_copy(rows, 1, arena),
		.kind = database_number(rows, 2),
		.label = database_copy(rows, 3, arena),
		.created_at = database_number(rows, 4),
		.expires_at = database_number(rows, 5),
	};
}

/* Adds the rows and ends them; sets `next` if there are more than fit. */
static void
fill_page(struct auth *a, sqlite3_stmt *rows, uint64_t after,
	  struct frame_session_info *page, struct frame_sessions *answer)
{
	while (database_row(a->db, rows)) {
		if (answer->sessions.n == PAGE_SESSIONS) {
			answer->next = after + PAGE_SESSIONS;
			break;
		}
		page[answer->sessions.n++] =
		    read_session(bus_arena(a->bus), rows);
	}
	database_end(rows);
}

/* Of user number 0: the tokens of all. */
static void
list_sessions(struct auth *a, uint64_t user, uint64_t after,
	      struct frame_session_info *page, struct frame_sessions *answer)
{
	sqlite3_stmt *rows = database_ask(
	    a->db, user == 0 ? ASK_token_page : ASK_session_page, "iiii", user,
	    loop_unix_ms(a->loop), (uint64_t)PAGE_SESSIONS + 1, after);

	fill_page(a, rows, after, page, answer);
}

void
on_get_sessions(void *self, struct peer *from, const struct frame *frame)
{
	struct auth *a = self;
	const struct frame_get_sessions *asked = &frame->get_sessions;
	struct frame answer = { .kind = FRAME_sessions };
	struct user user = { .number = 0 };
	struct frame_session_info *page =
	    arena_array(bus_arena(a->bus), PAGE_SESSIONS, sizeof *page);
	bool known;

	if (page == NULL || !database_begin(a->db, false)) {
		refuse_unavailable(from, frame->id);
		return;
	}
	answer.sessions.sessions.items = page;
	known = asked->user_name.n == 0 ||
		users_find_name(a->db, asked->user_name, &user);
	if (known)
		list_sessions(a, user.number, asked->after, page,
			      &answer.sessions);
	if (!database_commit(a->db))
		refuse_unavailable(from, frame->id);
	else if (!known)
		refuse(from, frame->id, ERROR_user_not_found, "user_name",
		       "no such user", 0);
	else
		bus_answer(from, frame->id, &answer);
}

/* --- Ending */

/* What an order to end sessions comes to. */
struct ending {
	struct user user;
	uint64_t ended;
	bool is_known; /* the user, and the session if one was named */
};

static void
end_one(struct auth *a, const struct frame_end_sessions *asked,
	struct ending *ending)
{
	struct session session;

	if (!sessions_find_id(a->db, &asked->session, loop_unix_ms(a->loop),
			      &session) ||
	    (asked->user_name.n > 0 && session.user != ending->user.number) ||
	    !users_find_number(a->db, session.user, &ending->user))
		return;
	sessions_end(a->db, &session.id);
	ending->ended = 1;
	ending->is_known = true;
}

static void
end_asked(struct auth *a, const struct frame_end_sessions *asked,
	  struct ending *ending)
{
	bool has_user = asked->user_name.n > 0 &&
			users_find_name(a->db, asked->user_name, &ending->user);

	if (asked->user_name.n > 0 && !has_user)
		return;
	if (!uuid_is_nil(&asked->session)) {
		end_one(a, asked, ending);
	} else if (has_user) {
		ending->ended =
		    sessions_end_all(a->db, ending->user.number, SESSION_BOT,
				     loop_unix_ms(a->loop));
		ending->is_known = true;
	}
}

static void
tell_ended(struct auth *a, const struct frame_end_sessions *asked,
	   const struct ending *ending)
{
	frame_UUIDS one = { &asked->session, 1 };
	frame_UUIDS all = { &ending->user.id, 1 };
	frame_UUIDS none = { 0 };

	if (uuid_is_nil(&asked->session))
		tell_revoked(a, none, all);
	else
		tell_revoked(a, one, none);
}

void
on_end_sessions(void *self, struct peer *from, const struct frame *frame)
{
	struct auth *a = self;
	const struct frame_end_sessions *asked = &frame->end_sessions;
	struct ending ending = { .is_known = false };

	if (!database_begin(a->db, true)) {
		refuse_unavailable(from, frame->id);
		return;
	}
	end_asked(a, asked, &ending);
	if (!database_commit(a->db)) {
		refuse_unavailable(from, frame->id);
	} else if (!ending.is_known) {
		refuse(from, frame->id, ERROR_user_not_found, NULL,
		       "no such user or session", 0);
	} else {
		log_deed("sessions_ended", ending.user.name, asked->by, from);
		tell_ended(a, asked, &ending);
		answer_ended(from, frame->id, ending.ended);
	}
}
