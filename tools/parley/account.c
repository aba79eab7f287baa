/* SPDX-License-Identifier: MIT */
/* tools/parley/account.c - the files of accounts.
 *
 * A file is written beside its place and renamed, so that a reader finds the
 * old or the new one; two that refresh at once both leave a good one. `current`
 * is a link to the file of the last log-in.
 */
#include "tools/parley/account.h"

#include "proto/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_SERVER "http://127.0.0.1:8080"
#define CURRENT        "current.json"
#define NAME_BYTES     256

/* --- Places */

/* The folder, to be freed; NULL after a word. It need not be there. */
static char *
folder(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *path = NULL;
	int n;

	/* A relative one is to be passed over (XDG Base Directory). */
	if (state != NULL && state[0] == '/')
		n = asprintf(&path, "%s/parley", state);
	else if (home != NULL && home[0] == '/')
		n = asprintf(&path, "%s/.local/state/parley", home);
	else {
		complain("neither HOME nor XDG_STATE_HOME says where to keep "
			 "the session");
		return NULL;
	}
	if (n < 0) {
		complain("out of memory");
		return NULL;
	}
	return path;
}

/* Opens the folder, made if need be with all above it. -1 with errno. */
static int
open_folder(char *path, bool make)
{
	int fd;

	for (char *at = path + 1; make && at != NULL; at++) {
		at = strchr(at, '/');
		if (at != NULL)
			*at = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			make = false;
		if (at == NULL)
			break;
		*at = '/';
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && make && fchmod(fd, 0700) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The server's file: its address, with what is no letter or digit as %XX. */
static bool
file_name(const struct server_url *server, char into[NAME_BYTES])
{
	size_t n = 0;

	for (const char *at = server->base; *at != '\0'; at++) {
		bool is_plain =
		    (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
		    (*at >= '0' && *at <= '9') || *at == '.' || *at == '-';

		if (n + 4 + sizeof ".json" > NAME_BYTES)
			return false;
		n += (size_t)snprintf(into + n, NAME_BYTES - n,
				      is_plain ? "%c" : "%%%02X",
				      (unsigned char)*at);
	}
	snprintf(into + n, NAME_BYTES - n, ".json");
	return true;
}

/* --- Reading */

static char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? strdup(text) : NULL;
}

/* Reads a file that nobody else may read. NULL, after a word unless it is not
 * there. */
static json_t *
read_file(const char *name)
{
	char *path = folder();
	int at = path != NULL ? open_folder(path, false) : -1;
	int fd = at >= 0 ? openat(at, name, O_RDONLY | O_CLOEXEC) : -1;
	json_error_t error;
	json_t *kept = NULL;
	struct stat info;

	if (fd < 0) {
		if (path != NULL && errno != ENOENT)
			complain("%s/%s: %s", path, name, strerror(errno));
	} else if (fstat(fd, &info) != 0 || (info.st_mode & 077) != 0) {
		complain("%s/%s: others may read it: chmod 600", path, name);
	} else {
		kept = json_loadfd(fd, 0, &error);
		if (kept == NULL)
			complain("%s/%s: %s; log in again", path, name,
				 error.text);
	}
	if (fd >= 0)
		close(fd);
	if (at >= 0)
		close(at);
	free(path);
	return kept;
}

int
account_server(struct account *account, const struct options *options)
{
	const char *named = options->server, *wrong;
	json_t *kept = NULL;

	if (named == NULL) {
		kept = read_file(CURRENT);
		named = json_string_value(json_object_get(kept, "server"));
	}
	if (named == NULL)
		named = DEFAULT_SERVER;
	wrong = server_url_parse(&account->server, named);
	if (wrong != NULL)
		complain("--server '%s' %s; try --help", named, wrong);
	json_decref(kept);
	account->cacert = options->cacert;
	return wrong != NULL ? STATUS_USAGE : 0;
}

bool
account_take(struct account *account, const json_t *answer)
{
	const json_t *user = json_object_get(answer, "user");
	const json_t *expires = json_object_get(answer, "expires_in");

	free(account->token);
	account->token = text_of(answer, "token");
	account->expires_at = time(NULL) + json_integer_value(expires);
	if (user != NULL) {
		free(account->session_token);
		free(account->user_id);
		free(account->username);
		account->session_token = text_of(answer, "session_token");
		account->user_id = text_of(user, "user_id");
		account->username = text_of(user, "username");
	}
	return account->token != NULL && account->session_token != NULL &&
	       account->user_id != NULL && account->username != NULL;
}

int
account_load(struct account *account, const struct options *options)
{
	const char *given = getenv("PARLEY_TOKEN");
	char name[NAME_BYTES];
	int status = account_server(account, options);
	json_t *kept;

	if (status != 0)
		return status;
	if (given != NULL && *given != '\0') {
		account->token = strdup(given);
		return account->token != NULL ? 0 : complain("out of memory");
	}
	kept = file_name(&account->server, name) ? read_file(name) : NULL;
	if (kept != NULL && account_take(account, kept)) {
		account->expires_at =
		    json_integer_value(json_object_get(kept, "expires_at"));
	} else {
		complain("nobody is logged in at %s: parley login --server %s, "
			 "or parley register --server %s for a new account",
			 account->server.base, account->server.base,
			 account->server.base);
		status = STATUS_REFUSED;
	}
	json_decref(kept);
	return status;
}

bool
account_find(const struct server_url *server, struct account *found)
{
	char name[NAME_BYTES];
	json_t *kept = file_name(server, name) ? read_file(name) : NULL;
	bool there;

	*found = (struct account){ .server = *server };
	there = kept != NULL && account_take(found, kept);
	json_decref(kept);
	return there;
}

/* --- Writing */

static int
write_all(int fd, const char *text)
{
	size_t n = strlen(text);

	while (n > 0) {
		ssize_t sent = write(fd, text, n);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -1;
		text += sent;
		n -= (size_t)sent;
	}
	return fsync(fd);
}

/* Puts `text` into the file of that name, at once or not at all. */
static int
replace_file(int at, const char *name, const char *text)
{
	char fresh[NAME_BYTES + 32];
	int fd, rc;

	snprintf(fresh, sizeof fresh, ".%ld.new", (long)getpid());
	(void)unlinkat(at, fresh, 0);
	fd = openat(at, fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	rc = write_all(fd, text);
	if (close(fd) != 0)
		rc = -1;
	if (rc == 0)
		rc = renameat(at, fresh, at, name);
	if (rc != 0)
		(void)unlinkat(at, fresh, 0);
	return rc;
}

static int
point_at(int at, const char *name)
{
	char fresh[64];

	snprintf(fresh, sizeof fresh, ".%ld.link", (long)getpid());
	(void)unlinkat(at, fresh, 0);
	if (symlinkat(name, at, fresh) != 0)
		return -1;
	return renameat(at, fresh, at, CURRENT);
}

static char *
dump(const struct account *account)
{
	json_t *kept = json_pack("{s:s, s:s, s:I, s:s, s:{s:s, s:s}}", "server",
				 account->server.base, "token", account->token,
				 "expires_at", (json_int_t)account->expires_at,
				 "session_token", account->session_token,
				 "user", "user_id", account->user_id,
				 "username", account->username);
	char *text = kept != NULL ? json_dumps(kept, JSON_INDENT(2)) : NULL;

	json_decref(kept);
	return text;
}

int
account_save(const struct account *account)
{
	char name[NAME_BYTES];
	char *path = folder(), *text = dump(account);
	int at = path != NULL ? open_folder(path, true) : -1;
	int status = 0;

	if (path == NULL)
		status = STATUS_FAILED;
	else if (!file_name(&account->server, name))
		status = complain("the server's address is too long to keep");
	else if (at < 0 || text == NULL || replace_file(at, name, text) != 0 ||
		 point_at(at, name) != 0)
		status = complain("cannot keep the session in %s: %s", path,
				  strerror(errno));
	if (at >= 0)
		close(at);
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
	free(path);
	return status;
}

void
account_forget(const struct account *account)
{
	char name[NAME_BYTES];
	char *path = folder();
	int at = path != NULL ? open_folder(path, false) : -1;

	if (at >= 0 && file_name(&account->server, name))
		(void)unlinkat(at, name, 0);
	if (at >= 0)
		close(at);
	free(path);
}

static void
forget_secret(char **secret)
{
	if (*secret != NULL)
		explicit_bzero(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}

void
account_fini(struct account *account)
{
	forget_secret(&account->token);
	forget_secret(&account->session_token);
	free(account->user_id);
	free(account->username);
}
