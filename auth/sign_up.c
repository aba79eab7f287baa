/* SPDX-License-Identifier: MIT */
/* auth/sign_up.c - a filled-in form in, an account out.
 *
 * What is taken is looked up before the hash, to save it, and again in the
 * transaction that adds the account.
 */
#include "auth/auth.h"

#include "auth/form.h"
#include "proto/arena.h"

#include <stddef.h>
#include <stdlib.h>

struct sign_up {
	struct hash_job job; /* first */
	struct auth *auth;
	struct arena arena;        /* of the form's texts */
	struct frame_sign_up form; /* without the password */

	struct group_job group;
	enum finding { /* what is already there */
		       FREE,
		       SAME,
		       TAKEN_USER,
		       TAKEN_NAME,
		       TAKEN_EMAIL,
	} finding;
	struct user user;
	bool is_added;
};

/* --- Answers */

static void
answer_signed_up(struct peer *to, uint64_t id, const struct user *user)
{
	struct frame answer = {
		.kind = FRAME_signed_up,
		.signed_up = {
			.user = user->id,
			.user_number = user->number,
			.user_name = slice_of(user->name),
		},
	};

	if (to != NULL)
		bus_answer(to, id, &answer);
}

/* Answers for every finding but FREE. */
static void
answer_finding(struct peer *to, uint64_t id, enum finding finding,
	       const struct user *user)
{
	static const struct {
		const char *field;
		const char *text;
	} refusals[] = {
		[TAKEN_USER] = { "user_id", "this id is somebody else's" },
		[TAKEN_NAME] = { "username", "this username is taken" },
		[TAKEN_EMAIL] = { "email", "this e-mail address is taken" },
	};

	if (finding == SAME)
		answer_signed_up(to, id, user);
	else
		refuse(to, id, ERROR_taken, refusals[finding].field,
		       refusals[finding].text, 0);
}

/* --- What is free */

/* Whether the account of this id is the one that the form asks for. */
static bool
is_same(const struct frame_sign_up *form, const struct user *user)
{
	char wanted[NAME_KEY_BYTES], has[NAME_KEY_BYTES];

	if (form->username.n > 0)
		return name_key(form->username, wanted) &&
		       name_key(slice_of(user->name), has) &&
		       strcmp(wanted, has) == 0;
	return users_email_key(form->email, wanted) &&
	       strcmp(wanted, user->email_key) == 0;
}

static enum finding
look_up(struct database *db, const struct frame_sign_up *form,
	struct user *user)
{
	if (users_find_id(db, &form->user, user))
		return is_same(form, user) ? SAME : TAKEN_USER;
	if (form->username.n > 0 && users_find_name(db, form->username, user))
		return TAKEN_NAME;
	if (form->email.n > 0 && users_find_email(db, form->email, user))
		return TAKEN_EMAIL;
	return FREE;
}

/* --- After the hash */

static bool
add_account(const struct sign_up *sign_up, uint64_t now_ms, struct user *user)
{
	struct database *db = sign_up->auth->db;
	const struct frame_sign_up *form = &sign_up->form;
	char name[NAME_MAX_BYTES + 1];
	const struct new_user fresh = {
		.id = form->user,
		.name = form->username.n > 0 ? form->username
					     : (struct slice){ name, 0 },
		.email = form->email,
		.password = slice_of(sign_up->job.hash),
		.full_name = form->full_name,
		.age = form->age,
		.date_of_birth = form->date_of_birth,
		.gender = form->gender,
		.phone_number = form->phone_number,
	};
	struct new_user named = fresh;

	if (form->username.n == 0) {
		if (!users_make_name(db, form_email_local(form->email), name))
			return false;
		named.name = slice_of(name);
	}
	return users_add(db, &named, now_ms, user);
}

static void
free_sign_up(struct sign_up *sign_up)
{
	arena_fini(&sign_up->arena);
	free(sign_up);
}

static struct sign_up *
sign_up_of(struct group_job *job)
{
	return (struct sign_up *)((char *)job -
				  offsetof(struct sign_up, group));
}

