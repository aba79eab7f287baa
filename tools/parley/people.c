/* SPDX-License-Identifier: MIT */
/* tools/parley/people.c - one question at a time, for up to 100 names. */
#include "tools/parley/people.h"

#include "proto/hash.h"
#include "proto/uuid.h"
#include "tools/client/text.h"
#include "tools/parley/rest.h"
#include "tools/parley/talk.h"

#include <errno.h>
#include <stdlib.h>

#define ASK_MAX    100  /* ids in one question: what the server takes */
#define PEOPLE_MAX 5000 /* whoever comes later stays unnamed */

struct person {
	char id[UUID_TEXT_BYTES];
	char *name; /* NULL: not known yet */
	bool is_asked;
	UT_hash_handle hh;
};

/* A question, in the hands of a thread. */
struct question {
	struct people *people;
	char path[sizeof "/api/users?ids=" + ASK_MAX * UUID_TEXT_BYTES];
	struct rest_answer answer;
	bool is_answered;
};

int
people_init(struct people *people, struct loop *loop,
	    const struct account *account, void (*on_named)(void *self),
	    void *self)
{
	*people = (struct people){ .account = account,
				   .on_named = on_named,
				   .self = self };
	people->workers = workers_new(loop, 1, 1);
	return people->workers != NULL ? 0 : -1;
}

void
people_fini(struct people *people)
{
	struct person *person, *next;

	workers_free(&people->workers);
	HASH_ITER (hh, people->known, person, next) {
		HASH_DEL(people->known, person);
		free(person->name);
		free(person);
	}
}

static struct person *
get_person(struct people *people, const char *id)
{
	struct person *person;

	HASH_FIND_STR(people->known, id, person);
	if (person != NULL || strlen(id) >= UUID_TEXT_BYTES ||
	    HASH_COUNT(people->known) >= PEOPLE_MAX)
		return person;
	person = calloc(1, sizeof *person);
	if (person == NULL)
		return NULL;
	strcpy(person->id, id);
	HASH_ADD_STR(people->known, id, person);
	if (person->hh.tbl == NULL) {
		free(person);
		return NULL;
	}
	return person;
}

static void
set_name(struct person *person, const char *name)
{
	struct buffer safe = { 0 };

	if (text_append_safe(&safe, slice_of(name), "") != 0 ||
	    buffer_append(&safe, "", 1) != 0) {
		buffer_fini(&safe);
		return;
	}
	free(person->name);
	person->name = (char *)safe.bytes;
}

void
people_learn(struct people *people, const char *id, const char *name)
{
	struct person *person = get_person(people, id);

	if (person != NULL && *name != '\0')
		set_name(person, name);
}

const char *
people_name(struct people *people, const char *id)
{
	const struct person *person = get_person(people, id);

	return person != NULL && person->name != NULL ? person->name : "?";
}

/* --- In the thread */

static void
ask(void *job)
{
	struct question *q = job;
	const struct account *account = q->people->account;
	char why[REST_WHY_BYTES];

	q->is_answered =
	    rest_try(account, "GET", q->path,
		     account->session_token != NULL ? account->session_token
						    : account->token,
		     NULL, &q->answer, why) == 0 &&
	    q->answer.status == 200;
}

/* --- In the loop */

/* Whom the server does not know has no account. */
static void
name_guests(struct people *people, bool is_answered)
{
	struct person *person, *next;

	HASH_ITER (hh, people->known, person, next) {
		if (person->is_asked && person->name == NULL && is_answered)
			set_name(person, "guest");
		person->is_asked = false;
	}
}

static void
on_answer(void *job)
{
	struct question *q = job;
	struct people *people = q->people;
	const json_t *user;
	size_t i;

	people->is_asking = false;
	json_array_foreach(json_object_get(q->answer.body, "users"), i, user)
	{
		people_learn(people, talk_text(user, "user_id"),
			     talk_text(user, "username"));
	}
	name_guests(people, q->is_answered);
	if (q->is_answered)
		people->on_named(people->self);
	rest_fini(&q->answer);
	free(q);
}

void
people_ask(struct people *people)
{
	struct person *person, *next;
	struct question *q;
	size_t n, asked = 0;

	if (people->is_asking)
		return;
	q = calloc(1, sizeof *q);
	if (q == NULL)
		return;
	q->people = people;
	n = (size_t)snprintf(q->path, sizeof q->path, "/api/users?ids=");
	HASH_ITER (hh, people->known, person, next) {
		if (person->name != NULL || asked == ASK_MAX)
			continue;
		n += (size_t)snprintf(q->path + n, sizeof q->path - n, "%s%s",
				      asked++ > 0 ? "," : "", person->id);
		person->is_asked = true;
	}
	people->is_asking =
	    asked > 0 && workers_add(people->workers, ask, on_answer, q);
	if (!people->is_asking)
		free(q);
}
