/* SPDX-License-Identifier: MIT */
/* store/group.c - see group.h. */
#include "store/group.h"

#include "proto/clock.h"
#include "proto/log.h"

#include <stdlib.h>

/* A group that is larger is committed before the turn ends. */
#define GROUP_WRITES 500
#define GROUP_BYTES  (4 * 1024 * 1024)

struct group_write {
	struct peer *to; /* NULL: gone */
	uint64_t id;
	uint64_t trace;
	struct frame answer;
};

struct group_read {
	struct peer *to; /* NULL: gone */
	const struct frame *request;
	store_act *act;
};

static void
give(struct group *group, struct peer *to, uint64_t id, struct frame *answer)
{
	if (answer->kind == FRAME_refused)
		group->figures.refused[error_find(answer->refused.code)]++;
	if (to != NULL)
		group->give(group->self, to, id, answer);
}

static void
give_unavailable(struct group *group, struct peer *to, uint64_t id)
{
	struct frame answer;

	refuse(&answer, ERROR_unavailable, "the database cannot be used now");
	give(group, to, id, &answer);
}

/* Whether one more fits; doubles the array if need be. */
static bool
grow(void **array, size_t n, size_t *room, size_t size)
{
	size_t more = *room == 0 ? 64 : *room * 2;
	void *grown;

	if (n < *room)
		return true;
	grown = reallocarray(*array, more, size);
	if (grown == NULL)
		return false;
	*array = grown;
	*room = more;
	return true;
}

static void
end_group(struct group *group)
{
	group->open = false;
	group->writes_n = 0;
	group->bytes = 0;
	arena_reset(&group->store->arena);
}

/* Undoes the group: as if none of its requests had come. Told once a cause. */
static void
fail_group(struct group *group)
{
	struct db *db = &group->store->db;
	int cause = db->trouble;

	if (cause != group->cause)
		log_error("writes_fail", KT("cause", sqlite3_errstr(cause)),
			  KN("code", cause));
	group->cause = cause;
	group->figures.failed++;
	db->trouble = 0;
	if (sqlite3_get_autocommit(db->handle) == 0)
		db_exec(db, "ROLLBACK");
	db->trouble = 0;
	store_forget(group->store);
	for (size_t i = 0; i < group->writes_n; i++) {
		uint64_t before = log_conn(group->writes[i].trace);

		give_unavailable(group, group->writes[i].to,
				 group->writes[i].id);
		log_conn(before);
	}
	end_group(group);
}

static bool
begin(struct group *group)
{
	struct db *db = &group->store->db;

	db->trouble = 0;
	if (!db_run(db, SQL_begin, ""))
		return false;
	group->open = true;
	store_recheck(group->store);
	return db->trouble == 0;
}

static void
tell_recovered(struct group *group)
{
	if (group->cause != 0)
		log_info("writes_work_again");
	group->cause = 0;
}

static bool
commit(struct group *group)
{
	struct store_figures *figures = &group->figures;
	uint64_t since = clock_us();

	if (!db_run(&group->store->db, SQL_commit, "")) {
		fail_group(group);
		return false;
	}
	figures->commits++;
	times_add(&figures->commit_time, clock_us() - since);
	sizes_add(&figures->group_sizes, group->writes_n);
	figures->writes += group->writes_n;
	tell_recovered(group);
	for (size_t i = 0; i < group->writes_n; i++) {
		struct group_write *write = &group->writes[i];

		figures->posts += write->answer.kind == FRAME_message &&
				  !write->answer.message.duplicate;
		write->answer.trace = write->trace;
		give(group, write->to, write->id, &write->answer);
	}
	end_group(group);
	return true;
}

static size_t
bytes_of(const struct frame *request)
{
	switch (request->kind) {
	case FRAME_post:
		return request->post.text.n;
	case FRAME_edit:
		return 2 * request->edit.text.n;
	default:
		return 0;
	}
}

void
group_write(struct group *group, struct peer *from, const struct frame *request,
	    store_act *act)
{
	struct db *db = &group->store->db;
	struct group_write *write;

	if (!grow((void **)&group->writes, group->writes_n, &group->writes_room,
		  sizeof *group->writes)) {
		give_unavailable(group, from, request->id);
		return;
	}
	write = &group->writes[group->writes_n++];
	*write = (struct group_write){ .to = from,
				       .id = request->id,
				       .trace = request->trace };
	if (group->open || begin(group))
		act(group->store, request, &write->answer);
	if (db->trouble != 0) {
		fail_group(group);
		return;
	}
	group->bytes += bytes_of(request);
	if (group->writes_n >= GROUP_WRITES || group->bytes >= GROUP_BYTES)
		commit(group);
}

void
group_read(struct group *group, struct peer *from, const struct frame *request,
	   store_act *act)
{
	if (!grow((void **)&group->reads, group->reads_n, &group->reads_room,
		  sizeof *group->reads)) {
		give_unavailable(group, from, request->id);
		return;
	}
	group->reads[group->reads_n++] =
	    (struct group_read){ from, request, act };
}

static void
carry_out(struct group *group, const struct group_read *read)
{
	struct store *store = group->store;
	struct frame answer = { 0 };
	uint64_t before;

	if (read->to == NULL)
		return;
	before = log_conn(read->request->trace);
	group->figures.reads++;
	read->act(store, read->request, &answer);
	if (store->db.trouble != 0) {
		log_warn("read_failed",
			 KT("frame", frame_name(read->request->kind)),
			 KT("cause", sqlite3_errstr(store->db.trouble)));
		store->db.trouble = 0;
		give_unavailable(group, read->to, read->request->id);
	} else {
		give(group, read->to, read->request->id, &answer);
	}
	log_conn(before);
	arena_reset(&store->arena);
}

bool
group_turn(struct group *group)
{
	uint64_t before = group->told;

	if (group->open)
		commit(group);
	if (group->reads_n > 0)
		store_recheck(group->store);
	for (size_t i = 0; i < group->reads_n; i++)
		carry_out(group, &group->reads[i]);
	group->reads_n = 0;
	store_trim(group->store);
	group->told = group->figures.writes;
	return group->told != before;
}

void
group_forget(struct group *group, const struct peer *peer)
{
	for (size_t i = 0; i < group->writes_n; i++)
		if (group->writes[i].to == peer)
			group->writes[i].to = NULL;
	for (size_t i = 0; i < group->reads_n; i++)
		if (group->reads[i].to == peer)
			group->reads[i].to = NULL;
}

void
group_fini(struct group *group)
{
	free(group->writes);
	free(group->reads);
	group->writes = NULL;
	group->reads = NULL;
}
