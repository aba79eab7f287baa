/* SPDX-License-Identifier: MIT */
/* tests/unit/store/index_test.c - what is said is found, by those who may. */
#include "tests/unit/store/fixture.h"

#include "store/index.h"
#include "store/query.h"

static struct index words;
static struct arena arena;

static void
open_index(void)
{
	if (index_open(&words, sqlite3_db_filename(store.db.handle, "main"),
		       &store.key) != 0)
		exit(1);
}

static void
catch_up(void)
{
	int rounds = 0;

	while (index_advance(&words) == INDEX_MORE && ++rounds < 50)
		;
	CHECK(rounds < 50);
}

/* How many messages are found; -1: refused. */
static int
find(unsigned user, unsigned room, const char *query)
{
	struct frame_search search = { .limit = 50 };

	search.user = id_of(user);
	if (room != 0)
		search.room = id_of(room);
	search.query = slice_of(query);
	answer = (struct frame){ 0 };
	index_search(&words, &search, &arena, &answer);
	return answer.kind == FRAME_found ? (int)answer.found.messages.n : -1;
}

static void
begin(void)
{
	set_up();
	make_room(1, 1, "general", 10);
	make_room(2, 2, "hidden", 10);
	join(1, 11);
	post(1, 10, 100, "The quick brown fox");
	post(2, 10, 101, "A quick secret");
	post(1, 11, 102, "Gar\xc3\xa7on, s'il vous pla\xc3\xaet");
	open_index();
	catch_up();
}

static void
end(void)
{
	index_close(&words);
	arena_fini(&arena);
	tear_down();
}

static void
words_are_found_in_ones_rooms(void)
{
	const struct frame_message *found;

	begin();
	CHECK_INT(find(10, 0, "quick"), 2);
	found = answer.found.messages.items;
	CHECK_INT(found[0].number, 2);
	CHECK_INT(find(11, 0, "quick"), 1);
	CHECK_INT(find(12, 0, "quick"), 0);
	CHECK_INT(find(10, 1, "quick"), 1);
	CHECK_INT(find(11, 2, "quick"), -1);
	CHECK(slice_is(answer.refused.code, "room_not_found"));
	CHECK_INT(find(12, 1, "quick"), -1);
	CHECK(slice_is(answer.refused.code, "not_a_member"));
	end();
}

static void
queries_are_harmless(void)
{
	static char many[1025];

	begin();
	CHECK_INT(find(10, 0, "garcon plait"), 1);
	CHECK_INT(find(10, 0, "qui"), 2);
	CHECK_INT(find(10, 0, "qui brown"), 0);
	CHECK_INT(find(10, 0, "\"quick brown\""), 1);
	CHECK_INT(find(10, 0, "\"quick bro\""), 0);
	CHECK_INT(find(10, 0, "\"brown quick\""), 0);
	CHECK_INT(find(10, 0, "quick !! ??"), 2);
	CHECK_INT(find(10, 0, "NOT OR AND NEAR(x"), 0);
	CHECK_INT(find(10, 0, "room:r1 quick"), 0);
	CHECK_INT(find(10, 0, "quick\"brown"), 1);
	CHECK_INT(find(10, 0, "\xe2\x80\xa6"), 0);
	CHECK_INT(find(10, 0, "\xe2\x80\xa6 quick"), 2);
	CHECK_INT(find(10, 0, "** \"\" ()"), -1);
	CHECK(slice_is(answer.refused.code, "invalid"));
	for (size_t i = 0; i < 1024; i++)
		many[i] = i % 2 == 0 ? 'q' : ' ';
	CHECK_INT(find(10, 0, many), 0);
	end();
}

static void
changes_are_followed(void)
{
	struct uuid id;

	begin();
	post(1, 10, 103, "before");
	id = answer.message.message;
	edit(10, id, "within");
	catch_up();
	CHECK_INT(find(10, 0, "before"), 0);
	CHECK_INT(find(10, 0, "within"), 1);
	edit(10, id, "after");
	catch_up();
	CHECK_INT(find(10, 0, "within"), 0);
	CHECK_INT(find(10, 0, "after"), 1);
	erase(10, id);
	CHECK_INT(find(10, 0, "after"), 0);
	catch_up();
	CHECK_INT(find(10, 0, "after"), 0);
	leave(1, 11);
	CHECK_INT(find(11, 0, "quick"), 0);
	end();
}

static void
sealed_rooms_are_not_indexed(void)
{
	begin();
	db_exec(&store.db, "UPDATE rooms SET kind = 4 WHERE name = 'hidden'");
	store_forget(&store);
	post(2, 10, 110, "ciphertext");
	catch_up();
	CHECK_INT(find(10, 0, "ciphertext"), 0);
	end();
}

static void
the_index_is_built_again(void)
{
	char path[128];
	FILE *file;

	begin();
	index_close(&words);
	snprintf(path, sizeof path, "%s/search.db", folder);
	unlink(path);
	open_index();
	catch_up();
	CHECK_INT(find(10, 0, "quick"), 2);
	index_close(&words);
	file = fopen(path, "w");
	for (int i = 0; i < 5000; i++)
		fputs("garbage ", file);
	fclose(file);
	open_index();
	catch_up();
	CHECK_INT(find(10, 0, "quick"), 2);
	end();
}

static void
another_database_has_another_index(void)
{
	char from[128], to[128];

	begin();
	index_close(&words);
	snprintf(from, sizeof from, "%s/search.db", folder);
	snprintf(to, sizeof to, "%s/kept.db", folder);
	CHECK_INT(rename(from, to), 0);
	store_close(&store);
	set_up();
	CHECK_INT(rename(to, from), 0);
	make_room(1, 1, "general", 10);
	post(1, 10, 100, "new words");
	open_index();
	catch_up();
	CHECK_INT(find(10, 0, "quick"), 0);
	CHECK_INT(find(10, 0, "words"), 1);
	end();
}

static void
many_messages_take_more_than_one_batch(void)
{
	begin();
	db_exec(&store.db, "BEGIN");
	for (unsigned i = 0; i < 2500; i++) {
		post(1, 10, 1000 + i, "many");
		arena_reset(&store.arena);
	}
	db_exec(&store.db, "COMMIT");
	CHECK_INT(index_advance(&words), INDEX_MORE);
	catch_up();
	CHECK_INT(find(10, 0, "many"), 50);
	CHECK_INT(((const struct frame_message *)answer.found.messages.items)[0]
		      .number,
		  2503);
	end();
}

static void
run_all(void)
{
	RUN(words_are_found_in_ones_rooms);
	RUN(queries_are_harmless);
	RUN(changes_are_followed);
	RUN(sealed_rooms_are_not_indexed);
	RUN(the_index_is_built_again);
	RUN(another_database_has_another_index);
	RUN(many_messages_take_more_than_one_batch);
}

int
main(void)
{
	return run_in_folder(run_all);
}
