/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/recording_file.c - see recording_file.h. */
#include "tools/parley-tap/recording_file.h"

#include "tools/client/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES 65536

static int
fail(const char *path, const char *why)
{
	fprintf(stderr, "parley-tap: %s: %s\n", path, why);
	return -1;
}

/* --- Writing */

/* An earlier file keeps its mode when it is opened, so it is set anew; and what
 * is in it, until there is something to record. */
static FILE *
make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	struct stat info;
	FILE *file = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &info) == 0 &&
	    (!S_ISREG(info.st_mode) || fchmod(fd, 0600) == 0))
		file = fdopen(fd, "wb");
	if (file == NULL)
		close(fd);
	return file;
}

int
recorder_open(struct recorder *recorder, const char *path)
{
	bool is_stdout = strcmp(path, "-") == 0;

	recorder->path = is_stdout ? "stdout" : path;
	recorder->file = is_stdout ? stdout : make_file(path);
	return recorder->file != NULL ? 0
				      : fail(recorder->path, strerror(errno));
}

int
recorder_begin(struct recorder *recorder)
{
	struct stat info;
	int fd = fileno(recorder->file);

	if (recorder->file != stdout && fstat(fd, &info) == 0 &&
	    S_ISREG(info.st_mode) && ftruncate(fd, 0) != 0)
		return fail(recorder->path, strerror(errno));
	if (fputs(RECORDING_HEAD, recorder->file) < 0)
		return fail(recorder->path, strerror(errno));
	return recorder_flush(recorder);
}

int
recorder_add(struct recorder *recorder, const struct heard *heard)
{
	buffer_clear(&recorder->packed);
	if (recording_append(&recorder->packed, heard) != 0 ||
	    fwrite(recorder->packed.bytes, 1, recorder->packed.n,
		   recorder->file) != recorder->packed.n)
		return fail(recorder->path, strerror(errno));
	recorder->frames += !heard_is_loss(heard);
	return 0;
}

int
recorder_flush(struct recorder *recorder)
{
	if (recorder->file != NULL && fflush(recorder->file) != 0)
		return fail(recorder->path, strerror(errno));
	return 0;
}

int
recorder_close(struct recorder *recorder)
{
	int rc = recorder_flush(recorder);

	if (recorder->file != NULL && recorder->file != stdout &&
	    fclose(recorder->file) != 0 && rc == 0)
		rc = fail(recorder->path, strerror(errno));
	recorder->file = NULL;
	buffer_fini(&recorder->packed);
	return rc;
}

/* --- Reading */

/* 0, also at the end; -1 after a line on stderr. */
static int
read_more(struct recording *r)
{
	size_t got;

	buffer_consume(&r->bytes, r->taken);
	r->offset += r->taken;
	r->taken = 0;
	if (buffer_reserve(&r->bytes, READ_BYTES) != 0)
		return fail(r->path, strerror(errno));
	got = fread(r->bytes.bytes + r->bytes.n, 1, READ_BYTES, r->file);
	r->bytes.n += got;
	r->at_end = got == 0;
	if (got == 0 && ferror(r->file) && !stop_wanted())
		return fail(r->path, strerror(errno));
	return 0;
}

/* 0 once the head was read; -1 after a line on stderr. */
static int
read_head(struct recording *r)
{
	enum recording_verdict verdict;
	size_t used = 0;

	for (;;) {
		if (read_more(r) != 0)
			return -1;
		verdict = recording_head(r->bytes.bytes, r->bytes.n, &used);
		if (verdict != RECORDING_MORE || r->at_end)
			break;
	}
	r->taken = used;
	if (verdict == RECORDING_FINE)
		return 0;
	return fail(r->path, verdict == RECORDING_LATER
				 ? "a recording of a version that this "
				   "parley-tap does not know"
				 : "no recording of parley-tap");
}

int
recording_open(struct recording *r, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;

	*r = (struct recording){ .path = is_stdin ? "stdin" : path };
	r->file = is_stdin ? stdin : fopen(path, "rbe");
	if (r->file == NULL)
		return fail(r->path, strerror(errno));
	return read_head(r);
}

bool
recording_is_file(const struct recording *r)
{
	return ftell(r->file) >= 0;
}

int
recording_rewind(struct recording *r)
{
	if (fseek(r->file, 0, SEEK_SET) != 0)
		return fail(r->path, strerror(errno));
	buffer_clear(&r->bytes);
	r->taken = 0;
	r->offset = 0;
	return read_head(r);
}

static int
tell_damaged(const struct recording *r, bool is_cut)
{
	if (r->is_quiet)
		return -1;
	fprintf(stderr,
		"parley-tap: %s: %s at byte %" PRIu64
		": what stands before it was read\n",
		r->path,
		is_cut ? "cut off in the middle of a frame" : "damaged",
		r->offset + r->taken);
	return -1;
}

int
recording_read(struct recording *r, struct heard *heard)
{
	for (;;) {
		size_t used = 0;

		switch (recording_next(r->bytes.bytes + r->taken,
				       r->bytes.n - r->taken, &used, heard)) {
		case RECORDING_FINE:
			r->taken += used;
			return 1;
		case RECORDING_MORE:
			if (r->at_end)
				return r->taken == r->bytes.n
					   ? 0
					   : tell_damaged(r, true);
			if (read_more(r) != 0)
				return -1;
			break;
		default:
			return tell_damaged(r, false);
		}
	}
}

void
recording_close(struct recording *r)
{
	if (r->file != NULL && r->file != stdin)
		fclose(r->file);
	r->file = NULL;
	buffer_fini(&r->bytes);
}

/* --- To a listener */

int
recording_play(struct recording *r, const struct listener *listener)
{
	struct arena arena = { 0 };
	struct heard heard = { 0 };
	int rc = 0, got = 1;

	while (rc == 0 && !stop_wanted() &&
	       (got = recording_read(r, &heard)) > 0) {
		arena_reset(&arena);
		if (heard_is_loss(&heard))
			rc = listener->lose(listener->self, &heard);
		else if (heard_read(&heard, &arena))
			rc = listener->hear(listener->self, &heard);
	}
	arena_fini(&arena);
	if (rc == 0)
		rc = listener->idle(listener->self, heard.clock_us, true);
	return rc != 0 ? rc : got;
}
