// SPDX-License-Identifier: MIT
// tests/faults/start.mjs - a daemon's first start with the n-th allocation
// failing: it runs all the same, rests where there is nothing to do and stops in
// order, or it says what is wrong and ends with status 1. Nothing else.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Daemon } from "./daemon.mjs";

const startMs = 20000, stopMs = 15000;

const judge = (daemon, ended, { hasSettled, spins }) => {
	if (daemon.complaint)
		return daemon.complaint;
	if (!hasSettled)
		return "neither runs nor ends";
	if (spins)
		return "runs without a rest";
	if (ended.signal !== null)
		return `ended by ${ended.signal}`;
	if (daemon.isStarted)
		return ended.status === 0 ? null : `ran and ended with status ${ended.status}`;
	if (ended.status !== 1)
		return `did not start and ended with status ${ended.status}`;
	return daemon.log.length > 0 ? null : "did not start and said nothing";
};

async function startOnce({ folder, ...rest }, n, count) {
	const data = join(folder, `start-${rest.kind}-${n}`);
	const daemon = new Daemon({ ...rest, data });
	daemon.fail(n, count);
	daemon.begin();
	const hasSettled = await daemon.settled(startMs);
	const counted = daemon.counted();
	daemon.fail(0);
	const spins = hasSettled && await daemon.spins();
	const ended = await daemon.end(hasSettled ? stopMs : 0);
	rmSync(data, { recursive: true, force: true });
	return { wrong: judge(daemon, ended, { hasSettled, spins }), ended, counted,
		started: daemon.isStarted, log: daemon.lastWords() };
}

// Calls `tell(n, wrong, log)` for what is wrong. How many were tried, and how many
// of these started.
export async function tryStarts({ stride, offset, starts, last, count, jobs, until, ...where },
	tell) {
	const whole = await startOnce(where, 0);
	if (whole.wrong || !whole.started)
		throw new Error(`${where.kind} does not start: ${whole.wrong}\n${whole.log.join("\n")}`);
	const sum = { allocations: whole.counted, tried: 0, started: 0 };
	const step = starts === 0 ? stride : Math.max(stride, Math.ceil(whole.counted / starts));
	let next = 1 + offset % step + (last === 0 ? 0 : Math.max(0, whole.counted - last));
	const work = async () => {
		while (next <= whole.counted && performance.now() < until) {
			const n = next;
			next += step;
			const { wrong, started, log } = await startOnce(where, n, count);
			sum.tried++;
			sum.started += started;
			if (wrong)
				tell(n, wrong, log);
		}
	};
	await Promise.all(Array.from({ length: jobs }, work));
	sum.isWhole = next > whole.counted;
	return sum;
}
