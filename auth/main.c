/* SPDX-License-Identifier: MIT */
/* auth/main.c - knows who the users are and what their tokens are worth.
 *
 * Owns:   auth.db (users, sessions, failed tries, the keys and passwords of
 *         sealed rooms) and the secrets that sign JWTs; nobody else reads them.
 * Hears:  tokens, forms, passwords and join keys from gateways; what tools
 *         administer.
 * Tells:  who somebody is; which room a join key opens, and with which key it
 *         is read; to every gateway, which sessions are over.
 * Not:    what a user may do in a room, who is online.
 */
#include "auth/auth.h"

#include "auth/attempts.h"
#include "proto/disk.h"
#include "proto/restoring.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

#define SWEEP_MS 60000

/* So little in that time is no load: what it is answered from is read again. */
#define QUIET_MS  2000
#define QUIET_FEW 200

#define PATH_BYTES 4096

static struct auth auth;

static const struct option_row options[] = {
	{ .name = "jwt-secret",
	  .value = &auth.jwt_secret,
	  .help = "secrets of JWTs, separated by blanks: the first signs, all "
		  "verify (default: DATA/jwt.secret, made at the first start)",
	  .variable = "JWT_SECRET",
	  .secret = true },
	{ 0 },
};

static const struct sandbox_row needs[] = {
	{ .need = SANDBOX_DATA },
	{ 0 },
};

#define FIGURES struct auth_figures
static const struct metric_row metrics[] = {
#include "proto/metrics_rows.h"

#include "auth/metrics.def"
	{ 0 },
};

static void
on_peer(void *self, struct peer *peer, enum peer_news news)
{
	struct auth *a = self;

	if (news != PEER_DOWN)
		return;
	hashing_forget(a->hashing, peer);
	group_forget(a, peer);
}

static void
on_quiet(void *self)
{
	struct auth *a = self;

	database_give_back(a->db);
}

static void
turn(void *self)
{
	struct auth *a = self;

	group_turn(a);
}

/* --- From start to stop */

static void
on_sweep(void *self)
{
	struct auth *a = self;
	uint64_t now_ms = loop_unix_ms(a->loop);

	if (database_begin(a->db, true)) {
		sessions_sweep(a->db, now_ms);
		attempts_sweep(a->db, now_ms);
		database_commit(a->db);
	}
	if (loop_timer_set(a->loop, &a->sweep, SWEEP_MS) != 0)
		log_warn("no_sweep", KT("error", strerror(errno)));
}

static void
wipe_environment(void)
{
	char *value = getenv("JWT_SECRET");

	if (value != NULL)
		OPENSSL_cleanse(value, strlen(value));
	unsetenv("JWT_SECRET");
}

/* What is set wins over the file. */
static int
open_secrets(struct auth *a, const char *folder)
{
	char path[PATH_BYTES];
	const char *wrong;

	wipe_environment();
	if (a->jwt_secret == NULL || *a->jwt_secret == '\0') {
		snprintf(path, sizeof path, "%s/jwt.secret", folder);
		a->secrets = secrets_open(path);
		return a->secrets == NULL ? -1 : 0;
	}
	a->secrets = secrets_parse(slice_of(a->jwt_secret), &wrong);
	OPENSSL_cleanse((char *)a->jwt_secret, strlen(a->jwt_secret));
	a->jwt_secret = NULL;
	if (a->secrets == NULL) {
		log_error("no_secret", KT("variable", "JWT_SECRET"),
			  KT("error", wrong),
			  KT("hint", "set at least 32 random bytes"));
		return -1;
	}
	if (secrets_shortest(a->secrets) < SECRET_BYTES_GOOD)
		log_warn("short_secret",
			 KN("bytes", secrets_shortest(a->secrets)),
			 KN("wanted", SECRET_BYTES_GOOD));
	return 0;
}

static void
stop(void *self)
{
	struct auth *a = self;

	loop_timer_clear(a->loop, &a->sweep);
	quiet_stop(&a->quiet);
	hashing_free(&a->hashing);
	group_turn(a);
	room_keys_free(&a->room_keys);
	database_close(&a->db);
	secrets_free(&a->secrets);
}

static int
start(void *self, struct runtime *runtime)
{
	struct auth *a = self;
	char path[PATH_BYTES];
	int rc = -1;

	a->loop = runtime->loop;
	a->bus = runtime->bus;
	a->sweep.on_due = on_sweep;
	a->sweep.self = a;
	a->quiet = (struct quiet){ .loop = runtime->loop,
				   .on_quiet = on_quiet,
				   .self = a,
				   .after_ms = QUIET_MS,
				   .few = QUIET_FEW };
	if (!restoring_is_over(runtime->data))
		return -1;
	/* No core file and no debugger shall see the secrets. */
	if (prctl(PR_SET_DUMPABLE, 0) != 0)
		log_warn("still_dumpable", KT("error", strerror(errno)));
	snprintf(path, sizeof path, "%s/auth.db", runtime->data);
	/* Without this, OpenSSL trips over itself later. */
	if (OSSL_LIB_CTX_get0_global_default() == NULL)
		log_error("no_memory", KT("for", "OpenSSL"));
	else if (open_secrets(a, runtime->data) == 0)
		a->db = database_open(path);
	if (a->db != NULL)
		a->room_keys = room_keys_open(a->db);
	if (a->room_keys == NULL) {
		rc = disk_judge(path);
		goto failed;
	}
	a->hashing = hashing_new(runtime->loop);
	if (a->hashing == NULL ||
	    loop_timer_set(runtime->loop, &a->sweep, SWEEP_MS) != 0) {
		log_error("no_workers", KT("error", strerror(errno)));
		goto failed;
	}
	return 0;
failed:
	stop(a);
	return rc;
}

static bool
drain(void *self)
{
	struct auth *a = self;

	return hashing_busy(a->hashing) == 0;
}

static const struct route routes[] = {
	{ on_verify, FRAME_verify },
	{ on_sign_up, FRAME_sign_up },
	{ on_login, FRAME_login },
	{ on_refresh, FRAME_refresh },
	{ on_logout, FRAME_logout },
	{ on_find_users, FRAME_find_users },
	{ on_seal, FRAME_seal },
	{ on_unseal, FRAME_unseal },
	{ on_check_sessions, FRAME_check_sessions },
	{ on_get_accounts, FRAME_get_accounts },
	{ on_set_disabled, FRAME_set_disabled },
	{ on_set_password, FRAME_set_password },
	{ on_get_sessions, FRAME_get_sessions },
	{ on_end_sessions, FRAME_end_sessions },
	{ on_mint, FRAME_mint },
	{ 0 },
};

int
main(int argc, char **argv)
{
	static const struct daemon d = {
		.name = "auth",
		.summary = "knows who the users are and what their tokens are "
			   "worth",
		.party = AUTH,
		.binds = true,
		.options = options,
		.routes = routes,
		.metrics = { metrics, &auth.count },
		.needs = needs,
		.self = &auth,
		.start = start,
		.stop = stop,
		.turn = turn,
		.on_peer = on_peer,
		.drain = drain,
	};

	return daemon_main(&d, argc, argv);
}
