/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/backup.c - all that must be kept, in one file, while posts go
 * on.
 *
 * chat.db is copied as it is at one moment, auth.db as it is at a later one: so
 * every author of a message in the first is a user in the second, and every
 * sealed room has its keys. The file appears under its name when it is on disk
 * as a whole, or not at all.
 */
#include "tools/client/stop.h"
#include "tools/parleyctl/manifest.h"
#include "tools/parleyctl/snapshot.h"
#include "tools/parleyctl/tar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct backup {
	struct call *call;
	struct files files;
	struct manifest manifest;
	char folder[PATH_MAX];  /* of the copies, beside the archive */
	char archive[PATH_MAX]; /* until it is whole */
	int fd;
	uint64_t now; /* seconds since 1970 */
};

static int
fail_file(const struct backup *b, const char *path)
{
	return fail(b->call, "%s: %s", path, strerror(errno));
}

/* --- Copies */

static int
path_of_copy(const struct backup *b, const char *name, char into[PATH_MAX])
{
	int n = snprintf(into, PATH_MAX, "%s/%s", b->folder, name);

	return n < PATH_MAX ? 0 : fail(b->call, "the path is too long");
}

static int
add_to_manifest(struct backup *b, const char *name, const char *path)
{
	struct manifest_file *file = &b->manifest.files[b->manifest.n];

	snprintf(file->name, sizeof file->name, "%s", name);
	if (file_digest(path, file->digest, &file->size) != 0)
		return fail_file(b, path);
	b->manifest.n++;
	return 0;
}

static int
copy_database(struct backup *b, const char *name, const char *from)
{
	char to[PATH_MAX];

	if (path_of_copy(b, name, to) != 0 ||
	    snapshot_copy(b->call, from, to) != 0)
		return STATUS_FAILED;
	return add_to_manifest(b, name, to);
}

/* A few lines; the daemon reads no more than this either. */
static int
copy_secret(struct backup *b)
{
	char bytes[16384], to[PATH_MAX];
	ssize_t n = -1;
	int from = open(b->files.secret, O_RDONLY | O_CLOEXEC);
	int fd, status = 0;

	if (from < 0)
		return errno == ENOENT ? 0 : fail_file(b, b->files.secret);
	if (path_of_copy(b, "jwt.secret", to) != 0) {
		close(from);
		return STATUS_FAILED;
	}
	fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || (n = read(from, bytes, sizeof bytes)) < 0 ||
	    write(fd, bytes, (size_t)n) != n)
		status = fail_file(b, to);
	explicit_bzero(bytes, sizeof bytes);
	close(from);
	if (fd >= 0 && close(fd) != 0 && status == 0)
		status = fail_file(b, to);
	return status != 0 ? status : add_to_manifest(b, "jwt.secret", to);
}

/* In this order: see above. */
static int
copy_all(struct backup *b)
{
	char chat[PATH_MAX];

	if (copy_database(b, "chat.db", b->files.chat) != 0 ||
	    copy_database(b, "auth.db", b->files.auth) != 0 ||
	    copy_secret(b) != 0 || path_of_copy(b, "chat.db", chat) != 0)
		return STATUS_FAILED;
	return manifest_count(b->call, &b->manifest, chat);
}

/* --- The archive */

