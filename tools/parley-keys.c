/* SPDX-License-Identifier: MIT */
/* tools/parley-keys.c - makes the CURVE key pairs for daemons that meet over
 * tcp:// endpoints.
 *
 * Writes KIND.key (secret, mode 0600) and KIND.pub for each kind named. Copy
 * the .pub files to the other machines, and only these. A key that is there
 * already stays.
 */
#include "proto/frame.h"
#include "proto/program.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

static const char *folder;

static const struct option_row options[] = {
	{ "curve-dir", &folder, "./keys", "the folder; made if need be" },
	{ 0 },
};

static int
write_key(const char *kind, const char *ending, mode_t mode, const char *key)
{
	char name[48];
	ssize_t n;
	int fd;

	snprintf(name, sizeof name, "%s.%s", kind, ending);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return errno == EEXIST ? 1 : -1;
	n = write(fd, key, strlen(key));
	if (n == (ssize_t)strlen(key))
		n = write(fd, "\n", 1) == 1 ? n : -1;
	if (close(fd) != 0 || n < 0)
		return -1;
	return 0;
}

static int
make_pair(const char *kind)
{
	char public_key[41], secret_key[41];
	int rc;

	if (party_find(slice_of(kind)) == PART) {
		fprintf(stderr, "parley-keys: there is no kind '%s'\n", kind);
		return 2;
	}
	if (zmq_curve_keypair(public_key, secret_key) != 0) {
		perror("parley-keys");
		return 1;
	}
	rc = write_key(kind, "key", 0600, secret_key);
	if (rc == 0)
		rc = write_key(kind, "pub", 0644, public_key);
	if (rc < 0)
		fprintf(stderr, "parley-keys: %s/%s: %s\n", folder, kind,
			strerror(errno));
	else
		printf("%s: %s\n", kind, rc == 1 ? "is there" : "made");
	return rc < 0;
}

int
main(int argc, char **argv)
{
	static const struct option_row *const tables[] = { options, NULL };
	static const struct program program = {
		"parley-keys", "makes key pairs for tcp:// endpoints",
		"KIND ... (gateway router presence store auth hooks tool)",
		tables
	};
	int words = 0, status = program_begin(&program, argc, argv, &words);

	if (status >= 0)
		return status;
	if (words == 0) {
		fprintf(stderr, "parley-keys: which kinds? try --help\n");
		return 2;
	}
	status = 0;
	if ((mkdir(folder, 0700) != 0 && errno != EEXIST) ||
	    chdir(folder) != 0) {
		perror(folder);
		return 1;
	}
	for (int i = 0; i < words && status == 0; i++)
		status = make_pair(argv[i]);
	return status;
}
