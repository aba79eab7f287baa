/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/sessions.c - see sessions.h. */
#include "tools/parleyctl/sessions.h"

#include "tools/parleyctl/pages.h"

static const struct column columns[] = {
	{ "session", "SESSION" },
	{ "user", "USER" },
	{ "kind", "KIND" },
	{ "created_at", "CREATED" },
	{ "expires_at", "EXPIRES" },
	{ "label", "LABEL" },
	{ 0 },
};

static const char *
kind_of(const struct frame_session_info *session)
{
	static const char *const kinds[] = { "login", "minted", "bot" };

	return kinds[session->kind];
}

static int
hear_sessions(struct call *call, void *self, const struct frame *answer)
{
	struct page *page = self;
	const frame_list *list = &answer->sessions.sessions;
	const struct frame_session_info *each = list->items;
	int status = 0;

	for (size_t i = 0; i < list->n && status == 0; i++)
		status = list_add(
		    call, page->records,
		    json_pack("{s:o,s:o,s:s,s:o,s:o,s:o}", "session",
			      list_id(&each[i].session), "user",
			      list_text(each[i].user_name), "kind",
			      kind_of(&each[i]), "created_at",
			      list_time(each[i].created_at), "expires_at",
			      list_time(each[i].expires_at), "label",
			      list_text(each[i].label)));
	page->next = answer->sessions.next;
	return status;
}

int
sessions_list(struct call *call, const char *user)
{
	struct frame asked = { .kind = FRAME_get_sessions };

	asked.get_sessions.user_name = slice_of(user);
	return pages_print(call, columns, AUTH, &asked,
			   &asked.get_sessions.after, FRAME_sessions,
			   hear_sessions);
}

static int
hear_ended(struct call *call, void *self, const struct frame *answer)
{
	(void)call;
	(void)self;
	printf("%llu ended\n", (unsigned long long)answer->ended.sessions);
	return 0;
}

int
sessions_revoke(struct call *call, const char *user, const char *session)
{
	struct frame asked = {
		.kind = FRAME_end_sessions,
		.end_sessions = {
			.user_name = slice_of(user),
			.by = slice_of(who_asks()),
		},
	};

	if (session != NULL &&
	    !uuid_parse(&asked.end_sessions.session, slice_of(session)))
		return wrong_usage(call, "'%s' is no session's id", session);
	return ask(call, AUTH, &asked, FRAME_ended, hear_ended, NULL);
}
