/* SPDX-License-Identifier: MIT */
/* proto/sandbox.c - what a process gives up besides files and calls, and which
 * files it keeps.
 *
 * What libraries read at their first use is read before: OpenSSL's settings,
 * where the system's rules for TLS stand, and the time zone, which strftime()
 * looks for whatever it prints.
 */
#include "proto/sandbox.h"

#include "proto/log.h"
#include "proto/sandbox_files.h"

#include <errno.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

/* What glibc reads to find the address of a name. */
static const char *const resolver_files[] = {
	"/etc/hosts",    "/etc/host.conf", "/etc/nsswitch.conf",
	"/etc/gai.conf", "/etc/services",  "/etc/resolv.conf",
};

static const char *const kinds[] = { "gateway", "router", "presence", "store",
				     "auth",    "tool",   "hooks" };

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* The runtime of a sanitizer looks for leaks from a process of its own, and
 * starts a program to name the lines. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED true
#elif defined(__has_feature)
#define IS_SANITIZED                                                           \
	(__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define IS_SANITIZED false
#endif

const char *
sandbox_obstacle(const struct sandbox *sandbox)
{
	if (sandbox->is_off)
		return "PARLEY_SANDBOX=off";
	return IS_SANITIZED ? "built with a sanitizer" : NULL;
}

bool
sandbox_needs(const struct sandbox *sandbox, enum sandbox_need need)
{
	const struct sandbox_row *row = sandbox->rows;

	while (row != NULL && row->need != 0 && row->need != need)
		row++;
	return row != NULL && row->need == need;
}

bool
sandbox_connects(const struct sandbox *sandbox)
{
	return sandbox->has_tcp || sandbox_needs(sandbox, SANDBOX_OUTSIDE);
}

/* --- Which files */

static int
allow_resolver(struct sandbox_files *files)
{
	for (size_t i = 0; i < LENGTH(resolver_files); i++)
		if (sandbox_files_allow(files, resolver_files[i],
					SANDBOX_READ) != 0)
			return -1;
	return 0;
}

/* Its own secret key, and everybody's public ones. */
static int
allow_keys(struct sandbox_files *files, const struct sandbox *sandbox)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s.key", sandbox->keys, sandbox->kind);
	if (sandbox_files_allow(files, path, SANDBOX_READ) != 0)
		return -1;
	for (size_t i = 0; i < LENGTH(kinds); i++) {
		snprintf(path, sizeof path, "%s/%s.pub", sandbox->keys,
			 kinds[i]);
		if (sandbox_files_allow(files, path, SANDBOX_READ) != 0)
			return -1;
	}
	return 0;
}

/* SQLite takes random bytes from the device, and would put the files that it
 * needs for a moment into a folder that we do not reach. */
static int
allow_database(struct sandbox_files *files, const char *folder)
{
	if (setenv("SQLITE_TMPDIR", folder, 1) != 0) {
		log_error("no_memory");
		return -1;
	}
	return sandbox_files_allow(files, "/dev/urandom", SANDBOX_READ) != 0
		   ? -1
		   : sandbox_files_allow(files, folder, SANDBOX_KEEP);
}

static bool
is_within(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 &&
	       (path[n] == '\0' || path[n] == '/' || n == 1);
}

/* Who replaces a file puts another in its place: so that this one is read too,
 * its folder is needed. Never that of the databases and secrets. */
static int
allow_file(struct sandbox_files *files, const struct sandbox *sandbox,
	   const char *path)
{
	char folder[PATH_MAX];
	char *slash;

	if (sandbox_files_allow(files, path, SANDBOX_READ) != 0)
		return -1;
	snprintf(folder, sizeof folder, "%s", path);
	slash = strrchr(folder, '/');
	if (slash == NULL)
		return 0;
	slash[slash == folder] = '\0';
	if (!is_within(sandbox->data, folder))
		return sandbox_files_allow(files, folder, SANDBOX_READ);
	log_info("file_alone", KT("file", path),
		 KT("hint", "in a folder of its own it can be replaced by "
			    "renaming"));
	return 0;
}