static int
write_all(const struct backup *b, const void *bytes, size_t n)
{
	const uint8_t *at = bytes;

	while (n > 0) {
		ssize_t done = write(b->fd, at, n);

		if (done < 0 && errno == EINTR && !stop_wanted())
			continue;
		if (done < 0)
			return fail_file(b, b->archive);
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

static int
write_header(const struct backup *b, const char *name, uint64_t size)
{
	uint8_t block[TAR_BLOCK];

	tar_make_header(block, name, size, b->now);
	return write_all(b, block, sizeof block);
}

static int
write_padding(const struct backup *b, uint64_t size)
{
	static const uint8_t zeros[TAR_BLOCK];

	return write_all(b, zeros, tar_padding(size));
}

static int
write_manifest(struct backup *b)
{
	char *text = manifest_print(&b->manifest);
	int status;

	if (text == NULL)
		return fail(b->call, "out of memory");
	status = write_header(b, "manifest.json", strlen(text));
	if (status == 0)
		status = write_all(b, text, strlen(text));
	if (status == 0)
		status = write_padding(b, strlen(text));
	free(text);
	return status;
}

static int
write_bytes_of(const struct backup *b, const char *path, int fd)
{
	static uint8_t bytes[65536];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof bytes)) > 0) {
		if (stop_wanted())
			return fail(b->call, "interrupted");
		if (write_all(b, bytes, (size_t)n) != 0)
			return STATUS_FAILED;
	}
	return n == 0 ? 0 : fail_file(b, path);
}

static int
write_file(const struct backup *b, const struct manifest_file *file)
{
	char path[PATH_MAX];
	int fd, status = path_of_copy(b, file->name, path);

	if (status != 0)
		return status;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail_file(b, path);
	status = write_header(b, file->name, file->size);
	if (status == 0)
		status = write_bytes_of(b, path, fd);
	if (status == 0)
		status = write_padding(b, file->size);
	close(fd);
	return status;
}

static int
write_archive(struct backup *b)
{
	static const uint8_t end[2 * TAR_BLOCK];
	int status = write_manifest(b);

	for (size_t i = 0; i < b->manifest.n && status == 0; i++)
		status = write_file(b, &b->manifest.files[i]);
	if (status == 0)
		status = write_all(b, end, sizeof end);
	if (status == 0 && fsync(b->fd) != 0)
		status = fail_file(b, b->archive);
	return status;
}

/* --- From beginning to end */

static int
open_all(struct backup *b, const char *target)
{
	int n = snprintf(b->archive, sizeof b->archive, "%s.XXXXXX", target);

	if (n < 0 || (size_t)n >= sizeof b->archive - 16)
		return fail(b->call, "%s: the path is too long", target);
	b->fd = mkstemp(b->archive);
	if (b->fd < 0) {
		b->archive[0] = '\0';
		return fail(b->call, "%s: %s", target, strerror(errno));
	}
	snprintf(b->folder, sizeof b->folder, "%s.XXXXXX", target);
	if (mkdtemp(b->folder) != NULL)
		return 0;
	b->folder[0] = '\0';
	return fail(b->call, "%s: %s", target, strerror(errno));
}

static void
remove_copies(const struct backup *b)
{
	static const char *const names[] = { "chat.db", "chat.db-journal",
					     "auth.db", "auth.db-journal",
					     "jwt.secret" };
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (path_of_copy(b, names[i], path) == 0)
			(void)unlink(path);
	(void)rmdir(b->folder);
}

static int
make(struct backup *b, const char *target)
{
	int status = open_all(b, target);

	if (status == 0)
		status = copy_all(b);
	if (status == 0)
		status = write_archive(b);
	if (b->fd >= 0 && close(b->fd) != 0 && status == 0)
		status = fail_file(b, b->archive);
	if (status == 0 &&
	    (rename(b->archive, target) != 0 || file_sync_folder(target) != 0))
		status = fail_file(b, target);
	if (status != 0 && b->archive[0] != '\0')
		(void)unlink(b->archive);
	if (b->folder[0] != '\0')
		remove_copies(b);
	return status;
}

int
backup_make(struct call *call)
{
	static struct backup b = { .fd = -1 };
	int status;

	b.call = call;
	b.now = (uint64_t)time(NULL);
	b.manifest.taken_at = b.now;
	umask(077);
	stop_on_signals();
	status = files_find(call, &b.files);
	if (status == 0)
		status = files_judge(call, &b.files);
	if (status == 0)
		status = make(&b, call->words[0]);
	if (status == 0)
		manifest_tell(&b.manifest, call->words[0]);
	return status;
}
