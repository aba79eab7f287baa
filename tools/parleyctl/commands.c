/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/commands.c - the table of commands: what --help, completion
 * and the parser of the command line know of them.
 */
#include "tools/parleyctl/ctl.h"

/* clang-format off */
#define JSON_FLAG { "json", NULL, "a line of JSON for each, instead of a table" }
#define GENERATE_FLAG { "generate", NULL, "make a password and print it" }
#define LABEL_FLAG { "label", "TEXT", "what it is for, shown by 'tokens list'" }

static const struct flag_row lists[] = { JSON_FLAG, { 0 } };

static const struct flag_row creates_user[] = {
	{ "email", "ADDRESS", "the e-mail address" },
	GENERATE_FLAG,
	{ 0 },
};

static const struct flag_row sets_password[] = { GENERATE_FLAG, { 0 } };

static const struct flag_row mints[] = {
	{ "ttl", "TIME", "how long it is good for: 90s, 15m, 12h, 30d" },
	LABEL_FLAG,
	{ 0 },
};

static const struct flag_row creates_room[] = {
	{ "owner", "USER", "who is its first member" },
	{ "private", NULL, "for members alone; needs --owner" },
	{ "description", "TEXT", "what it is for" },
	{ 0 },
};

#define REASON_FLAG { "reason", "TEXT", "why, for people" }

static const struct flag_row reasons[] = { REASON_FLAG, { 0 } };

static const struct flag_row bans[] = {
	{ "for", "TIME", "how long: 90s, 15m, 12h, 30d; otherwise for ever" },
	REASON_FLAG,
	{ 0 },
};

static const struct flag_row lists_bans[] = {
	{ "mutes", NULL, "who may not speak; otherwise who may not come" },
	JSON_FLAG,
	{ 0 },
};

#define SECRET_FLAG { "secret-stdin", NULL, "a secret of your own, the first line of stdin" }

static const struct flag_row creates_hook[] = {
	{ "events", "LIST", "of messages, edits, members, with commas; otherwise messages" },
	SECRET_FLAG,
	JSON_FLAG,
	{ 0 },
};

static const struct flag_row shows_config[] = {
	{ "programs", "FOLDER", "where the daemons' programs are, if it is not near" },
	JSON_FLAG,
	{ 0 },
};

static const struct flag_row changes_hook[] = {
	{ "url", "URL", "another address" },
	{ "events", "LIST", "of messages, edits, members, with commas" },
	{ "new-secret", NULL, "make another secret and print it" },
	SECRET_FLAG,
	{ 0 },
};

static const struct flag_row resumes_hook[] = {
	{ "skip", NULL, "go on with what happens from now on" },
	{ 0 },
};

static const struct flag_row shows_stats[] = {
	{ "json", NULL, "one object of JSON" },
	{ 0 },
};

static const struct flag_row shows_top[] = {
	{ "interval", "SECONDS", "how long from one look to the next: 1, 0.5" },
	{ "count", "NUMBER", "prints so many looks, and ends" },
	{ "once", NULL, "the same as --count 1" },
	{ "sort", "COLUMN", "name, state, cpu, memory, in, out, queue, turn, restarts or up" },
	{ 0 },
};

static const struct flag_row restores[] = {
	{ "force", NULL, "replace what is there" },
	{ "keep-hooks", NULL, "pause no hook: it takes the place of the suite that it was" },
	{ 0 },
};

