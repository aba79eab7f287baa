/* SPDX-License-Identifier: MIT */
/* proto/daemon.c - from main() to the exit status, for all daemons alike. */
#include "proto/daemon_internal.h"

#include "proto/bus_setup.h"
#include "proto/clock.h"
#include "proto/disk.h"
#include "proto/pid_file.h"
#include "proto/process.h"
#include "proto/program.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DRAIN_MS 10000

/* --- Sandbox */

static void
fill_sandbox(struct process *p)
{
	p->sandbox = (struct sandbox){
		.rows = p->daemon->needs,
		.data = p->runtime.data,
		.run = p->runtime.run,
		.started_in = p->runtime.started_in,
		.keys = p->settings.curve_dir,
		.kind = p->daemon->name,
		.is_off = strcmp(p->settings.sandbox, "off") == 0,
	};
	for (size_t i = 0; i < KINDS; i++)
		if (p->settings.endpoints[i] != NULL &&
		    strstr(p->settings.endpoints[i], "tcp://") != NULL)
			p->sandbox.has_tcp = true;
}

/* --- Signals and drain */

static void
on_drain_end(void *self)
{
	struct process *p = self;

	log_warn("drain_cut_short", KN("after_ms", DRAIN_MS));
	loop_stop(p->runtime.loop);
}

static void
begin_drain(struct process *p)
{
	if (p->draining)
		return;
	p->draining = true;
	log_info("draining");
	daemon_notify_stopping(p);
	p->drain_end.on_due = on_drain_end;
	p->drain_end.self = p;
	if (loop_timer_set(p->runtime.loop, &p->drain_end, DRAIN_MS) != 0)
		loop_stop(p->runtime.loop);
	loop_again(p->runtime.loop);
}

static void
on_signal(void *self, uint32_t events)
{
	struct process *p = self;
	struct signalfd_siginfo info;

	(void)events;
	while (read(p->signals.fd, &info, sizeof info) == sizeof info) {
		if (info.ssi_signo != SIGHUP)
			begin_drain(p);
		else if (p->daemon->reload != NULL)
			p->daemon->reload(p->daemon->self);
	}
}

static int
watch_signals(struct process *p)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	p->signals.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	p->signals.on_ready = on_signal;
	p->signals.self = p;
	if (p->signals.fd < 0)
		return -1;
	return loop_watch(p->runtime.loop, &p->signals, EPOLLIN);
}

/* --- Metrics */

static void
measure(void *self)
{
	struct process *p = self;

	p->figures.build[0] = 1;
	p->figures.started_at = p->runtime.epoch / 1000000;
	for (size_t i = 0; i < LEVEL_WORDS; i++)
		p->figures.log_lines[i] = log_lines((enum log_level)i);
	process_measure(&p->files, &p->figures);
	bus_measure(p->runtime.bus);
	if (p->daemon->measure != NULL)
		p->daemon->measure(p->daemon->self);
}

static void
set_up_metrics(struct process *p)
{
	p->metrics = (struct metric_source){
		.daemon = p->name,
		.tables = { { common_metrics, &p->figures },
			    p->daemon->metrics },
		.measure = measure,
		.self = p,
	};
	p->runtime.metrics = &p->metrics;
}

/* --- Turns */

static void
turn_begin(void *self)
{
	struct process *p = self;

	bus_receive(p->runtime.bus);
}

static void
turn_middle(void *self)
{
	struct process *p = self;

	if (p->daemon->turn != NULL)
		p->daemon->turn(p->daemon->self);
}

static void
turn_end(void *self)
{
	struct process *p = self;

	bus_send(p->runtime.bus);
	times_add(&p->figures.turns, clock_us() - loop_now_us(p->runtime.loop));
	if (!p->draining)
		return;
	if ((p->daemon->drain == NULL || p->daemon->drain(p->daemon->self)) &&
	    bus_is_idle(p->runtime.bus))
		loop_stop(p->runtime.loop);
}

/* --- Start */

/* Nobody can forget a handler: what may come must have its row. */
static int
check_routes(const struct daemon *daemon)
{
	for (int kind = 1; kind < FRAME_KINDS; kind++) {
		const struct route *route = daemon->routes;
		if ((frame_to(kind) & daemon->party) == 0 ||
		    frame_to(kind) == ANY || frame_is_answer(kind))
			continue;
		while (route->handler != NULL && (int)route->kind != kind)
			route++;
		if (route->handler == NULL) {
			log_error("no_handler", KT("frame", frame_name(kind)));
			return -1;
		}
	}
	return 0;
}

static int
open_bus(struct process *p)
{
	const struct daemon *d = p->daemon;

	const struct bus_config config = {
		.loop = p->runtime.loop,
		.party = d->party,
		.name = p->name,
		.epoch = clock_unix_us(),
		.routes = d->routes,
		.self = d->self,
		.on_peer = d->on_peer,
		.curve_dir = p->settings.curve_dir,
		.metrics = &p->metrics,
		.figures = &p->figures,
		.pace_ms = d->pace_ms,
	};
	p->runtime.epoch = config.epoch;
	p->runtime.bus = bus_new(&config);
	return p->runtime.bus == NULL ? -1 : 0;
}

/* Where others connect, if that is set; NULL if nobody does. */
static const char *
own_endpoint(const struct process *p)
{
	for (size_t i = 0; i < KINDS; i++)
		if (daemon_kinds[i] == p->daemon->party && p->daemon->binds)
			return p->settings.endpoints[i];
	return NULL;
}

