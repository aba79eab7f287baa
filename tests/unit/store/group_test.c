/* SPDX-License-Identifier: MIT */
/* tests/unit/store/group_test.c - nothing is answered before it is on disk, and
 * a full disk is survived. */
#include "tests/unit/store/fixture.h"

#include "store/schema.h"

static struct group group;
static unsigned given, refused;
static uint64_t last_seq;

static void
count(void *self, struct peer *to, uint64_t id, struct frame *frame)
{
	(void)self;
	(void)to;
	(void)id;
	given++;
	refused += frame->kind == FRAME_refused;
	if (frame->kind == FRAME_message)
		last_seq = frame->message.seq;
}

static struct peer *
somebody(void)
{
	static char place;

	return (struct peer *)&place;
}

static void
begin_group(void)
{
	set_up();
	make_room(1, 1, "general", 10);
	group = (struct group){ .store = &store, .give = count };
	given = refused = 0;
	last_seq = 0;
}

static void
end_group(void)
{
	group_fini(&group);
	tear_down();
}

static void
answers_wait_for_the_commit(void)
{
	struct frame one = post_frame(1, 10, 100, "one");
	struct frame bad = post_frame(7, 10, 101, "nowhere");
	struct frame ask = { .kind = FRAME_get_history };

	begin_group();
	ask.get_history.room = id_of(1);
	ask.get_history.limit = 5;
	group_write(&group, somebody(), &one, messages_post);
	group_write(&group, somebody(), &bad, messages_post);
	group_read(&group, somebody(), &ask, messages_get_history);
	CHECK_INT(given, 0);
	CHECK(group_turn(&group));
	CHECK_INT(given, 3);
	CHECK_INT(refused, 1);
	CHECK_INT(group.figures.posts, 1);
	CHECK(!group_turn(&group));
	end_group();
}

static void
a_large_group_is_committed_in_parts(void)
{
	static struct frame posts[700];

	begin_group();
	for (unsigned i = 0; i < 700; i++) {
		posts[i] = post_frame(1, 10, 1000 + i, "text");
		group_write(&group, somebody(), &posts[i], messages_post);
	}
	CHECK_INT(given, 500);
	group_turn(&group);
	CHECK_INT(given, 700);
	CHECK_INT(last_seq, 700);
	CHECK_INT(group.figures.commits, 2);
	end_group();
}

static void
nobody_waits_for_a_peer_that_is_gone(void)
{
	struct frame one = post_frame(1, 10, 100, "one");

	begin_group();
	group_write(&group, somebody(), &one, messages_post);
	group_forget(&group, somebody());
	CHECK(group_turn(&group));
	CHECK_INT(given, 0);
	CHECK_STR(post(1, 10, 100, "one"), "");
	CHECK(answer.message.duplicate);
	end_group();
}

static int
cached_bytes(void)
{
	int now = 0, most = 0;

	sqlite3_db_status(store.db.handle, SQLITE_DBSTATUS_CACHE_USED, &now,
			  &most, 0);
	return now;
}

static void
what_is_given_back_is_read_again(void)
{
	struct frame more = post_frame(1, 10, 900, "more");
	struct frame known = post_frame(1, 10, 800, "text");
	int before;

	begin_group();
	for (unsigned i = 0; i < 100; i++) {
		struct frame one = post_frame(1, 10, 800 + i, "text");

		group_write(&group, somebody(), &one, messages_post);
	}
	group_turn(&group);
	before = cached_bytes();
	store_give_back(&store);
	CHECK(cached_bytes() < before / 4);
	group_write(&group, somebody(), &more, messages_post);
	group_write(&group, somebody(), &known, messages_post);
	group_turn(&group);
	CHECK_INT(given, 102);
	CHECK_INT(refused, 0);
	CHECK_INT(store.duplicates, 1);
	CHECK_INT(group.figures.posts, 101);
	end_group();
}

static void
limit_pages(int64_t pages)
{
	char sql[64];

	snprintf(sql, sizeof sql, "PRAGMA max_page_count = %lld",
		 (long long)pages);
	db_exec(&store.db, sql);
}

static void
a_full_disk_refuses_and_recovers(void)
{
	static struct frame posts[40];
	static char text[20001];
	uint64_t before;

	begin_group();
	memset(text, 'x', 20000);
	posts[0] = post_frame(1, 10, 1000, "fits");
	group_write(&group, somebody(), &posts[0], messages_post);
	group_turn(&group);
	limit_pages(1);
	for (unsigned i = 1; i < 40; i++) {
		posts[i] = post_frame(1, 10, 1000 + i, text);
		group_write(&group, somebody(), &posts[i], messages_post);
	}
	group_turn(&group);
	CHECK_INT(given, 40);
	CHECK(refused > 0);
	CHECK(group.figures.failed > 0);
	before = last_seq;
	history(1, 0, false, 0, 5);
	CHECK_INT(answer.history.head, before);
	limit_pages(1000000);
	for (unsigned i = 1; i < 40; i++)
		group_write(&group, somebody(), &posts[i], messages_post);
	group_turn(&group);
	history(1, 0, false, 0, 5);
	CHECK_INT(answer.history.head, 40);
	CHECK_INT(group.cause, 0);
	end_group();
}

