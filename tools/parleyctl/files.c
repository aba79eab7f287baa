/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/files.c - see files.h. */
#include "tools/parleyctl/files.h"

#include "proto/restoring.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
join(struct call *call, char into[PATH_MAX], const char *folder,
     const char *name)
{
	int n = *name == '/' ? snprintf(into, PATH_MAX, "%s", name)
			     : snprintf(into, PATH_MAX, "%s/%s", folder, name);

	return n > 0 && n < PATH_MAX
		   ? 0
		   : fail(call, "%s: the path is too long", name);
}

/* The search index lies beside the messages. */
static int
find_search(struct call *call, struct files *files)
{
	const char *slash = strrchr(files->chat, '/');
	char folder[PATH_MAX];

	snprintf(folder, sizeof folder, "%.*s", (int)(slash - files->chat),
		 files->chat);
	return join(call, files->search, folder, "search.db");
}

int
files_find(struct call *call, struct files *files)
{
	const struct settings *s = call->settings;
	const char *path = s->database + strlen("sqlite:");

	if (strncmp(s->database, "sqlite:", 7) != 0 || *path == '\0')
		return wrong_usage(call, "--database wants sqlite:PATH");
	if (strncmp(path, "//", 2) == 0)
		path += 2;
	if (join(call, files->chat, s->data, path) != 0 ||
	    join(call, files->auth, s->data, "auth.db") != 0 ||
	    join(call, files->secret, s->data, "jwt.secret") != 0 ||
	    join(call, files->sign, s->data, RESTORING_NAME) != 0)
		return STATUS_FAILED;
	return find_search(call, files);
}

int
files_judge(struct call *call, const struct files *files)
{
	if (!file_exists(files->sign))
		return 0;
	return fail(call, "%s: a restore did not come to its end; run it again",
		    files->sign);
}

bool
file_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static int
read_all(int fd, EVP_MD_CTX *sum, uint64_t *size)
{
	static uint8_t bytes[65536];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof bytes)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || EVP_DigestUpdate(sum, bytes, (size_t)n) != 1)
			return -1;
		*size += (uint64_t)n;
	}
	return 0;
}

int
file_digest(const char *path, char digest[DIGEST_BYTES], uint64_t *size)
{
	EVP_MD_CTX *sum = EVP_MD_CTX_new();
	uint8_t hash[EVP_MAX_MD_SIZE];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = -1;

	*size = 0;
	if (sum == NULL || EVP_DigestInit_ex(sum, EVP_sha256(), NULL) != 1)
		errno = ENOMEM;
	else if (fd >= 0 && read_all(fd, sum, size) == 0 &&
		 EVP_DigestFinal_ex(sum, hash, NULL) == 1)
		rc = 0;
	for (size_t i = 0; rc == 0 && i < 32; i++)
		snprintf(digest + 2 * i, 3, "%02x", hash[i]);
	if (fd >= 0)
		close(fd);
	EVP_MD_CTX_free(sum);
	return rc;
}

int
file_sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];
	int fd, rc;

	if (slash == NULL)
		snprintf(folder, sizeof folder, ".");
	else
		snprintf(folder, sizeof folder, "%.*s",
			 slash == path ? 1 : (int)(slash - path), path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	rc = fsync(fd);
	close(fd);
	return rc;
}