/* A daemon always answers at NAME.sock too, where the supervisor asks it. */
static int
bind_own(struct process *p)
{
	const char *endpoint = own_endpoint(p);
	char local[LINE_BYTES];

	snprintf(local, sizeof local, "ipc://%s.sock", p->name);
	if (endpoint != NULL && strcmp(endpoint, local) != 0 &&
	    bus_bind(p->runtime.bus, endpoint) != 0)
		return -1;
	return bus_bind(p->runtime.bus, local);
}

/* Binding comes first: who connects in the meantime is heard once we run. */
static int
open_endpoints(struct process *p)
{
	char tap[LINE_BYTES];
	const struct daemon *d = p->daemon;

	snprintf(tap, sizeof tap, "ipc://%s.tap", p->name);
	if (bind_own(p) != 0 || bus_open_tap(p->runtime.bus, tap) != 0)
		return -1;
	for (size_t i = 0; i < KINDS; i++)
		if ((d->connects & daemon_kinds[i]) != 0 &&
		    bus_connect(p->runtime.bus, daemon_kinds[i],
				p->settings.endpoints[i]) != 0)
			return -1;
	return 0;
}

static int
add_turns(struct process *p)
{
	struct loop *loop = p->runtime.loop;

	return loop_add_turn(loop, turn_begin, p) != 0 ||
		       loop_add_turn(loop, turn_middle, p) != 0 ||
		       loop_add_turn(loop, turn_end, p) != 0
		   ? -1
		   : 0;
}

static void
raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* 0, -1 or DISK_FULL. */
static int
start(struct process *p)
{
	int rc;

	umask(077);
	raise_file_limit();
	notify_open(&p->notify);
	if (check_routes(p->daemon) != 0 || daemon_enter_folders(p) != 0)
		return -1;
	snprintf(p->pid_path, sizeof p->pid_path, "%s.pid", p->name);
	p->pid_fd = pid_file_open(p->pid_path);
	if (p->pid_fd < 0)
		return -1;
	process_open(&p->files);
	set_up_metrics(p);
	/* Before ZeroMQ and the daemon make their threads. */
	fill_sandbox(p);
	if (sandbox_close_files(&p->sandbox) != 0)
		return -1;
	p->runtime.loop = loop_new();
	if (p->runtime.loop == NULL || watch_signals(p) != 0 ||
	    open_bus(p) != 0 || add_turns(p) != 0) {
		log_error("start_failed", KT("error", strerror(errno)));
		return -1;
	}
	rc = p->daemon->start(p->daemon->self, &p->runtime);
	if (rc != 0)
		return rc;
	p->started = true;
	return open_endpoints(p) != 0 ? -1 : sandbox_close_calls(&p->sandbox);
}

/* ZeroMQ leaves the files of its ipc:// sockets behind. The lock on the pid
 * file says that they are ours. */
static void
remove_sockets(const struct process *p)
{
	char path[LINE_BYTES];

	if (p->pid_fd < 0)
		return;
	snprintf(path, sizeof path, "%s.sock", p->name);
	(void)unlink(path);
	snprintf(path, sizeof path, "%s.tap", p->name);
	(void)unlink(path);
}

/* The reflection of start(). */
static void
stop(struct process *p)
{
	if (p->runtime.bus != NULL)
		bus_cancel_requests(p->runtime.bus);
	if (p->started)
		p->daemon->stop(p->daemon->self);
	bus_free(&p->runtime.bus);
	if (p->runtime.loop != NULL) {
		loop_timer_clear(p->runtime.loop, &p->drain_end);
		loop_timer_clear(p->runtime.loop, &p->look);
		if (p->signals.fd >= 0) {
			loop_unwatch(p->runtime.loop, &p->signals);
			close(p->signals.fd);
		}
		loop_free(&p->runtime.loop);
	}
	notify_close(&p->notify);
	remove_sockets(p);
	process_close(&p->files);
	pid_file_close(p->pid_fd, p->pid_path);
	free(p->curve_dir);
	free((char *)p->runtime.run);
	free((char *)p->runtime.started_in);
	free((char *)p->runtime.data);
}

int
daemon_main(const struct daemon *daemon, int argc, char **argv)
{
	struct option_row rows[COMMON_ROWS + KINDS + 1];
	struct process p = { .daemon = daemon,
			     .pid_fd = -1,
			     .signals.fd = -1,
			     .files = { -1, -1 },
			     .notify.fd = -1 };
	const struct option_row *const tables[] = { daemon->options, rows,
						    NULL };
	int status;

	const struct program program = { daemon->name, daemon->summary, NULL,
					 tables };

	daemon_fill_rows(&p, rows);
	log_setup(daemon->name, LOG_INFO, false);
	if ((status = program_begin(&program, argc, argv, NULL)) >= 0 ||
	    (status = daemon_check_settings(&p)) != 0)
		return status;
	status = start(&p);
	if (status != 0) {
		status = status == DISK_FULL ? DISK_STATUS : 1;
	} else {
		log_info("started", KN("pid", getpid()),
			 KT("version", PARLEY_VERSION));
		daemon_notify_ready(&p);
		status = loop_run(p.runtime.loop) == 0 ? 0 : 1;
		log_info("stopped", KN("status", status));
	}
	stop(&p);
	return status;
}
