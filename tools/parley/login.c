/* SPDX-License-Identifier: MIT */
/* tools/parley/login.c - login, register, logout, whoami, token. */
#include "tools/client/text.h"
#include "tools/parley/password.h"
#include "tools/parley/rest.h"

#include <string.h>

/* The name, from the command line or asked for. 0 or an exit status. */
static int
get_name(const struct options *options, char name[NAME_TYPED_BYTES])
{
	if (options->word_count > 0) {
		if (strlen(options->words[0]) >= NAME_TYPED_BYTES)
			return complain("the name is too long");
		strcpy(name, options->words[0]);
		return 0;
	}
	if (options->password_stdin) {
		complain("with --password-stdin the name must be given; try "
			 "--help");
		return STATUS_USAGE;
	}
	return ask_line("User or e-mail: ", name, NAME_TYPED_BYTES);
}

static int
get_password(const struct options *options, const char *again,
	     char password[PASSWORD_BYTES])
{
	char second[PASSWORD_BYTES];
	int status;

	if (options->password_stdin)
		return read_password(password);
	status = ask_password("Password: ", password);
	if (status != 0 || again == NULL)
		return status;
	status = ask_password(again, second);
	if (status == 0 && strcmp(password, second) != 0)
		status = complain("the two passwords are not the same");
	explicit_bzero(second, sizeof second);
	return status;
}

static json_t *
credentials(const char *name, const char *password)
{
	const char *key = strchr(name, '@') != NULL ? "email" : "username";

	return json_pack("{s:s, s:s}", key, name, "password", password);
}

/* One folder keeps one session for each server. That of somebody else, which
 * the new one replaced, would go on for weeks with nobody to end it. */
static void
end_replaced(struct account *old, const struct account *account)
{
	struct buffer name = { 0 };
	struct rest_answer answer;

	old->cacert = account->cacert;
	if (rest_ask(old, "POST", "/auth/logout", old->session_token, NULL,
		     &answer) == 0 &&
	    answer.status != 204 && answer.status != 401)
		(void)rest_refused(old, &answer);
	rest_fini(&answer);
	if (text_append_safe(&name, slice_of(old->username), "") == 0)
		fprintf(stderr, "%.*s is no longer logged in here\n",
			(int)name.n, (char *)name.bytes);
	buffer_fini(&name);
}

/* Logs in, keeps the session and says so. */
static int
log_in(struct account *account, const char *name, const char *password)
{
	struct account old = { 0 };
	struct rest_answer answer;
	struct buffer shown = { 0 };
	bool has_old;
	int status = rest_ask(account, "POST", "/auth/login", NULL,
			      credentials(name, password), &answer);

	if (status == 0 && answer.status != 200)
		status = rest_refused(account, &answer);
	else if (status == 0 && !account_take(account, answer.body))
		status = complain("the server gives no token");
	rest_fini(&answer);
	has_old = status == 0 && account_find(&account->server, &old);
	if (status == 0)
		status = account_save(account);
	if (status == 0 && has_old &&
	    strcmp(old.user_id, account->user_id) != 0)
		end_replaced(&old, account);
	account_fini(&old);
	if (status == 0 &&
	    text_append_safe(&shown, slice_of(account->username), "") == 0)
		fprintf(stderr, "logged in as %.*s at %s\n", (int)shown.n,
			(char *)shown.bytes, account->server.base);
	buffer_fini(&shown);
	return status;
}

static int
make_account(const struct account *account, const struct options *options,
	     const char *name, const char *password)
{
	json_t *body = credentials(name, password);
	struct rest_answer answer;
	int status;

	if (options->email != NULL)
		(void)json_object_set_new(body, "email",
					  json_string(options->email));
	status =
	    rest_ask(account, "POST", "/auth/register", NULL, body, &answer);
	if (status == 0 && answer.status != 201)
		status = rest_refused(account, &answer);
	rest_fini(&answer);
	return status;
}

static int
begin(const struct options *options, bool is_new)
{
	struct account account = { 0 };
	char name[NAME_TYPED_BYTES], password[PASSWORD_BYTES];
	int status = account_server(&account, options);

	if (status == 0)
		status = get_name(options, name);
	if (status == 0)
		status = get_password(
		    options, is_new ? "The same again: " : NULL, password);
	if (status == 0 && is_new)
		status = make_account(&account, options, name, password);
	if (status == 0)
		status = log_in(&account, name, password);
	explicit_bzero(password, sizeof password);
	account_fini(&account);
	return status;
}

int
command_login(const struct options *options)
{
	return begin(options, false);
}

int
command_register(const struct options *options)
{
	return begin(options, true);
}

/* What is kept goes in any case: a session that the server does not know any
 * more is over too. */
int
command_logout(const struct options *options)
{
	struct account account = { 0 };
	struct rest_answer answer = { 0 };
	int status = account_load(&account, options);

	if (status == 0 && account.session_token == NULL) {
		complain("PARLEY_TOKEN is no session of ours");
		status = STATUS_USAGE;
	} else if (status == 0) {
		status = rest_ask(&account, "POST", "/auth/logout",
				  account.session_token, NULL, &answer);
	}
	if (status == 0 && answer.status != 204 && answer.status != 401)
		status = rest_refused(&account, &answer);
	else if (status == 0)
		account_forget(&account);
	rest_fini(&answer);
	account_fini(&account);
	return status;
}

static void
print_who(const struct account *account, json_t *who, bool as_json)
{
	struct buffer line = { 0 };
	const char *name = json_string_value(json_object_get(who, "username"));
	char *text = NULL;

	if (as_json) {
		(void)json_object_set_new(who, "server",
					  json_string(account->server.base));
		text = json_dumps(who, JSON_COMPACT);
		if (text != NULL)
			(void)text_append_json(&line, slice_of(text));
	} else if (name != NULL) {
		(void)text_append_safe(&line, slice_of(name), "");
		(void)buffer_printf(&line, " at %s", account->server.base);
	}
	printf("%.*s\n", (int)line.n, (char *)line.bytes);
	free(text);
	buffer_fini(&line);
}

int
command_whoami(const struct options *options)
{
	struct account account = { 0 };
	struct rest_answer answer = { 0 };
	int status = account_load(&account, options);

	if (status == 0)
		status =
		    rest_ask_as(&account, "GET", "/auth/me", NULL, &answer);
	if (status == 0)
		print_who(&account, answer.body, options->json);
	rest_fini(&answer);
	account_fini(&account);
	return status;
}

int
command_token(const struct options *options)
{
	struct account account = { 0 };
	int status = account_load(&account, options);

	if (status == 0)
		status = rest_renew(&account);
	if (status == 0)
		printf("%s\n", account.token);
	account_fini(&account);
	return status;
}
