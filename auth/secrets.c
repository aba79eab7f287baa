/* SPDX-License-Identifier: MIT */
/* auth/secrets.c - reading, making and keeping the keys of JWTs. */
#include "auth/secrets.h"

#include "proto/base64url.h"
#include "proto/log.h"
#include "proto/uuid.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW_SECRET_BYTES 48
#define FILE_BYTES_MAX   (16 * 1024)

struct secrets {
	char *list; /* a copy of the whole list */
	size_t list_bytes;
	struct slice each[SECRETS_MAX];
	size_t n;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Cuts the list into its secrets. NULL, or what is wrong with it. */
static const char *
split(struct secrets *secrets)
{
	const char *at = secrets->list;
	const char *end = at + secrets->list_bytes;

	for (;;) {
		const char *begin;

		while (at < end && is_blank(*at))
			at++;
		if (at == end)
			break;
		if (secrets->n == SECRETS_MAX)
			return "more than 16 secrets";
		for (begin = at; at < end && !is_blank(*at);)
			at++;
		if (at - begin < SECRET_BYTES_MIN)
			return "a secret of less than 16 bytes";
		secrets->each[secrets->n++] =
		    (struct slice){ begin, (size_t)(at - begin) };
	}
	return secrets->n == 0 ? "no secret at all" : NULL;
}

struct secrets *
secrets_parse(struct slice list, const char **wrong)
{
	struct secrets *secrets = calloc(1, sizeof *secrets);

	*wrong = "out of memory";
	if (secrets == NULL)
		return NULL;
	secrets->list = malloc(list.n + 1);
	if (secrets->list == NULL) {
		free(secrets);
		return NULL;
	}
	if (list.n > 0)
		memcpy(secrets->list, list.at, list.n);
	secrets->list_bytes = list.n;
	*wrong = split(secrets);
	if (*wrong != NULL) {
		secrets_free(&secrets);
		errno = EINVAL;
	}
	return secrets;
}

void
secrets_free(struct secrets **secrets)
{
	struct secrets *s = *secrets;

	if (s == NULL)
		return;
	OPENSSL_cleanse(s->list, s->list_bytes);
	free(s->list);
	free(s);
	*secrets = NULL;
}

size_t
secrets_count(const struct secrets *secrets)
{
	return secrets->n;
}

struct slice
secrets_get(const struct secrets *secrets, size_t i)
{
	return secrets->each[i];
}

size_t
secrets_shortest(const struct secrets *secrets)
{
	size_t shortest = SIZE_MAX;

	for (size_t i = 0; i < secrets->n; i++)
		if (secrets->each[i].n < shortest)
			shortest = secrets->each[i].n;
	return shortest;
}

/* --- The file */

/* The folder of `path`, so that a name made in it can be synced. */
static int
sync_folder(const char *path)
{
	char *folder = strdup(path);
	char *slash = folder == NULL ? NULL : strrchr(folder, '/');
	int fd, rc = -1;

	if (folder == NULL)
		return -1;
	if (slash != NULL)
		*slash = '\0';
	fd = open(slash != NULL ? folder : ".",
		  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		rc = fsync(fd);
		close(fd);
	}
	free(folder);
	return rc;
}

static int
write_secret(int fd)
{
	uint8_t bytes[NEW_SECRET_BYTES];
	char line[BASE64URL_CHARACTERS(NEW_SECRET_BYTES) + 1];
	size_t n = sizeof line;
	int rc = -1;

	random_bytes(bytes, sizeof bytes);
	base64url_encode(bytes, sizeof bytes, line);
	line[n - 1] = '\n';
	if (write(fd, line, n) == (ssize_t)n && fsync(fd) == 0)
		rc = 0;
	OPENSSL_cleanse(bytes, sizeof bytes);
	OPENSSL_cleanse(line, sizeof line);
	return rc;
}

/* Appears whole or not at all, and never in the place of one that another
 * process has made in the meantime. 0, or -1 with errno. */
static int
make_file(const char *path)
{
	char fresh[4096];
	int fd, kept_errno, rc = -1;

	if (snprintf(fresh, sizeof fresh, "%s.%ld", path, (long)getpid()) >=
	    (int)sizeof fresh) {
		errno = ENAMETOOLONG;
		return -1;
	}
	(void)unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	if (write_secret(fd) == 0 &&
	    (link(fresh, path) == 0 || errno == EEXIST))
		rc = 0;
	kept_errno = errno;
	close(fd);
	(void)unlink(fresh);
	errno = kept_errno;
	return rc == 0 ? sync_folder(path) : -1;
}

/* A key that others can read is no key. */
static int
check_file(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -1;
	if (S_ISREG(st.st_mode) && (st.st_mode & 077) == 0)
		return 0;
	errno = EPERM;
	return -1;
}

static struct secrets *
read_file(int fd, const char **wrong)
{
	char *text = malloc(FILE_BYTES_MAX);
	struct secrets *secrets = NULL;
	size_t n = 0;
	ssize_t got = -1;

	*wrong = "cannot be read";
	if (text == NULL)
		return NULL;
	while (n < FILE_BYTES_MAX) {
		got = read(fd, text + n, FILE_BYTES_MAX - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	if (got == 0)
		secrets = secrets_parse((struct slice){ text, n }, wrong);
	OPENSSL_cleanse(text, n);
	free(text);
	return secrets;
}

static int
open_file(const char *path)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW;
	int fd = open(path, flags);

	if (fd < 0 && errno == ENOENT && make_file(path) == 0)
		fd = open(path, flags);
	return fd;
}

struct secrets *
secrets_open(const char *path)
{
	struct secrets *secrets = NULL;
	const char *wrong = NULL;
	int fd = open_file(path);

	if (fd < 0)
		wrong = strerror(errno);
	else if (check_file(fd) != 0)
		wrong = "others may read it: chmod 600";
	else
		secrets = read_file(fd, &wrong);
	if (secrets == NULL)
		log_error("no_secret", KT("file", path), KT("error", wrong),
			  KT("hint", "mend the file or set JWT_SECRET"));
	if (fd >= 0)
		close(fd);
	return secrets;
}
