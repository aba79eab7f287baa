// SPDX-License-Identifier: MIT
// tests/chaos/links.mjs - the daemons' links over TCP with CURVE, through relays
// that can slow them down, hold them back or cut them: what a network does.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";

const backs = ["store", "auth", "router", "presence"];

function freePort() {
	return new Promise((resolve, reject) => {
		const server = createServer().on("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});
}

// Stands between those who connect and the daemon that has bound `target`.
class Relay {
	#pairs = new Set();
	#isStalled = false;
	delayMs = 0;

	async open(target) {
		this.target = target;
		this.server = createServer((near) => this.#join(near));
		await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
		this.port = this.server.address().port;
		return this;
	}

	#join(near) {
		const far = connect(this.target, "127.0.0.1");
		const pair = [near, far];
		this.#pairs.add(pair);
		const end = () => {
			this.#pairs.delete(pair);
			near.destroy();
			far.destroy();
		};
		for (const [from, to] of [[near, far], [far, near]]) {
			from.setNoDelay(true);
			from.on("error", end).on("close", end);
			from.on("data", (bytes) => this.#pass(bytes, to));
			if (this.#isStalled)
				from.pause();
		}
	}

	// Bytes keep their order: timers of one length end in the order of their start,
	// and what follows a shorter delay waits for what is still under way.
	#pass(bytes, to) {
		const now = performance.now();
		const at = Math.max(now + this.delayMs, to.freeAt ?? 0);
		if (at <= now && !to.isBusy)
			return void (to.destroyed || to.write(bytes));
		to.freeAt = at;
		to.queue ??= [];
		to.queue.push([at, bytes]);
		if (!to.isBusy)
			this.#drain(to);
	}

	#drain(to) {
		to.isBusy = to.queue.length > 0;
		if (!to.isBusy)
			return;
		setTimeout(() => {
			const [, bytes] = to.queue.shift();
			if (!to.destroyed)
				to.write(bytes);
			this.#drain(to);
		}, Math.max(0, to.queue[0][0] - performance.now()));
	}

	stall(isStalled) {
		this.#isStalled = isStalled;
		for (const socket of [...this.#pairs].flat())
			socket[isStalled ? "pause" : "resume"]();
	}

	cut() {
		for (const socket of [...this.#pairs].flat())
			socket.resetAndDestroy();
	}

	close() {
		this.cut();
		this.server.close();
	}
}

export class Links {
	#relays = new Map();
	#bound = new Map();

	static async open(folder, build) {
		const links = new Links();
		links.keys = join(folder, "keys");
		mkdirSync(links.keys, { mode: 0o700 });
		execFileSync(join(build, "bin", "parley-keys"),
			["--curve-dir", links.keys, "gateway", ...backs]);
		for (const name of backs) {
			const port = await freePort();
			links.#bound.set(name, port);
			links.#relays.set(name, await new Relay().open(port));
		}
		return links;
	}

	// For Suite: all connect to the relay, the daemon itself binds what is behind.
	settings() {
		const key = (name) => `PARLEY_${name.toUpperCase()}`;
		const at = (port) => `tcp://127.0.0.1:${port}`;
		const forDaemon = {};
		for (const name of [...backs, "gateway"])
			forDaemon[name] = Object.fromEntries(backs.map((other) => [key(other),
				at(other === name ? this.#bound.get(other) : this.#relays.get(other).port)]));
		return { settings: { PARLEY_CURVE_DIR: this.keys }, forDaemon };
	}

	stall(name, isStalled) {
		this.#relays.get(name).stall(isStalled);
	}

	delay(name, ms) {
		this.#relays.get(name).delayMs = ms;
	}

	cut(name) {
		this.#relays.get(name).cut();
	}

	close() {
		for (const relay of this.#relays.values())
			relay.close();
	}
}
