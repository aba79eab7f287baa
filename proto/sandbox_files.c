/* SPDX-License-Identifier: MIT */
/* proto/sandbox_files.c - system calls, since libc has no words for landlock.
 *
 * A kernel refuses rights that it does not know. So its version decides which
 * ones are claimed; the names of the later ones are ours, as the headers of the
 * machine that builds may be older than the kernel of the one that runs.
 */
#include "proto/sandbox_files.h"

#include "proto/log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RIGHT_REFER       (UINT64_C(1) << 13) /* version 2 */
#define RIGHT_TRUNCATE    (UINT64_C(1) << 14) /* version 3 */
#define RIGHT_DEVICE      (UINT64_C(1) << 15) /* version 5 */
#define TCP_BIND          (UINT64_C(1) << 0)  /* version 4 */
#define TCP_CONNECT       (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT    (UINT64_C(1) << 0) /* version 6 */
#define SCOPE_SIGNAL      (UINT64_C(1) << 1)
#define RIGHTS_OF_1       ((UINT64_C(1) << 13) - 1)
#define VERSION_OF_TCP    4
#define VERSION_OF_SCOPES 6

/* What a rule for a single file may say. */
#define RIGHTS_OF_A_FILE                                                       \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |        \
	 RIGHT_TRUNCATE)

/* As the kernel knows it from version 6 on; to older ones zeros at the end are
 * as good as nothing. */
struct ruleset {
	uint64_t files;
	uint64_t tcp;
	uint64_t scopes;
};

static uint64_t
rights_known(long version)
{
	uint64_t known = RIGHTS_OF_1;

	if (version >= 2)
		known |= RIGHT_REFER;
	if (version >= 3)
		known |= RIGHT_TRUNCATE;
	if (version >= 5)
		known |= RIGHT_DEVICE;
	return known;
}

static int
fail(const char *path)
{
	log_error("no_sandbox", KT("file", path), KT("error", strerror(errno)),
		  KT("hint", "set PARLEY_SANDBOX=off"));
	return -1;
}

int
sandbox_files_init(struct sandbox_files *files, bool connects, bool listens)
{
	struct ruleset rules = { 0 };
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_CREATE_RULESET_VERSION);

	*files = (struct sandbox_files){ .ruleset = -1 };
	if (version < 1) {
		log_warn("no_landlock", KT("error", strerror(errno)));
		return 0;
	}
	files->version = version;
	files->known = rights_known(version);
	rules.files = files->known;
	if (version >= VERSION_OF_TCP && !connects)
		rules.tcp = listens ? TCP_CONNECT : TCP_CONNECT | TCP_BIND;
	if (version >= VERSION_OF_SCOPES)
		rules.scopes = SCOPE_ABSTRACT | SCOPE_SIGNAL;
	files->ruleset =
	    (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
	return files->ruleset < 0 ? fail("") : 0;
}

static uint64_t
to_kernel(enum sandbox_right rights)
{
	uint64_t mask = 0;

	if (rights & SANDBOX_READ)
		mask |=
		    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
	if (rights & SANDBOX_BIND)
		mask |= LANDLOCK_ACCESS_FS_MAKE_SOCK |
			LANDLOCK_ACCESS_FS_REMOVE_FILE;
	if (rights & SANDBOX_WRITE)
		mask |= LANDLOCK_ACCESS_FS_MAKE_REG |
			LANDLOCK_ACCESS_FS_REMOVE_FILE |
			LANDLOCK_ACCESS_FS_WRITE_FILE | RIGHT_TRUNCATE;
	return mask;
}

static int
add_rule(struct sandbox_files *files, const char *path, int fd, uint64_t mask)
{
	struct landlock_path_beneath_attr rule = { .parent_fd = fd };
	struct stat st;

	if (fstat(fd, &st) != 0)
		return fail(path);
	if (!S_ISDIR(st.st_mode))
		mask &= RIGHTS_OF_A_FILE;
	rule.allowed_access = mask & files->known;
	if (syscall(SYS_landlock_add_rule, files->ruleset,
		    LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
		return fail(path);
	return 0;
}

int
sandbox_files_allow(struct sandbox_files *files, const char *path,
		    enum sandbox_right rights)
{
	int fd, rc;

	if (files->ruleset < 0)
		return 0;
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return 0;
	rc = add_rule(files, path, fd, to_kernel(rights));
	close(fd);
	return rc;
}

int
sandbox_files_close(const struct sandbox_files *files)
{
	if (files->ruleset < 0)
		return 0;
	if (syscall(SYS_landlock_restrict_self, files->ruleset, 0) != 0)
		return fail("");
	log_debug("files_closed", KN("landlock", files->version));
	return 0;
}

void
sandbox_files_fini(struct sandbox_files *files)
{
	if (files->ruleset >= 0)
		close(files->ruleset);
	files->ruleset = -1;
}
