/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/restore.c - puts the files of a backup into a data folder.
 *
 * Everything is read, compared with its checksum and looked at by SQLite before
 * the first file gets its name. What lies in the folder already stays unless
 * --force says otherwise. While some have their names and others have not, a
 * sign in the folder keeps the daemons from beginning: see proto/restoring.h.
 * Hooks are paused, since whoever looks at a copy wants nobody to hear of it.
 */
#include "tools/client/stop.h"
#include "tools/parleyctl/in_use.h"
#include "tools/parleyctl/manifest.h"
#include "tools/parleyctl/quiet.h"
#include "tools/parleyctl/snapshot.h"
#include "tools/parleyctl/tar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Behind the name of a file that is not complete yet. */
#define UNFINISHED ".restoring"

struct restore {
	struct call *call;
	const char *archive;
	int fd;
	struct files files;
	struct manifest manifest;
	struct in_use locks;
	unsigned found;      /* files of the manifest, as bits */
	unsigned paused;     /* hooks */
	char path[PATH_MAX]; /* of the one in hand */
};

static int
fail_archive(const struct restore *r, const char *why)
{
	return fail(r->call, "%s: %s", r->archive, why);
}

/* --- Reading the archive */

static int
read_all(const struct restore *r, void *into, size_t n)
{
	uint8_t *at = into;

	while (n > 0) {
		ssize_t got = read(r->fd, at, n);

		if (got < 0 && errno == EINTR && !stop_wanted())
			continue;
		if (got < 0)
			return fail_archive(r, strerror(errno));
		if (got == 0)
			return fail_archive(r, "it ends too early");
		at += got;
		n -= (size_t)got;
	}
	return 0;
}

static int
skip_padding(const struct restore *r, uint64_t size)
{
	uint8_t block[TAR_BLOCK];

	return read_all(r, block, tar_padding(size));
}

static int
read_manifest(struct restore *r)
{
	static char text[MANIFEST_BYTES_MAX];
	uint8_t block[TAR_BLOCK];
	struct tar_entry entry;
	const char *wrong;

	if (read_all(r, block, sizeof block) != 0)
		return STATUS_FAILED;
	if (!tar_read_header(block, &entry) ||
	    strcmp(entry.name, "manifest.json") != 0 ||
	    entry.size > sizeof text)
		return fail_archive(r, "it is no backup of parley");
	if (read_all(r, text, entry.size) != 0 ||
	    skip_padding(r, entry.size) != 0)
		return STATUS_FAILED;
	wrong = manifest_read(&r->manifest, text, entry.size);
	return wrong == NULL ? 0 : fail_archive(r, wrong);
}

static const char *
target_of(const struct restore *r, const char *name)
{
	if (strcmp(name, "chat.db") == 0)
		return r->files.chat;
	return strcmp(name, "auth.db") == 0 ? r->files.auth : r->files.secret;
}

/* Sets r->path to where a file is until it is complete. */
static int
name_unfinished(struct restore *r, const char *name)
{
	int n = snprintf(r->path, sizeof r->path, "%s" UNFINISHED,
			 target_of(r, name));

	return n < PATH_MAX ? 0 : fail(r->call, "the path is too long");
}

static int
write_bytes(struct restore *r, int fd, uint64_t size)
{
	static uint8_t bytes[65536];

	while (size > 0) {
		size_t n = size < sizeof bytes ? (size_t)size : sizeof bytes;

		if (stop_wanted())
			return fail(r->call, "interrupted");
		if (read_all(r, bytes, n) != 0)
			return STATUS_FAILED;
		if (write(fd, bytes, n) != (ssize_t)n)
			return fail(r->call, "%s: %s", r->path,
				    strerror(errno));
		size -= n;
	}
	return 0;
}

