/* SPDX-License-Identifier: MIT */
#include "tools/parley-bench/report.h"

#include "tools/parley-bench/protocol.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

/* --- Figures that follow from others */

static double
seconds_of(const struct outcome *o)
{
	return (double)(o->ended.at_us - o->began.at_us) / 1e6;
}

static uint64_t
measured_deliveries(const struct outcome *o)
{
	return o->after.deliveries - o->before.deliveries;
}

static uint64_t
measured_posts(const struct outcome *o)
{
	return o->after.posts - o->before.posts;
}

static uint64_t
measured_answers(const struct outcome *o)
{
	return o->after.answers - o->before.answers;
}

/* Nothing is known of a process that has ended meanwhile. */
static uint64_t
process_cpu_us(const struct outcome *o, unsigned i)
{
	uint64_t began = o->began.of[i].cpu_us;
	uint64_t ended = o->ended.of[i].cpu_us;

	return ended > began ? ended - began : 0;
}

static uint64_t
cpu_us(const struct plan *plan, const struct outcome *o)
{
	uint64_t us = 0;

	for (unsigned i = 0; i < plan->processes.n; i++)
		us += process_cpu_us(o, i);
	return us;
}

/* 0 where nothing happened. */
static double
per(double what, uint64_t n)
{
	return n == 0 ? 0 : what / (double)n;
}

static double
more_bytes(uint64_t before, uint64_t after)
{
	return (double)after - (double)before;
}

bool
report_is_clean(const struct outcome *o)
{
	return o->is_complete && o->missing == 0 && o->end.repeated == 0 &&
	       o->end.strayed == 0 && o->end.refused == 0 &&
	       o->end.withheld == 0 && o->end.dropped == 0 &&
	       o->end.failed == 0;
}

/* --- For people */

static void
print_times(const char *what, const struct histogram *h)
{
	if (h->count == 0)
		return;
	printf("%-22s p50 %.3f  p90 %.3f  p99 %.3f  p99.9 %.3f  max %.3f ms\n",
	       what, (double)histogram_quantile(h, 0.5) / 1e3,
	       (double)histogram_quantile(h, 0.9) / 1e3,
	       (double)histogram_quantile(h, 0.99) / 1e3,
	       (double)histogram_quantile(h, 0.999) / 1e3,
	       (double)h->max_us / 1e3);
}

static void
print_costs(const struct plan *plan, const struct outcome *o)
{
	double seconds = seconds_of(o);

	for (unsigned i = 0; i < plan->processes.n; i++) {
		uint64_t us = process_cpu_us(o, i);

		printf("  %-20s %6.1f %% of a core, %8.2f us a delivery, "
		       "%7.1f MiB\n",
		       plan->processes.watched[i].name,
		       per((double)us / 1e4, 1) / seconds,
		       per((double)us, measured_deliveries(o)),
		       (double)o->ended.of[i].pss_bytes / 1048576);
	}
	if (plan->processes.n == 0)
		return;
	printf("%-22s %.1f %% of a core, %.2f us a delivery, %.1f us a post\n",
	       "server", (double)cpu_us(plan, o) / 1e4 / seconds,
	       per((double)cpu_us(plan, o), measured_deliveries(o)),
	       per((double)cpu_us(plan, o), measured_posts(o)));
	printf("%-22s %.0f bytes of the server, %.0f of the kernel\n",
	       "a connection",
	       per(more_bytes(o->idle.pss_bytes, o->ended.pss_bytes),
		   plan->connections),
	       per(more_bytes(o->idle.kernel_bytes, o->ended.kernel_bytes),
		   plan->connections));
}

static void
print_faults(const struct outcome *o)
{
	printf("%-22s %" PRIu64 " missing, %" PRIu64 " repeated, %" PRIu64
	       " strayed, %" PRIu64 " refused, %" PRIu64 " withheld, %" PRIu64
	       " dropped, %" PRIu64 " failed\n",
	       report_is_clean(o) ? "nothing lost" : "FAULTS", o->missing,
	       o->end.repeated, o->end.strayed, o->end.refused, o->end.withheld,
	       o->end.dropped, o->end.failed);
}

void
report_table(const struct plan *plan, const struct outcome *o)
{
	double seconds = seconds_of(o);

	printf("%-22s %s, %u connections in %u rooms, %u senders each, %u "
	       "bytes\n",
	       plan->scenario, plan->protocol->name, plan->connections,
	       plan->rooms, plan->senders, plan->bytes);
	printf("%-22s %.3f s\n", "connected in", (double)o->connected_us / 1e6);
	if (plan->exercise == EXERCISE_RETURN)
		printf("%-22s %.3f s\n", "returned in",
		       (double)o->returned_us / 1e6);
	printf("%-22s %.0f posts/s, %.0f deliveries/s, %.0f answers/s\n",
	       "throughput", (double)measured_posts(o) / seconds,
	       (double)measured_deliveries(o) / seconds,
	       (double)measured_answers(o) / seconds);
	if (o->segments > 0)
		printf("%-22s %.2f messages\n", "in one send",
		       per((double)o->told, o->segments));
	print_times("delivery", &o->delivery);
	print_times("own copy", &o->own);
	print_times("answer", &o->answer);
	print_times("current", &o->current);
	print_costs(plan, o);
	printf("%-22s %.1f %% of a core\n", "generator",
	       (double)(o->ended.generator_cpu_us - o->began.generator_cpu_us) /
		   1e4 / seconds);
	print_faults(o);
}