/* Such files are often links, and the one who renews them moves the links. */
static int
allow_linked_file(struct sandbox_files *files, const struct sandbox *sandbox,
		  const char *path)
{
	char *real = realpath(path, NULL);
	int rc = 0;

	if (real == NULL) /* who opens it will tell */
		return 0;
	if (strcmp(real, path) != 0)
		rc = allow_file(files, sandbox, real);
	free(real);
	return rc != 0 ? -1 : allow_file(files, sandbox, path);
}

static int
find_path(const struct sandbox_row *row, const struct sandbox *sandbox,
	  char into[PATH_MAX])
{
	const char *setting = *row->setting;
	const char *from = sandbox->started_in;
	int n;

	if (row->path != NULL)
		return row->path(setting, sandbox->data, into, PATH_MAX);
	if (*setting == '/' || from == NULL)
		n = snprintf(into, PATH_MAX, "%s", setting);
	else
		n = snprintf(into, PATH_MAX, "%s/%s", from, setting);
	if (n > 0 && n < PATH_MAX)
		return 0;
	log_error("path_too_long", KT("path", setting));
	return -1;
}

static int
allow_path(struct sandbox_files *files, const struct sandbox *sandbox,
	   const struct sandbox_row *row)
{
	char path[PATH_MAX];
	char *slash;

	if (*row->setting == NULL || **row->setting == '\0')
		return 0;
	if (find_path(row, sandbox, path) != 0)
		return -1;
	if (row->need == SANDBOX_FILE)
		return allow_linked_file(files, sandbox, path);
	slash = strrchr(path, '/');
	if (slash == NULL)
		return 0;
	slash[slash == path] = '\0';
	return allow_database(files, path);
}

/* libcurl takes random bytes from the device. */
static int
allow_outside(struct sandbox_files *files)
{
	if (sandbox_files_allow(files, "/dev/urandom", SANDBOX_READ) != 0)
		return -1;
	return allow_resolver(files);
}

static int
allow_row(struct sandbox_files *files, const struct sandbox *sandbox,
	  const struct sandbox_row *row)
{
	if (row->need == SANDBOX_DATA)
		return allow_database(files, sandbox->data);
	if (row->need == SANDBOX_OUTSIDE)
		return allow_outside(files);
	if (row->need != SANDBOX_CLIENTS)
		return allow_path(files, sandbox, row);
	if (sandbox_files_allow(files, sandbox->run, SANDBOX_WRITE) != 0 ||
	    sandbox_files_allow(files, "/dev/null", SANDBOX_READ) != 0)
		return -1;
	return allow_resolver(files);
}

static int
allow_all(struct sandbox_files *files, const struct sandbox *sandbox)
{
	const struct sandbox_row *row = sandbox->rows;

	if (sandbox_files_allow(files, sandbox->run, SANDBOX_BIND) != 0)
		return -1;
	if (sandbox->has_tcp && allow_resolver(files) != 0)
		return -1;
	if (sandbox->has_tcp && sandbox->keys != NULL &&
	    *sandbox->keys != '\0' && allow_keys(files, sandbox) != 0)
		return -1;
	for (; row != NULL && row->need != 0; row++)
		if (allow_row(files, sandbox, row) != 0)
			return -1;
	return 0;
}

/* --- The whole */

static int
close_process(void)
{
	const struct rlimit none = { 0, 0 };

	tzset();
	if (OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL) == 1 &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	    setrlimit(RLIMIT_CORE, &none) == 0)
		return 0;
	log_error("no_sandbox", KT("error", strerror(errno)),
		  KT("hint", "set PARLEY_SANDBOX=off"));
	return -1;
}

int
sandbox_close_files(const struct sandbox *sandbox)
{
	struct sandbox_files files;
	const bool listens = sandbox_needs(sandbox, SANDBOX_CLIENTS);
	const char *obstacle = sandbox_obstacle(sandbox);
	int rc = -1;

	if (obstacle != NULL) {
		log_warn("sandbox_off", KT("why", obstacle));
		return 0;
	}
	if (close_process() != 0)
		return -1;
	if (sandbox_files_init(&files, sandbox_connects(sandbox), listens) != 0)
		return -1;
	if (allow_all(&files, sandbox) == 0)
		rc = sandbox_files_close(&files);
	sandbox_files_fini(&files);
	return rc;
}
