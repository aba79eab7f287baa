// SPDX-License-Identifier: MIT
// tests/chaos/faults.mjs - what is done to the daemons, when, and how. The
// schedule follows from the seed alone; a deck of all faults is shuffled again and
// again, so that a long run misses none.
import { execFile } from "node:child_process";
import { rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { sleep } from "./client.mjs";
import { Random } from "./random.mjs";
import { backs, gateways } from "./suite.mjs";

const run = promisify(execFile);
const all = [...backs, ...gateways];
const dayMs = 86400000;
const returnMs = 30000; // by then a daemon has a successor that answers
const pairs = 6;

// A deck: {kind, names, forMs?, value?}.
function deck(random, without) {
	const cards = [];
	const add = (kind, names, more = {}) => cards.push({ kind, names, ...more });
	for (const name of all) {
		add("kill", [name]);
		add("stop", [name], { forMs: random.between(500, 5000) });
		add("restart", [name]);
	}
	for (let i = 0; i < pairs; i++)
		add("kill", random.some(all, 2));
	add("kill", backs);
	add("kill", all);
	add("stop", random.some(backs, 2), { forMs: random.between(500, 5000) });
	add("kill again", [random.pick(all)], { value: 3 });
	add("kill again", ["store"], { value: 2 });
	for (let i = 0; i < 2; i++) {
		add("slow sync", ["store"], { forMs: random.between(1000, 6000),
			value: random.between(50, 900) });
		add("disk full", ["store", "auth"], { forMs: random.between(2000, 6000) });
	}
	add("sync fails", ["store"], { value: 1 });
	for (const name of [...backs, "gateway"])
		add("clock", [name], { forMs: random.between(1000, 6000),
			value: random.between(-dayMs, dayMs) });
	add("links stall", [random.pick(backs)], { forMs: random.between(500, 5000) });
	add("links cut", [random.pick(backs)]);
	add("links slow", [random.pick(backs)], { forMs: random.between(2000, 8000),
		value: random.between(20, 300) });
	for (const names of [["store"], ["auth"], ["store", "auth"], backs, all])
		add("power", names, { value: random.chance(0.3) ? 0 : random.between(1, 1e6) });
	return cards.filter(({ kind }) => !without.has(kind));
}

// [{at, kind, names, …}], `at` in ms since the beginning of the chaos.
export function plan(seed, seconds, gapMs, without = new Set()) {
	const random = new Random(seed, "faults");
	const schedule = [];
	let at = 500, cards = [];
	for (;;) {
		at += Math.round(Math.max(50, random.pause(gapMs)));
		if (at > seconds * 1000)
			return schedule;
		if (cards.length === 0)
			cards = shuffled(random, deck(random, without));
		schedule.push({ at, ...cards.pop() });
	}
}

// The back daemons killed in turn, each when the last one is long back.
export function planAlone(seconds, gapMs) {
	const schedule = [];
	for (let at = gapMs; at <= seconds * 1000; at += gapMs)
		schedule.push({ at, kind: "kill", names: [backs[schedule.length % backs.length]] });
	return schedule;
}

function shuffled(random, cards) {
	return random.some(cards, cards.length);
}

class NotThere extends Error {}

export class Injector {
	constructor(suite, records, links, say) {
		Object.assign(this, { suite, records, links, say });
		this.done = 0;
		this.kills = 0;
		this.running = new Set();
	}

	// Until `endMs` have passed, and what was begun has ended.
	async carryOut(schedule, endMs) {
		const began = performance.now();
		for (const fault of [...schedule, { at: endMs }]) {
			await this.#sleepUntil(began + fault.at);
			if (this.isStopped || !fault.kind)
				break;
			const act = this.#one(fault);
			this.running.add(act);
			act.finally(() => this.running.delete(act));
		}
		await Promise.all(this.running);
	}

	async #sleepUntil(end) {
		while (!this.isStopped && performance.now() < end)
			await sleep(Math.min(500, end - performance.now()));
	}

	async #one({ kind, names, forMs, value }) {
		const done = { kind, names, t: this.records.now() };
		this.say(`${kind} ${names.join(" ")}${forMs ? ` for ${forMs} ms` : ""}`);
		try {
			await this[kind.replaceAll(" ", "_")](names, forMs, value, done);
			this.records.add("fault", { ...done, until: this.records.now() });
			this.done++;
		} catch (error) {
			const e = error instanceof NotThere ? "skipped" : "odd";
			this.records.add(e, { c: "suite", what: `${kind} ${names}: ${error.message}` });
		}
	}

	// A daemon that an earlier fault keeps down is left alone.
	async #pidOf(name) {
		for (let tries = 0; tries < 60; tries++) {
			const pid = this.suite.pid(name);
			if (pid)
				return pid;
			await sleep(50);
		}
		throw new NotThere(`${name} does not run`);
	}

	async #pidsOf(names, done) {
		const pids = [];
		for (const name of names)
			pids.push(await this.#pidOf(name));
		done.t = this.records.now();
		return pids;
	}

	async #back(name, old) {
		const deadline = performance.now() + returnMs;
		while (performance.now() < deadline) {
			const pid = this.suite.pid(name);
			if (pid && pid !== old && await this.suite.answers(name))
				return;
			await sleep(40);
		}
		throw new Error(`${name} did not come back`);
	}

	async kill(names, forMs, value, done) {
		const pids = await this.#pidsOf(names, done);
		for (const pid of pids)
			this.#signal(pid, "SIGKILL");
		await Promise.all(names.map((name, i) => this.#back(name, pids[i])));
	}

	// With the daemons goes what they had not synced; 0: all of it.
	async power(names, forMs, seed, done) {
		await this.#pidsOf(names, done);
		for (const name of names)
			this.suite.losePower(name, seed);
		await this.kill(names, forMs, null, done);
	}

	// One that has died meanwhile is as good as killed.
	#signal(pid, name) {
		try {
			process.kill(pid, name);
			this.kills += name === "SIGKILL" ? 1 : 0;
		} catch (error) {
			if (error.code !== "ESRCH")
				throw error;
		}
	}

	// As soon as it lives again: while it recovers.
	async kill_again([name], forMs, times) {
		let old = null;
		for (let i = 0; i < times; i++) {
			let pid = await this.#pidOf(name);
			while (pid === old) {
				await sleep(10);
				pid = await this.#pidOf(name);
			}
			await sleep(20 * i);
			this.#signal(pid, "SIGKILL");
			old = pid;
		}
		await this.#back(name, old);
	}

	async stop(names, forMs, value, done) {
		const pids = await this.#pidsOf(names, done);
		for (const pid of pids)
			this.#signal(pid, "SIGSTOP");
		await sleep(forMs);
		for (const [i, pid] of pids.entries())
			if (this.suite.pid(names[i]) === pid)
				this.#signal(pid, "SIGCONT");
	}

	async restart([name]) {
		await this.suite.restart(name);
	}

	async slow_sync(names, forMs, value) {
		this.suite.setSync({ delayUs: value * 1000 });
		await sleep(forMs);
		this.suite.setSync({});
	}

	async sync_fails([name], forMs, value) {
		const pid = await this.#pidOf(name);
		this.suite.setSync({ failures: value });
		await this.#back(name, pid);
		this.suite.setSync({});
	}

	async disk_full(names, forMs) {
		const file = join(this.suite.data, "filler");
		const { bavail, bsize } = statfsSync(this.suite.data);
		await run("fallocate", ["-l", String(bavail * bsize - 4096), file]).catch(() => {});
		await run("dd", ["if=/dev/zero", `of=${file}`, "bs=4096", "oflag=append",
			"conv=notrunc"]).catch(() => {}); // until nothing is left
		await sleep(forMs);
		rmSync(file, { force: true });
	}

	async clock([name], forMs, value) {
		this.suite.setClock(name, value);
		await sleep(forMs);
		this.suite.setClock(name, 0);
	}

	async links_stall([name], forMs) {
		this.links.stall(name, true);
		await sleep(forMs);
		this.links.stall(name, false);
	}

	async links_slow([name], forMs, value) {
		this.links.delay(name, value);
		await sleep(forMs);
		this.links.delay(name, 0);
	}

	async links_cut([name]) {
		this.links.cut(name);
	}
}