/* --- For programs */

static json_t *
times_json(const struct histogram *h)
{
	return json_pack("{s:I, s:f, s:I, s:I, s:I, s:I, s:I}", "count",
			 (json_int_t)h->count, "mean_us",
			 per((double)h->sum_us, h->count), "p50_us",
			 (json_int_t)histogram_quantile(h, 0.5), "p90_us",
			 (json_int_t)histogram_quantile(h, 0.9), "p99_us",
			 (json_int_t)histogram_quantile(h, 0.99), "p999_us",
			 (json_int_t)histogram_quantile(h, 0.999), "max_us",
			 (json_int_t)h->max_us);
}

static json_t *
plan_json(const struct plan *plan)
{
	return json_pack(
	    "{s:s, s:s, s:i, s:i, s:i, s:i, s:f, s:i, s:i, s:i, s:i}",
	    "scenario", plan->scenario, "protocol", plan->protocol->name,
	    "connections", plan->connections, "rooms", plan->rooms, "members",
	    plan->members, "senders", plan->senders, "rate", plan->rate,
	    "window", plan->window, "bytes", plan->bytes, "seconds",
	    plan->seconds, "workers", plan->workers);
}

static json_t *
process_json(const struct plan *plan, const struct outcome *o)
{
	json_t *all = json_object();

	for (unsigned i = 0; i < plan->processes.n; i++)
		json_object_set_new(
		    all, plan->processes.watched[i].name,
		    json_pack("{s:I, s:I, s:I}", "cpu_us",
			      (json_int_t)process_cpu_us(o, i), "pss_bytes",
			      (json_int_t)o->ended.of[i].pss_bytes,
			      "grown_bytes",
			      (json_int_t)(o->ended.of[i].pss_bytes -
					   o->idle.of[i].pss_bytes)));
	return all;
}

static json_t *
cost_json(const struct plan *plan, const struct outcome *o)
{
	return json_pack(
	    "{s:I, s:f, s:f, s:f, s:f, s:f, s:I, s:o}", "cpu_us",
	    (json_int_t)cpu_us(plan, o), "cpu_us_per_delivery",
	    per((double)cpu_us(plan, o), measured_deliveries(o)),
	    "cpu_us_per_post", per((double)cpu_us(plan, o), measured_posts(o)),
	    "bytes_per_connection",
	    per(more_bytes(o->idle.pss_bytes, o->ended.pss_bytes),
		plan->connections),
	    "kernel_bytes_per_connection",
	    per(more_bytes(o->idle.kernel_bytes, o->ended.kernel_bytes),
		plan->connections),
	    "machine_bytes_per_connection",
	    per(more_bytes(o->ended.free_bytes, o->idle.free_bytes),
		plan->connections),
	    "generator_cpu_us",
	    (json_int_t)(o->ended.generator_cpu_us - o->began.generator_cpu_us),
	    "processes", process_json(plan, o));
}

static json_t *
fault_json(const struct outcome *o)
{
	return json_pack(
	    "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "missing",
	    (json_int_t)o->missing, "repeated", (json_int_t)o->end.repeated,
	    "strayed", (json_int_t)o->end.strayed, "refused",
	    (json_int_t)o->end.refused, "withheld", (json_int_t)o->end.withheld,
	    "dropped", (json_int_t)o->end.dropped, "failed",
	    (json_int_t)o->end.failed, "complete", o->is_complete);
}

static json_t *
outcome_json(const struct plan *plan, const struct outcome *o)
{
	double seconds = seconds_of(o);

	return json_pack(
	    "{s:o, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:o, s:o, s:o, s:o, "
	    "s:o, s:o}",
	    "plan", plan_json(plan), "measured_s", seconds, "connected_s",
	    (double)o->connected_us / 1e6, "returned_s",
	    (double)o->returned_us / 1e6, "posts_per_s",
	    (double)measured_posts(o) / seconds, "deliveries_per_s",
	    (double)measured_deliveries(o) / seconds, "answers_per_s",
	    (double)measured_answers(o) / seconds, "messages_per_send",
	    per((double)o->told, o->segments), "bytes_per_delivery",
	    per((double)(o->after.received_bytes - o->before.received_bytes),
		measured_deliveries(o)),
	    "delivery", times_json(&o->delivery), "own_copy",
	    times_json(&o->own), "answer", times_json(&o->answer), "current",
	    times_json(&o->current), "cost", cost_json(plan, o), "faults",
	    fault_json(o));
}

int
report_json(const struct plan *plan, const struct outcome *o)
{
	json_t *figures;
	int rc;

	if (plan->json == NULL)
		return 0;
	figures = outcome_json(plan, o);
	if (strcmp(plan->json, "-") == 0)
		rc = json_dumpf(figures, stdout, JSON_COMPACT) == 0 &&
			     putchar('\n') != EOF
			 ? 0
			 : -1;
	else
		rc = json_dump_file(figures, plan->json, JSON_INDENT(2));
	json_decref(figures);
	if (rc != 0)
		fprintf(stderr, "parley-bench: cannot write %s: %s\n",
			plan->json, strerror(errno));
	return rc;
}
