/* SPDX-License-Identifier: MIT */
/* tools/parley-ping.c - asks one daemon whether it lives.
 *
 * Exit status 0: it answered; 1: it did not in time; 2: wrong usage. Any answer
 * will do: a daemon that says "say hello first" is awake.
 */
#include "proto/frame.h"
#include "proto/program.h"
#include "proto/run_folder.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>
#include <zmq.h>

#define LOOK_MS 20 /* for a folder that is not there yet */

static const char *data;
static const char *run;
static const char *timeout;
static const char *name;

static const struct option_row options[] = {
	{ "data", &data, "./data", "folder of what is kept" },
	{ "run", &run, NULL,
	  "folder of the daemons' sockets (default: DATA/run)" },
	{ "timeout", &timeout, "2000", "how long to wait, in ms" },
	{ 0 },
};

static int
fail(const char *what)
{
	fprintf(stderr, "parley-ping: %s: %s\n", what, zmq_strerror(errno));
	return 1;
}

static int
send_ping(void *dealer)
{
	struct frame ping = { .kind = FRAME_ping, .id = 1 };
	struct buffer packed = { 0 };
	int rc = frame_pack(&ping, &packed, NULL);

	if (rc == 0 && zmq_send(dealer, packed.bytes, packed.n, 0) < 0)
		rc = -1;
	buffer_fini(&packed);
	return rc;
}

static int
ask(void *dealer, unsigned long timeout_ms)
{
	char endpoint[80];
	zmq_pollitem_t item = { dealer, 0, ZMQ_POLLIN, 0 };
	int zero = 0;

	snprintf(endpoint, sizeof endpoint, "ipc://%s.sock", name);
	if (zmq_setsockopt(dealer, ZMQ_LINGER, &zero, sizeof zero) != 0 ||
	    zmq_connect(dealer, endpoint) != 0 || send_ping(dealer) != 0)
		return fail(endpoint);
	if (zmq_poll(&item, 1, (long)timeout_ms) > 0)
		return 0;
	fprintf(stderr, "parley-ping: %s did not answer in time\n", name);
	return 1;
}

/* Into the daemons' folder, which the first of them to start makes. Takes the
 * time that it waited from *left_ms. 0, or -1 with errno. */
static int
enter(const char *folder, unsigned long *left_ms)
{
	int rc;

	while ((rc = chdir(folder)) != 0 && errno == ENOENT && *left_ms > 0) {
		unsigned long pause = *left_ms < LOOK_MS ? *left_ms : LOOK_MS;

		poll(NULL, 0, (int)pause);
		*left_ms -= pause;
	}
	return rc;
}

static int
ping(unsigned long timeout_ms)
{
	void *context = zmq_ctx_new();
	void *dealer = context == NULL ? NULL : zmq_socket(context, ZMQ_DEALER);
	int status;

	if (dealer == NULL)
		return fail("zmq");
	status =
	    enter(run, &timeout_ms) == 0 ? ask(dealer, timeout_ms) : fail(run);
	zmq_close(dealer);
	zmq_ctx_term(context);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct option_row *const tables[] = { options, NULL };
	static const struct program program = {
		"parley-ping", "asks one daemon whether it lives",
		"NAME (gateway, router, presence, store, auth, gateway.2 ...)",
		tables
	};
	char folder[PATH_MAX];
	unsigned long timeout_ms;
	int words = 0;
	int status = program_begin(&program, argc, argv, &words);

	if (status >= 0)
		return status;
	if (!option_number(timeout, 1, 600000, &timeout_ms) || words != 1) {
		fprintf(stderr, "parley-ping: wrong usage; try --help\n");
		return 2;
	}
	name = argv[0];
	if (run_folder_choose(&run, data, folder) != 0)
		return fail("--data");
	return ping(timeout_ms);
}