static void
another_writer_is_noticed(void)
{
	struct frame one = post_frame(1, 10, 100, "one");
	struct frame two = post_frame(1, 10, 102, "two");
	char path[128];
	sqlite3 *other;

	begin_group();
	group_write(&group, somebody(), &one, messages_post);
	group_turn(&group);
	snprintf(path, sizeof path, "%s/chat.db", folder);
	CHECK_INT(sqlite3_open(path, &other), SQLITE_OK);
	CHECK_INT(sqlite3_exec(other,
			       "INSERT INTO messages SELECT room_no, 2, 2,"
			       " user_no, name_no, x'00', text, at_ms, 0, 0, 0"
			       " FROM messages",
			       NULL, NULL, NULL),
		  SQLITE_OK);
	sqlite3_close(other);
	group_write(&group, somebody(), &two, messages_post);
	group_turn(&group);
	CHECK_INT(last_seq, 3);
	end_group();
}

/* The steps there are, and one that is yet to come. */
static size_t
with_one_more(const char *steps[16], const char *last)
{
	for (size_t i = 0; i < schema_steps_n; i++)
		steps[i] = schema_steps[i];
	steps[schema_steps_n] = last;
	return schema_steps_n + 1;
}

static void
an_older_database_is_brought_up(void)
{
	const char *steps[16];
	size_t n =
	    with_one_more(steps, "ALTER TABLE users ADD COLUMN colour TEXT");

	set_up();
	make_room(1, 1, "general", 10);
	CHECK_INT(schema_migrate(&store.db, steps, n), 0);
	CHECK(db_exec(&store.db, "UPDATE users SET colour = 'red'"));
	tear_down();
}

/* The first column of the index by which known posts are found. */
static bool
knows_posts_by(const char *column)
{
	sqlite3_stmt *q = NULL;
	bool same = false;

	CHECK_INT(sqlite3_prepare_v2(
		      store.db.handle,
		      "SELECT name FROM pragma_index_info('messages_nonce')",
		      -1, &q, NULL),
		  SQLITE_OK);
	if (sqlite3_step(q) == SQLITE_ROW)
		same = strcmp((const char *)sqlite3_column_text(q, 0),
			      column) == 0;
	sqlite3_finalize(q);
	return same;
}

static void
a_known_post_is_found_after_its_index_changed(void)
{
	set_up();
	make_room(1, 1, "general", 10);
	join(1, 11);
	post(1, 10, 100, "one");
	CHECK(db_exec(&store.db, "DROP INDEX messages_nonce;"
				 "CREATE UNIQUE INDEX messages_nonce"
				 " ON messages (user_no, nonce)"));
	CHECK(knows_posts_by("user_no"));
	store_close(&store);
	open_store();
	CHECK(knows_posts_by("nonce"));
	CHECK_STR(post(1, 10, 100, "one"), "");
	CHECK(answer.message.duplicate);
	CHECK(sqlite3_get_autocommit(store.db.handle) != 0);
	/* Another author's is another one. */
	CHECK_STR(post(1, 11, 100, "one"), "");
	CHECK(!answer.message.duplicate);
	tear_down();
}

static void
the_index_of_very_many_posts_is_left_as_it_is(void)
{
	set_up();
	make_room(1, 1, "general", 10);
	post(1, 10, 100, "one");
	CHECK(db_exec(&store.db, "DROP INDEX messages_nonce;"
				 "CREATE UNIQUE INDEX messages_nonce"
				 " ON messages (user_no, nonce);"
				 "UPDATE messages SET number = 1000001"));
	store_close(&store);
	open_store();
	CHECK(knows_posts_by("user_no"));
	CHECK_STR(post(1, 10, 100, "one"), "");
	CHECK(answer.message.duplicate);
	tear_down();
}

static void
a_step_that_fails_leaves_the_one_before(void)
{
	const char *steps[16];
	size_t n = with_one_more(steps, "CREATE TABLE t (a); SELECT nonsense");

	set_up();
	CHECK_INT(schema_migrate(&store.db, steps, n), -1);
	store.db.trouble = 0;
	CHECK_INT(schema_migrate(&store.db, steps, n - 1), 0);
	CHECK(!db_exec(&store.db, "SELECT * FROM t"));
	store.db.trouble = 0;
	tear_down();
}

static void
a_newer_database_is_left_alone(void)
{
	struct store second;

	set_up();
	db_exec(&store.db, "PRAGMA user_version = 99");
	CHECK_INT(store_open(&second, "sqlite:chat.db", folder), -1);
	CHECK_INT(store_open(&second, "postgresql://x/y", folder), -1);
	CHECK_INT(store_open(&second, "mysql:x", folder), -1);
	tear_down();
}

static void
run_all(void)
{
	RUN(answers_wait_for_the_commit);
	RUN(a_large_group_is_committed_in_parts);
	RUN(what_is_given_back_is_read_again);
	RUN(nobody_waits_for_a_peer_that_is_gone);
	RUN(a_full_disk_refuses_and_recovers);
	RUN(another_writer_is_noticed);
	RUN(an_older_database_is_brought_up);
	RUN(a_known_post_is_found_after_its_index_changed);
	RUN(the_index_of_very_many_posts_is_left_as_it_is);
	RUN(a_step_that_fails_leaves_the_one_before);
	RUN(a_newer_database_is_left_alone);
}

int
main(void)
{
	return run_in_folder(run_all);
}
