/* SPDX-License-Identifier: MIT */
/* tests/fuzz/replay.c - gives files to a fuzzer that any compiler can build.
 *
 * Each argument is a file, or a folder whose files are all given; the output
 * is TAP, a line for each argument. A finding ends the program before its
 * plan, which is how TAP tells of a crash. A folder without files fails.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_BYTES_MAX (1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(FILE_BYTES_MAX);
	size_t size;
	int rc = -1;

	if (file == NULL || data == NULL)
		goto out;
	size = fread(data, 1, FILE_BYTES_MAX, file);
	if (ferror(file) || !feof(file))
		goto out;
	/* Of the right size, so that ASan sees a byte read behind it. */
	if (size > 0 && size < FILE_BYTES_MAX) {
		uint8_t *fitting = realloc(data, size);

		data = fitting != NULL ? fitting : data;
	}
	LLVMFuzzerTestOneInput(data, size);
	rc = 0;
out:
	if (rc != 0)
		printf("# cannot read %s\n", path);
	free(data);
	if (file != NULL)
		fclose(file);
	return rc;
}

/* How many files were given; -1 if one could not be. */
static int
replay_folder(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	int count = 0;

	if (folder == NULL)
		return -1;
	while (count >= 0 && (entry = readdir(folder)) != NULL) {
		char file[4096];
		int n =
		    snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);

		if (entry->d_name[0] == '.')
			continue;
		if (n < 0 || n >= (int)sizeof(file) || replay_file(file) != 0)
			count = -1;
		else
			count++;
	}
	closedir(folder);
	return count;
}

static int
replay(char *path, int number)
{
	struct stat info;
	char *slash;
	int count = -1;

	while ((slash = strrchr(path, '/')) != NULL && slash[1] == '\0' &&
	       slash > path)
		*slash = '\0';
	if (stat(path, &info) == 0)
		count = S_ISDIR(info.st_mode)    ? replay_folder(path)
			: replay_file(path) == 0 ? 1
						 : -1;
	slash = strrchr(path, '/');
	printf("%sok %d - replays corpus/%s (%d files)\n",
	       count > 0 ? "" : "not ", number,
	       slash != NULL ? slash + 1 : path, count > 0 ? count : 0);
	fflush(stdout);
	return count > 0 ? 0 : -1;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: %s FILE|FOLDER…\n", argv[0]);
		return 2;
	}
	for (int i = 1; i < argc; i++)
		failed += replay(argv[i], i) != 0;
	printf("1..%d\n", argc - 1);
	return failed != 0;
}