const struct command commands[] = {
	{ "users list", "[NAME]", 0, 1, "lists users, or one", lists, users_list },
	{ "users create", "NAME", 1, 1, "adds a user with a password", creates_user, users_create },
	{ "users disable", "NAME", 1, 1, "ends what a user has open, and keeps them out", NULL, users_disable },
	{ "users enable", "NAME", 1, 1, "lets a disabled user in again", NULL, users_enable },
	{ "users reset-password", "NAME", 1, 1, "sets a password and ends log-ins", sets_password, users_reset_password },
	{ "users sessions", "NAME", 1, 1, "lists what a user has open", lists, users_sessions },
	{ "users revoke", "NAME [SESSION]", 1, 2, "ends a session, or all of a user", NULL, users_revoke },
	{ "tokens mint", "NAME", 1, 1, "prints a JWT of a user, good for an hour", mints, tokens_mint },
	{ "tokens bot", "NAME", 1, 1, "prints a token of a bot, good for 10 years", mints, tokens_bot },
	{ "tokens list", NULL, 0, 0, "lists tokens that were made here", lists, tokens_list },
	{ "tokens revoke", "SESSION", 1, 1, "ends a token and its connections", NULL, tokens_revoke },
	{ "rooms list", NULL, 0, 0, "lists rooms of every kind", lists, rooms_list },
	{ "rooms create", "NAME", 1, 1, "makes a room and prints its id", creates_room, rooms_create },
	{ "rooms rename", "ROOM NAME", 2, 2, "gives a room another name", NULL, rooms_rename },
	{ "rooms archive", "ROOM", 1, 1, "makes a room read-only, and lists it no more", NULL, rooms_archive },
	{ "rooms unarchive", "ROOM", 1, 1, "the reverse", NULL, rooms_unarchive },
	{ "rooms members", "ROOM", 1, 1, "lists who is in a room", lists, rooms_members },
	{ "rooms bans", "ROOM", 1, 1, "lists who may not come, or not speak", lists_bans, rooms_bans },
	{ "rooms add", "ROOM USER", 2, 2, "makes a user a member", NULL, rooms_add },
	{ "rooms role", "ROOM USER ROLE", 3, 3, "member, moderator or owner", NULL, rooms_role },
	{ "rooms kick", "ROOM USER", 2, 2, "ends a membership", reasons, rooms_kick },
	{ "rooms ban", "ROOM USER", 2, 2, "ends a membership, and keeps the user out", bans, rooms_ban },
	{ "rooms unban", "ROOM USER", 2, 2, "lets a banned user come back", NULL, rooms_unban },
	{ "rooms mute", "ROOM USER", 2, 2, "lets a user say nothing", bans, rooms_mute },
	{ "rooms unmute", "ROOM USER", 2, 2, "the reverse", NULL, rooms_unmute },
	{ "hooks list", "[ROOM|HOOK]", 0, 1, "lists all hooks, those of a room, or one", lists, hooks_list },
	{ "hooks create", "ROOM URL", 2, 2, "makes a hook and prints its id and secret", creates_hook, hooks_create },
	{ "hooks change", "HOOK", 1, 1, "gives a hook another address or events", changes_hook, hooks_change },
	{ "hooks pause", "HOOK", 1, 1, "delivers nothing until it is resumed", NULL, hooks_pause },
	{ "hooks resume", "HOOK", 1, 1, "delivers what has waited, at once", resumes_hook, hooks_resume },
	{ "hooks remove", "HOOK", 1, 1, "ends a hook; what waits for it is lost", NULL, hooks_remove },
	{ "stats", "[DAEMON ...]", 0, 64, "shows what the daemons have counted, and who is away", shows_stats, stats_show },
	{ "top", NULL, 0, 0, "shows what the daemons do, while they do it", shows_top, top_show },
	{ "backup", "FILE", 1, 1, "writes both databases to a file, while all runs", NULL, backup_make },
	{ "restore", "FILE", 1, 1, "puts a backup into a data folder that is at rest", restores, backup_restore },
	{ "check", NULL, 0, 0, "looks whether the databases are whole and fit", lists, backup_check },
	{ "config", "[DAEMON]", 0, 1, "shows settings, and where each came from", shows_config, config_show },
	{ "completion", "bash|zsh|fish", 1, 1, "prints the completion of a shell", NULL, completion_print },
	{ 0 },
};
/* clang-format on */
