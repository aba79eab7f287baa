// SPDX-License-Identifier: MIT
// tests/faults/daemon.mjs - one daemon whose memory runs out when it is told to
// (nth_malloc.c), started directly: nothing starts it again.
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, writeFileSync,
	writeSync } from "node:fs";
import { join } from "node:path";

export const secret = "a-secret-that-only-the-faults-know-0123456789";
export const kinds = ["store", "auth", "router", "presence", "gateway"];
const logMax = 200; // lines that are kept; of a sanitiser's report the first
const reportMax = 60;
const sanitiserSays = /ERROR: \w+Sanitizer|runtime error:/;
const spinNs = 200e6; // who has something to do, and does it, sleeps long before
const spinLooksMs = 10000;
const living = new Set();

// All the daemon is told beside its folders is its own.
const settings = { PARLEY_ENV: "/dev/null", PARLEY_LISTEN: "127.0.0.1:0", PARLEY_RATE: "off",
	JWT_SECRET: secret };

export class Daemon {
	constructor({ kind, build, library, data }) {
		Object.assign(this, { kind, data, log: [], report: [], ended: null, isStarted: false });
		mkdirSync(data, { recursive: true });
		const memory = join(data, `${kind}.memory`);
		writeFileSync(memory, Buffer.alloc(32));
		this.fd = openSync(memory, "r+");
		this.begin = () => this.#spawn(join(build, "bin", kind), {
			PATH: process.env.PATH, ...settings, PARLEY_DATA: data,
			FAULTS_MEMORY: memory, FAULTS_PARENT: process.pid, LD_PRELOAD: library,
			// What the preloaded library is asked for by dlsym() stays.
			ASAN_OPTIONS: "verify_asan_link_order=0:detect_leaks=0",
			UBSAN_OPTIONS: "print_stacktrace=1",
		});
	}

	#spawn(program, env) {
		this.process = spawn(program, { env, stdio: ["ignore", "ignore", "pipe"] });
		living.add(this.process);
		let rest = "";
		this.process.stderr.on("data", (data) => {
			const lines = (rest + data).split("\n");
			rest = lines.pop();
			for (const line of lines)
				this.#hear(line);
		});
		this.over = new Promise((resolve) => {
			this.process.on("close", (status, signal) => {
				living.delete(this.process);
				this.ended = { status, signal };
				this.stir?.();
				resolve(this.ended);
			});
		});
	}

	#hear(line) {
		if (this.complaint) {
			if (this.report.length < reportMax)
				this.report.push(line);
		} else if (this.log.push(line) > logMax) {
			this.log.shift();
		}
		this.isStarted ||= line.includes(" event=started ");
		this.complaint ||= sanitiserSays.test(line) ? line : undefined;
		this.stir?.();
	}

	// Until it runs or has ended; false if neither happens in time.
	settled(ms) {
		return new Promise((resolve) => {
			// Where we had no time ourselves, what it did is still to be heard.
			const timer = setTimeout(() => setTimeout(() => resolve(false), ms / 10), ms);
			this.stir = () => {
				if (!this.isStarted && this.ended === null)
					return;
				clearTimeout(timer);
				this.stir = undefined;
				resolve(true);
			};
			this.stir();
		});
	}

	// From the n-th allocation on, `count` fail; 0: none does.
	fail(n, count = 1) {
		this.#write(1, n === 0 ? 0 : this.counted() + n);
		this.#write(2, n === 0 ? 0 : count);
		this.#write(3, 0);
	}

	lastWords() {
		return this.complaint ? this.report : this.log.slice(-20);
	}

	counted() { return this.#read(0); }

	failed() { return this.#read(3); }

	#write(place, number) {
		writeSync(this.fd, Buffer.from(BigInt64Array.of(BigInt(number)).buffer), 0, 8, 8 * place);
	}

	#read(place) {
		const number = new BigInt64Array(1);
		readSync(this.fd, new Uint8Array(number.buffer), 0, 8, 8 * place);
		return Number(number[0]);
	}

	// Those of its threads that are about to run: how long they did, in ns, and how
	// often they have gone to sleep of their own accord.
	#threads() {
		const tasks = `/proc/${this.process.pid}/task`, threads = new Map();
		try {
			for (const task of readdirSync(tasks)) {
				const status = readFileSync(`${tasks}/${task}/status`, "utf8");
				if (/^State:\s+R/m.test(status))
					threads.set(task, { sleeps: /^voluntary_ctxt_switches:.*/m.exec(status)[0],
						ran: parseInt(readFileSync(`${tasks}/${task}/schedstat`, "utf8")) });
			}
		} catch (error) {
			if (error.code !== "ENOENT" && error.code !== "ESRCH")
				throw error; // else it, or the thread, has ended
		}
		return threads;
	}

	// Whether a thread never sleeps though nothing is asked of it. On a machine that
	// has no time for it, it is given the benefit of the doubt.
	async spins() {
		const first = this.#threads(), deadline = performance.now() + spinLooksMs;
		for (let ms = 20; performance.now() < deadline; ms = 200) {
			await new Promise((resolve) => setTimeout(resolve, ms));
			const restless = [...this.#threads()].map(([id, now]) => [first.get(id), now])
				.filter(([then, now]) => then?.sleeps === now.sleeps);
			if (this.ended !== null || restless.length === 0)
				return false;
			if (restless.some(([then, now]) => now.ran - then.ran > spinNs))
				return true;
		}
		return false;
	}

	// How it ended when it was asked to, or that it did not.
	async end(ms) {
		this.process.kill("SIGTERM");
		const timer = setTimeout(() => this.process.kill("SIGKILL"), ms);
		const ended = await this.over;
		clearTimeout(timer);
		closeSync(this.fd);
		return ended;
	}
}

// At the end, however it comes: no daemon stays.
export function killAll() {
	for (const one of living)
		one.kill("SIGKILL");
}
