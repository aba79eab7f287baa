/* SPDX-License-Identifier: MIT */
/* tests/chaos/lose_power.c - what a disk still has after a loss of power.
 *
 * What was synced is there. Of what was not, some sectors of 512 or 4,096 bytes
 * may be as they were written and the others as before, as a disk writes in the
 * order that suits it. Names and sizes come and go in their order, as the
 * journals of file systems have them; a file may have grown by sectors that
 * were never written, which are zeros then.
 */
#include "lost_writes.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SECTOR_MIN 512
#define SECTOR_MAX 4096

/* A file on its way back. */
struct rewind {
	int fd;
	const char *journal; /* as it lies in memory */
	uint64_t begin;      /* of what was not synced */
	uint64_t end;
	uint64_t sector;
	unsigned survive; /* of 4 sectors */
	uint64_t *random;
	uint64_t limit;  /* what lies behind was cut off for good */
	uint64_t reach;  /* the end of the last sector that survived */
	uint8_t *stands; /* a byte for each sector that survived */
	uint64_t sectors;
};

/* xorshift64*: never 0 from what is not 0. */
static uint64_t
draw(uint64_t *random)
{
	*random ^= *random >> 12;
	*random ^= *random << 25;
	*random ^= *random >> 27;
	return (*random * UINT64_C(2685821657736338717)) >> 33;
}

static void
put_back(int fd, const char *bytes, uint64_t n, uint64_t at)
{
	while (n > 0) {
		long done = syscall(SYS_pwrite64, fd, bytes, n, at);

		if (done <= 0)
			give_up("cannot take a write back");
		bytes += done;
		at += (uint64_t)done;
		n -= (uint64_t)done;
	}
}

static struct change
change_at(const struct rewind *r, uint64_t at)
{
	struct change change = { 0 };

	if (at + sizeof change <= r->end)
		memcpy(&change, r->journal + at, sizeof change);
	return change;
}

static uint64_t
next_of(uint64_t at, const struct change *change)
{
	return at + sizeof *change +
	       (change->kind == SYNCED ? 0 : change->kept);
}

/* Where the unsynced ones begin, and where the whole ones end. */
static void
find_ends(struct rewind *r)
{
	uint64_t at = sizeof(uint64_t);
	struct change change;

	r->begin = at;
	for (change = change_at(r, at); change.kind != 0;
	     change = change_at(r, at)) {
		if (next_of(at, &change) > r->end)
			break;
		if (change.kind == SYNCED)
			r->begin = change.at;
		else if (change.at + change.n > r->sectors * SECTOR_MIN)
			r->sectors = (change.at + change.n) / SECTOR_MIN + 1;
		at = next_of(at, &change);
	}
	r->end = at;
}

/* The piece [from, to) of a change, within one sector. */
static void
undo_piece(struct rewind *r, const struct change *change, const char *old,
	   uint64_t from, uint64_t to)
{
	static const char zeros[SECTOR_MAX];
	uint64_t kept_end = change->at + change->kept;
	uint64_t middle = kept_end < from ? from
			  : kept_end < to ? kept_end
					  : to;
	uint8_t *stands = &r->stands[from / r->sector];

	if (*stands || draw(r->random) % 4 < r->survive) {
		*stands = 1;
		if (to > r->reach)
			r->reach = to;
		return;
	}
	put_back(r->fd, old + (from - change->at), middle - from, from);
	put_back(r->fd, zeros, to - middle, middle);
}

static void
undo_write(struct rewind *r, const struct change *change, const char *old)
{
	uint64_t end = change->at + change->n;
	uint64_t from = change->at, to;

	if (end > r->limit)
		end = r->limit;
	for (; from < end; from = to) {
		to = (from / r->sector + 1) * r->sector;
		if (to > end)
			to = end;
		undo_piece(r, change, old, from, to);
	}
}

/* Nothing of what came behind a cut survives it, if the cut does not. */
static uint64_t
choose_cut(const struct rewind *r)
{
	uint64_t cuts = 0, kept, at;
	struct change change;

	for (at = r->begin; at < r->end; at = next_of(at, &change)) {
		change = change_at(r, at);
		cuts += change.kind == CUT;
	}
	kept = r->survive == 0 ? 0 : draw(r->random) % (cuts + 1);
	for (at = r->begin; at < r->end; at = next_of(at, &change)) {
		change = change_at(r, at);
		if (change.kind == CUT && kept-- == 0)
			return at;
	}
	return r->end;
}

/* The places of the unsynced entries, in their order. */
static uint64_t *
list_places(const struct rewind *r, size_t *n)
{
	uint64_t *places = calloc(
	    (r->end - r->begin) / sizeof(struct change) + 1, sizeof *places);
	struct change change;

	if (places == NULL)
		give_up("no memory");
	*n = 0;
	for (uint64_t at = r->begin; at < r->end; at = next_of(at, &change)) {
		change = change_at(r, at);
		if (change.kind != SYNCED)
			places[(*n)++] = at;
	}
	return places;
}