static enum group_result
act(struct auth *auth, struct group_job *job, bool may_write)
{
	struct sign_up *sign_up = sign_up_of(job);

	sign_up->finding = look_up(auth->db, &sign_up->form, &sign_up->user);
	if (sign_up->finding != FREE)
		return GROUP_DONE;
	if (!may_write)
		return GROUP_MUST_WRITE;
	sign_up->is_added =
	    add_account(sign_up, loop_unix_ms(auth->loop), &sign_up->user);
	return sign_up->is_added ? GROUP_DONE : GROUP_UNDO;
}

static void
tell(struct auth *auth, struct group_job *job, bool kept)
{
	struct sign_up *sign_up = sign_up_of(job);
	const struct user *user = &sign_up->user;

	if (kept && sign_up->finding != FREE) {
		answer_finding(job->from, job->id, sign_up->finding, user);
	} else if (!kept || !sign_up->is_added) {
		refuse_unavailable(job->from, job->id);
	} else {
		auth->count.sign_ups++;
		if (sign_up->form.by.n > 0)
			log_deed("user_created", user->name, sign_up->form.by,
				 job->from);
		answer_signed_up(job->from, job->id, user);
	}
	free_sign_up(sign_up);
}

static void
on_hashed(struct hash_job *job)
{
	struct sign_up *sign_up = (struct sign_up *)job;
	struct auth *auth = sign_up->auth;

	auth->count.hashing = hashing_busy(auth->hashing);
	if (job->result != PASSWORD_RIGHT) {
		refuse_unavailable(job->from, job->id);
		free_sign_up(sign_up);
		return;
	}
	group_add(auth, &sign_up->group, act, tell, job->from, job->id);
}

/* --- Before the hash */

static bool
copy_slice(struct arena *arena, struct slice *text)
{
	if (text->n > 0)
		text->at = arena_copy(arena, text->at, text->n);
	return text->n == 0 || text->at != NULL;
}

/* NULL if there is no memory. */
static struct sign_up *
copy_request(struct auth *auth, struct peer *from, const struct frame *frame)
{
	struct sign_up *sign_up = calloc(1, sizeof *sign_up);
	struct frame_sign_up *form;
	struct arena *arena;

	if (sign_up == NULL)
		return NULL;
	sign_up->auth = auth;
	sign_up->job.done = on_hashed;
	sign_up->job.from = from;
	sign_up->job.id = frame->id;
	sign_up->form = frame->sign_up;
	form = &sign_up->form;
	form->password = (struct slice){ NULL, 0 };
	arena = &sign_up->arena;
	if (copy_slice(arena, &form->username) &&
	    copy_slice(arena, &form->email) &&
	    copy_slice(arena, &form->full_name) &&
	    copy_slice(arena, &form->date_of_birth) &&
	    copy_slice(arena, &form->gender) &&
	    copy_slice(arena, &form->phone_number) &&
	    copy_slice(arena, &form->by))
		return sign_up;
	free_sign_up(sign_up);
	return NULL;
}

static void
start(struct auth *auth, struct peer *from, const struct frame *frame)
{
	struct sign_up *sign_up = copy_request(auth, from, frame);

	if (sign_up == NULL) {
		refuse_unavailable(from, frame->id);
		return;
	}
	if (hashing_add(auth->hashing, &sign_up->job,
			frame->sign_up.password)) {
		auth->count.hashing = hashing_busy(auth->hashing);
		return;
	}
	free_sign_up(sign_up);
	refuse_busy(auth, from, frame->id);
}

void
on_sign_up(void *self, struct peer *from, const struct frame *frame)
{
	struct auth *auth = self;
	const char *field = NULL;
	const char *wrong = form_check(&frame->sign_up, &field);
	enum finding finding = FREE;
	struct user user;

	if (wrong != NULL) {
		refuse(from, frame->id, ERROR_invalid, field, wrong, 0);
		return;
	}
	if (database_begin(auth->db, false)) {
		finding = look_up(auth->db, &frame->sign_up, &user);
		database_rollback(auth->db);
	}
	if (database_has_failed(auth->db))
		refuse_unavailable(from, frame->id);
	else if (finding != FREE)
		answer_finding(from, frame->id, finding, &user);
	else
		start(auth, from, frame);
}
