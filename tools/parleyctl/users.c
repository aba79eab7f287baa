/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/users.c - who there is, who may come in, what is open. */
#include "tools/parleyctl/pages.h"
#include "tools/parleyctl/password.h"
#include "tools/parleyctl/sessions.h"

#include <string.h>

/* --- Listing */

static const struct column columns[] = {
	{ "number", "NUMBER" },
	{ "name", "NAME" },
	{ "email", "EMAIL" },
	{ "state", "STATE" },
	{ "sessions", "SESSIONS" },
	{ "created_at", "CREATED" },
	{ "id", NULL },
	{ 0 },
};

static const char *
state_of(const struct frame_account *account)
{
	if (account->disabled)
		return "disabled";
	if (account->bot)
		return "bot";
	return account->has_password ? "active" : "external";
}

static int
hear_accounts(struct call *call, void *self, const struct frame *answer)
{
	struct page *page = self;
	const frame_list *list = &answer->accounts.accounts;
	const struct frame_account *each = list->items;
	int status = 0;

	for (size_t i = 0; i < list->n && status == 0; i++)
		status = list_add(
		    call, page->records,
		    json_pack("{s:I,s:o,s:o,s:s,s:I,s:o,s:o}", "number",
			      (json_int_t)each[i].user_number, "name",
			      list_text(each[i].user_name), "email",
			      list_text(each[i].email), "state",
			      state_of(&each[i]), "sessions",
			      (json_int_t)each[i].sessions, "created_at",
			      list_time(each[i].created_at), "id",
			      list_id(&each[i].user)));
	page->next = answer->accounts.next;
	return status;
}

int
users_list(struct call *call)
{
	struct frame asked = { .kind = FRAME_get_accounts };

	if (call->n == 1)
		asked.get_accounts.user_name = slice_of(call->words[0]);
	return pages_print(call, columns, AUTH, &asked,
			   &asked.get_accounts.after, FRAME_accounts,
			   hear_accounts);
}

/* --- Creating and changing */

static int
send_sign_up(struct call *call, const char *password)
{
	const char *email = call_flag(call, "email");
	struct frame asked = {
		.kind = FRAME_sign_up,
		.sign_up = {
			.username = slice_of(call->words[0]),
			.email = slice_of(email),
			.password = slice_of(password),
			.by = slice_of(who_asks()),
		},
	};

	uuid_make_v4(&asked.sign_up.user);
	return ask(call, AUTH, &asked, FRAME_signed_up, NULL, NULL);
}

static int
send_password(struct call *call, const char *password)
{
	struct frame asked = {
		.kind = FRAME_set_password,
		.set_password = {
			.user_name = slice_of(call->words[0]),
			.password = slice_of(password),
			.by = slice_of(who_asks()),
		},
	};

	return ask(call, AUTH, &asked, FRAME_ended, NULL, NULL);
}

static int
with_password(struct call *call,
	      int (*act)(struct call *call, const char *password))
{
	char password[PASSWORD_ROOM] = "";
	int status = password_get(call, password);

	if (status == 0)
		status = act(call, password);
	if (status == 0)
		password_show(call, password);
	explicit_bzero(password, sizeof password);
	return status;
}

int
users_create(struct call *call)
{
	return with_password(call, send_sign_up);
}

int
users_reset_password(struct call *call)
{
	return with_password(call, send_password);
}

static int
set_disabled(struct call *call, bool disabled)
{
	struct frame asked = {
		.kind = FRAME_set_disabled,
		.set_disabled = {
			.user_name = slice_of(call->words[0]),
			.disabled = disabled,
			.by = slice_of(who_asks()),
		},
	};

	return ask(call, AUTH, &asked, FRAME_ended, NULL, NULL);
}

int
users_disable(struct call *call)
{
	return set_disabled(call, true);
}

int
users_enable(struct call *call)
{
	return set_disabled(call, false);
}

/* --- Sessions */

int
users_sessions(struct call *call)
{
	return sessions_list(call, call->words[0]);
}

int
users_revoke(struct call *call)
{
	return sessions_revoke(call, call->words[0],
			       call->n == 2 ? call->words[1] : NULL);
}
