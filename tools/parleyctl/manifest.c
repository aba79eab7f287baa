/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/manifest.c - see manifest.h. */
#include "tools/parleyctl/manifest.h"

#include "tools/parleyctl/list.h"
#include "tools/parleyctl/snapshot.h"

#include <string.h>

#define FORMAT 1

static const char *const names[MANIFEST_FILES_MAX] = { "chat.db", "auth.db",
						       "jwt.secret" };

/* --- Writing */

int
manifest_count(struct call *call, struct manifest *manifest, const char *chat)
{
	sqlite3 *db = snapshot_open(call, chat);
	sqlite3_stmt *q = NULL;
	int rc;

	if (db == NULL)
		return STATUS_FAILED;
	rc = sqlite3_prepare_v2(db,
				"SELECT (SELECT count(*) FROM messages),"
				" (SELECT count(*) FROM rooms)",
				-1, &q, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	if (rc == SQLITE_ROW) {
		manifest->messages = (uint64_t)sqlite3_column_int64(q, 0);
		manifest->rooms = (uint64_t)sqlite3_column_int64(q, 1);
	}
	sqlite3_finalize(q);
	sqlite3_close(db);
	if (rc == SQLITE_ROW)
		return 0;
	return fail(call, "chat.db: %s", sqlite3_errstr(rc));
}

char *
manifest_print(const struct manifest *manifest)
{
	json_t *files = json_array();
	json_t *all;
	char *text = NULL;

	for (size_t i = 0; i < manifest->n; i++) {
		const struct manifest_file *file = &manifest->files[i];

		if (json_array_append_new(
			files, json_pack("{s:s,s:I,s:s}", "name", file->name,
					 "size", (json_int_t)file->size,
					 "sha256", file->digest)) != 0) {
			json_decref(files);
			return NULL;
		}
	}
	all = json_pack("{s:i,s:s,s:o,s:I,s:I,s:o}", "parley_backup", FORMAT,
			"version", PARLEY_VERSION, "taken_at",
			list_time(manifest->taken_at * 1000), "messages",
			(json_int_t)manifest->messages, "rooms",
			(json_int_t)manifest->rooms, "files", files);
	if (all != NULL)
		text = json_dumps(all, JSON_INDENT(1));
	json_decref(all);
	return text;
}

/* --- Reading */

static bool
is_digest(const char *text)
{
	return strlen(text) == DIGEST_BYTES - 1 &&
	       strspn(text, "0123456789abcdef") == DIGEST_BYTES - 1;
}

static const char *
read_file(struct manifest *manifest, json_t *row)
{
	struct manifest_file *file = &manifest->files[manifest->n];
	const char *name, *digest;
	json_int_t size;
	bool known = false;

	if (manifest->n == MANIFEST_FILES_MAX ||
	    json_unpack(row, "{s:s,s:I,s:s}", "name", &name, "size", &size,
			"sha256", &digest) != 0 ||
	    size < 0 || !is_digest(digest))
		return "its manifest is malformed";
	for (size_t i = 0; i < MANIFEST_FILES_MAX; i++)
		known |= strcmp(name, names[i]) == 0;
	if (!known || manifest_find(manifest, name) != NULL)
		return "its manifest names a file that does not belong there";
	snprintf(file->name, sizeof file->name, "%s", name);
	snprintf(file->digest, sizeof file->digest, "%s", digest);
	file->size = (uint64_t)size;
	manifest->n++;
	return NULL;
}

static const char *
read_object(struct manifest *manifest, json_t *all)
{
	json_int_t messages = 0, rooms = 0;
	json_t *files = NULL;
	const char *wrong = NULL;
	int format = 0;

	if (json_unpack(all, "{s:i,s:I,s:I,s:o}", "parley_backup", &format,
			"messages", &messages, "rooms", &rooms, "files",
			&files) != 0)
		return "it is no backup of parley";
	if (format != FORMAT)
		return "a newer version made it";
	manifest->messages = (uint64_t)messages;
	manifest->rooms = (uint64_t)rooms;
	for (size_t i = 0; i < json_array_size(files) && wrong == NULL; i++)
		wrong = read_file(manifest, json_array_get(files, i));
	if (wrong == NULL && (manifest_find(manifest, "chat.db") == NULL ||
			      manifest_find(manifest, "auth.db") == NULL))
		wrong = "its manifest does not name both databases";
	return wrong;
}

const char *
manifest_read(struct manifest *manifest, const char *text, size_t n)
{
	json_t *all = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	const char *wrong;

	*manifest = (struct manifest){ .n = 0 };
	if (all == NULL)
		return "it is no backup of parley";
	wrong = read_object(manifest, all);
	json_decref(all);
	return wrong;
}

const struct manifest_file *
manifest_find(const struct manifest *manifest, const char *name)
{
	for (size_t i = 0; i < manifest->n; i++)
		if (strcmp(manifest->files[i].name, name) == 0)
			return &manifest->files[i];
	return NULL;
}

void
manifest_tell(const struct manifest *manifest, const char *path)
{
	printf("%s: %llu message%s in %llu room%s\n", path,
	       (unsigned long long)manifest->messages,
	       manifest->messages == 1 ? "" : "s",
	       (unsigned long long)manifest->rooms,
	       manifest->rooms == 1 ? "" : "s");
}
