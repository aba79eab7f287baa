/* SPDX-License-Identifier: MIT */
/* auth/find_users.c - tells who somebody is by id, by number or by name.
 */
#include "auth/auth.h"

#define USERS_MAX 100

static void
add_person(struct arena *arena, const struct user *user,
	   struct frame_person *people, size_t *n)
{
	const char *name = arena_copy(arena, user->name, strlen(user->name));

	if (name == NULL)
		return;
	people[*n].user = user->id;
	people[*n].user_number = user->number;
	people[*n].user_name = slice_of(name);
	++*n;
}

static size_t
find_people(struct auth *a, const struct frame_find_users *asked,
	    struct frame_person *people)
{
	struct arena *arena = bus_arena(a->bus);
	struct user user;
	size_t n = 0;

	for (size_t i = 0; i < asked->users.n && i < USERS_MAX; i++)
		if (users_find_id(a->db, &asked->users.at[i], &user))
			add_person(arena, &user, people, &n);
	if (asked->users.n > 0)
		return n;
	if (asked->user_number > 0
		? users_find_number(a->db, asked->user_number, &user)
		: users_find_name(a->db, asked->user_name, &user))
		add_person(arena, &user, people, &n);
	return n;
}

void
on_find_users(void *self, struct peer *from, const struct frame *frame)
{
	struct auth *a = self;
	struct frame_person *people =
	    arena_array(bus_arena(a->bus), USERS_MAX, sizeof *people);
	struct frame answer = { .kind = FRAME_users };

	quiet_stir(&a->quiet);
	if (people == NULL || !database_begin(a->db, false)) {
		refuse_unavailable(from, frame->id);
		return;
	}
	answer.users.users.items = people;
	answer.users.users.n = find_people(a, &frame->find_users, people);
	if (!database_commit(a->db)) {
		refuse_unavailable(from, frame->id);
		return;
	}
	bus_answer(from, frame->id, &answer);
}