static int
write_unfinished(struct restore *r, const struct manifest_file *file)
{
	int fd, status = name_unfinished(r, file->name);

	if (status != 0)
		return status;
	(void)unlink(r->path); /* of a restore that was killed */
	fd = open(r->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(r->call, "%s: %s", r->path, strerror(errno));
	status = write_bytes(r, fd, file->size);
	if (status == 0 && fsync(fd) != 0)
		status = fail(r->call, "%s: %s", r->path, strerror(errno));
	close(fd);
	return status;
}

static int
check_digest(struct restore *r, const struct manifest_file *file)
{
	char digest[DIGEST_BYTES];
	uint64_t size;

	if (file_digest(r->path, digest, &size) != 0)
		return fail(r->call, "%s: %s", r->path, strerror(errno));
	if (size == file->size && strcmp(digest, file->digest) == 0)
		return 0;
	return fail(r->call, "%s: the checksum of %s is wrong", r->archive,
		    file->name);
}

/* One file and what is behind it; *more says whether there was one. */
static int
read_file(struct restore *r, bool *more)
{
	uint8_t block[TAR_BLOCK];
	struct tar_entry entry;
	const struct manifest_file *file;
	int status;

	if (read_all(r, block, sizeof block) != 0)
		return STATUS_FAILED;
	*more = !tar_is_end(block);
	if (!*more)
		return 0;
	if (!tar_read_header(block, &entry) ||
	    (file = manifest_find(&r->manifest, entry.name)) == NULL ||
	    entry.size != file->size)
		return fail_archive(r, "a file in it is not as its manifest "
				       "says");
	status = write_unfinished(r, file);
	if (status == 0)
		status = check_digest(r, file);
	r->found |= 1u << (file - r->manifest.files);
	return status != 0 ? status : skip_padding(r, entry.size);
}

static int
read_files(struct restore *r)
{
	bool more = true;
	int status = 0;

	while (more && status == 0)
		status = read_file(r, &more);
	if (status == 0 && r->found != (1u << r->manifest.n) - 1)
		status = fail_archive(r, "a file of its manifest is missing");
	return status;
}

/* --- Judging */

static void
tell_finding(void *self, const char *finding)
{
	struct restore *r = self;

	fail(r->call, "%s: %s", r->path, finding);
}

static int
judge_database(struct restore *r, const char *name)
{
	sqlite3 *db;
	int findings = -1;

	if (name_unfinished(r, name) != 0)
		return STATUS_FAILED;
	db = snapshot_open(r->call, r->path);
	if (db != NULL)
		findings = snapshot_check(r->call, db, "main", tell_finding, r);
	sqlite3_close(db);
	return findings == 0 ? 0 : STATUS_FAILED;
}

static int
pause_hooks(struct restore *r)
{
	if (call_flag(r->call, "keep-hooks") != NULL)
		return 0;
	if (name_unfinished(r, "chat.db") != 0)
		return STATUS_FAILED;
	return quiet_pause_hooks(r->call, r->path, &r->paused);
}

static int
judge_folder(struct restore *r)
{
	const char *there = file_exists(r->files.chat)   ? r->files.chat
			    : file_exists(r->files.auth) ? r->files.auth
							 : NULL;

	if (there == NULL && manifest_find(&r->manifest, "jwt.secret") &&
	    file_exists(r->files.secret))
		there = r->files.secret;
	/* What is left of half a restore is nothing to keep. */
	if (there == NULL || call_flag(r->call, "force") != NULL ||
	    file_exists(r->files.sign))
		return 0;
	return fail(r->call, "%s is there already (--force replaces it)",
		    there);
}

/* --- Putting in place */

static void
remove_beside(const char *path)
{
	static const char *const endings[] = { "-wal", "-shm", "-journal" };
	char beside[PATH_MAX + 16];

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		snprintf(beside, sizeof beside, "%s%s", path, endings[i]);
		(void)unlink(beside);
	}
}

static int
put_in_place(struct restore *r, const char *name)
{
	const char *target = target_of(r, name);

	if (name_unfinished(r, name) != 0)
		return STATUS_FAILED;
	remove_beside(target);
	if (rename(r->path, target) == 0 && file_sync_folder(target) == 0)
		return 0;
	return fail(r->call, "%s: %s", target, strerror(errno));
}

static int
set_sign(const struct restore *r)
{
	const char *sign = r->files.sign;
	int fd = open(sign, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0 && fsync(fd) == 0 && close(fd) == 0 &&
	    file_sync_folder(sign) == 0)
		return 0;
	return fail(r->call, "%s: %s", sign, strerror(errno));
}

static int
remove_sign(const struct restore *r)
{
	const char *sign = r->files.sign;

	if (unlink(sign) == 0 && file_sync_folder(sign) == 0)
		return 0;
	return fail(r->call, "%s: %s", sign, strerror(errno));
}

/* The index belongs to the messages that were there before: the store makes
 * another one. */
static int
put_all_in_place(struct restore *r)
{
	int status = set_sign(r);

	if (status != 0)
		return status;
	(void)unlink(r->files.search);
	remove_beside(r->files.search);
	for (size_t i = 0; i < r->manifest.n && status == 0; i++)
		status = put_in_place(r, r->manifest.files[i].name);
	if (status == 0)
		return remove_sign(r);
	return fail(r->call,
		    "no daemon starts on %s until a restore comes to "
		    "its end",
		    r->call->settings->data);
}

static void
remove_unfinished(struct restore *r)
{
	for (size_t i = 0; i < r->manifest.n; i++)
		if (name_unfinished(r, r->manifest.files[i].name) == 0) {
			(void)unlink(r->path);
			remove_beside(r->path);
		}
}

/* --- From beginning to end */

static int
read_and_place(struct restore *r)
{
	int status = judge_folder(r);

	if (status != 0)
		return status;
	status = in_use_begin(r->call, &r->files, &r->locks);
	if (status != 0)
		return status;
	status = read_files(r);
	if (status == 0)
		status = judge_database(r, "chat.db");
	if (status == 0)
		status = judge_database(r, "auth.db");
	if (status == 0)
		status = pause_hooks(r);
	if (status == 0)
		status = put_all_in_place(r);
	remove_unfinished(r);
	in_use_end(&r->locks);
	return status;
}

static void
tell_restored(const struct restore *r)
{
	manifest_tell(&r->manifest, r->call->settings->data);
	if (r->paused > 0)
		printf("%u %s paused: parleyctl hooks resume HOOK lets one go "
		       "on (restore --keep-hooks pauses none)\n",
		       r->paused, r->paused == 1 ? "hook is" : "hooks are");
}

int
backup_restore(struct call *call)
{
	static struct restore r;
	int status;

	r.call = call;
	r.archive = call->words[0];
	umask(077);
	stop_on_signals();
	status = files_find(call, &r.files);
	if (status != 0)
		return status;
	r.fd = open(r.archive, O_RDONLY | O_CLOEXEC);
	if (r.fd < 0)
		return fail_archive(&r, strerror(errno));
	if (mkdir(call->settings->data, 0700) != 0 && errno != EEXIST)
		status =
		    fail(call, "%s: %s", call->settings->data, strerror(errno));
	if (status == 0)
		status = read_manifest(&r);
	if (status == 0)
		status = read_and_place(&r);
	close(r.fd);
	if (status == 0)
		tell_restored(&r);
	return status;
}