/* As on disk, or behind what survived; or else as it was last, since a size may
 * be on disk before what it spans. */
static void
set_size(struct rewind *r, uint64_t on_disk)
{
	uint64_t size = on_disk < r->limit ? on_disk : r->limit;
	struct stat st;

	if (size < r->reach)
		size = r->reach;
	if (fstat(r->fd, &st) != 0)
		give_up("cannot look at a file");
	if (size < (uint64_t)st.st_size && r->survive > 0 &&
	    draw(r->random) % 2 == 0)
		return;
	if (syscall(SYS_ftruncate, r->fd, size) != 0)
		give_up("cannot take a size back");
}

static void
undo_all(struct rewind *r)
{
	size_t n;
	uint64_t *places = list_places(r, &n);
	uint64_t on_disk = n == 0 ? 0 : change_at(r, places[0]).size;
	uint64_t lost_from = choose_cut(r);
	unsigned survive = r->survive;

	if (n == 0) {
		free(places);
		return;
	}
	while (n-- > 0) {
		struct change change = change_at(r, places[n]);
		const char *old = r->journal + places[n] + sizeof change;

		r->survive = places[n] >= lost_from ? 0 : survive;
		if (change.kind == WRITTEN)
			undo_write(r, &change, old);
		else if (places[n] >= lost_from)
			put_back(r->fd, old, change.kept, change.at);
		else if (change.at < r->limit)
			r->limit = change.at;
	}
	r->survive = survive;
	set_size(r, on_disk);
	free(places);
}

static void
rewind_file(int fd, int journal, uint64_t *random)
{
	struct rewind r = { .fd = fd, .limit = UINT64_MAX, .random = random };
	struct stat st;

	if (fstat(journal, &st) != 0)
		give_up("cannot look at a journal");
	r.end = (uint64_t)st.st_size;
	r.journal = mmap(NULL, r.end, PROT_READ, MAP_SHARED, journal, 0);
	if (r.journal == MAP_FAILED)
		give_up("cannot read a journal");
	r.sector = *random == 0 || draw(random) % 2 ? SECTOR_MIN : SECTOR_MAX;
	r.survive = *random == 0 ? 0 : (unsigned)draw(random) % 4;
	find_ends(&r);
	r.stands = calloc(r.sectors + 1, 1);
	if (r.stands == NULL)
		give_up("no memory");
	undo_all(&r);
	free(r.stands);
	munmap((char *)r.journal, (size_t)st.st_size);
}

/* Whatever name it has by now. Its -shm file goes, as it was in memory alone.
 */
static int
open_inode(const char *folder, uint64_t ino)
{
	DIR *entries = opendir(folder);
	struct dirent *entry;
	char path[PATH_BYTES];
	int fd = -1;

	while (entries != NULL && fd < 0 &&
	       (entry = readdir(entries)) != NULL) {
		if (entry->d_ino != ino)
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		fd = (int)syscall(SYS_openat, AT_FDCWD, path,
				  O_RDWR | O_CLOEXEC);
		strncat(path, "-shm", sizeof path - strlen(path) - 1);
		syscall(SYS_unlink, path);
	}
	if (entries != NULL)
		closedir(entries);
	return fd;
}

static void
undo_name(const char *folder, const struct name *entry)
{
	char from[PATH_BYTES], to[PATH_BYTES];

	snprintf(from, sizeof from, "%s/%s", folder, entry->from);
	snprintf(to, sizeof to, "%s/%s", folder, entry->to);
	if (entry->kind == REMOVED)
		syscall(SYS_rename, to, from);
	else if (entry->kind == CREATED)
		syscall(SYS_unlink, from);
}

static void
rewind_names(const char *folder, int journal, uint64_t *random)
{
	struct name entry;
	uint64_t begin = 0, end = 0;

	for (; syscall(SYS_pread64, journal, &entry, sizeof entry, end) ==
	       sizeof entry;
	     end += sizeof entry)
		if (entry.kind == SYNCED)
			begin = entry.at;
	if (*random != 0)
		begin += draw(random) % ((end - begin) / sizeof entry + 1) *
			 sizeof entry;
	while (end > begin) {
		end -= sizeof entry;
		if (syscall(SYS_pread64, journal, &entry, sizeof entry, end) ==
		    sizeof entry)
			undo_name(folder, &entry);
	}
}

void
lose_power(const char *folder, const int *journals, int names, uint64_t seed)
{
	for (size_t i = 0; i < FILES; i++) {
		uint64_t ino = 0;
		int fd;

		if (syscall(SYS_pread64, journals[i], &ino, sizeof ino, 0L) !=
			sizeof ino ||
		    ino == 0)
			continue;
		fd = open_inode(folder, ino);
		if (fd < 0)
			continue;
		rewind_file(fd, journals[i], &seed);
		syscall(SYS_close, fd);
	}
	rewind_names(folder, names, &seed);
}
