// SPDX-License-Identifier: MIT
// tests/chaos/suite.mjs - a suite of its own for one run: private folders, each
// daemon behind a wrapper through which faults reach it (a disk that is slow,
// fails or forgets, a clock that jumps, links that go through links.mjs).
import { execFile, spawn } from "node:child_process";
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, readdirSync,
	symlinkSync, writeFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));

export const secret = "a-secret-that-only-the-chaos-knows-0123456789";
export const backs = ["store", "auth", "router", "presence"];
export const gateways = ["gateway", "gateway.2"];
const kinds = [...backs, "gateway"];
const keeping = ["store", "auth"]; // have files

// A run's settings are its own.
const withoutSettings = (env) => Object.fromEntries(Object.entries(env).filter(([key]) =>
	!/^(PARLEY_|JWT_SECRET$|DATABASE_URL$|WS_BIND_ADDR$)/.test(key)));

export class Suite {
	constructor({ folder, build, diskMegabytes, syncUs, settings = {}, forDaemon = {} }) {
		Object.assign(this, { folder, build, diskMegabytes, syncUs, forDaemon });
		this.data = join(folder, "data");
		this.runFolder = join(folder, "run");
		this.bin = join(folder, "build", "bin");
		this.env = { ...withoutSettings(process.env), PARLEY_DATA: this.data, PARLEY_RUN: this.runFolder,
			PARLEY_ENV: "/dev/null", PARLEY_LISTEN: "127.0.0.1:0", PARLEY_RATE: "off",
			PARLEY_BUILD: dirname(this.bin), PARLEY_GATEWAYS: String(gateways.length),
			JWT_SECRET: secret, ...settings };
		this.controls = new Map(); // file → descriptor
		this.without = []; // what cannot be done here, in words
	}

	async start() {
		mkdirSync(this.data, { recursive: true });
		mkdirSync(this.bin, { recursive: true });
		await this.#mountDisk();
		await this.#preload("slow_sync");
		await this.#preload("skew_clock");
		await this.#preload("lost_writes", "lost_journal", "lose_power");
		for (const name of readdirSync(join(this.build, "bin")))
			this.#wrap(name);
		this.setSync({ delayUs: this.syncUs, failures: 0 });
		await this.#parley("--wait");
	}

	#parley(...words) {
		return run(join(root, "run.sh"), ["--no-build", ...words],
			{ env: this.env, timeout: 120000 });
	}

	// A disk of this size, of its own, so that it can be filled.
	async #mountDisk() {
		if (process.getuid() !== 0)
			return this.without.push("disk full: only root can mount a small disk");
		try {
			await run("mount", ["-t", "tmpfs", "-o",
				`size=${this.diskMegabytes}m,mode=700`, "parley-chaos", this.data]);
			this.hasDisk = true;
		} catch (error) {
			this.without.push(`disk full: ${error.message.trim()}`);
		}
		return undefined;
	}

	// The library is named after its first source.
	async #preload(...names) {
		const [name] = names, library = join(this.folder, `${name}.so`);
		try {
			await run(process.env.CC || "cc", ["-std=c11", "-D_GNU_SOURCE", "-O2",
				"-shared", "-fPIC", "-o", library,
				...names.map((source) => join(here, `${source}.c`)), "-ldl"]);
			this[name] = library;
		} catch (error) {
			this.without.push(`${name}: ${error.message.split("\n")[0]}`);
		}
	}

	// run.sh starts what it finds in the build folder: there lies a script for each
	// daemon, which hands over to the daemon proper.
	#wrap(name) {
		const target = join(this.build, "bin", name), at = join(this.bin, name);
		if (!kinds.includes(name))
			return symlinkSync(target, at);
		const preload = [], lines = ["#!/bin/sh"];
		if (this.skew_clock) {
			preload.push(this.skew_clock);
			lines.push(`export CHAOS_CLOCK='${this.#control(`${name}.clock`, 8)}'`);
		}
		if (this.lost_writes && keeping.includes(name)) {
			preload.push(this.lost_writes);
			lines.push(`export LOST_WRITES='${this.#journals(name)}'`,
				`export LOST_WRITES_OF='${this.data}'`);
		}
		if (this.slow_sync && name === "store") {
			preload.push(this.slow_sync);
			lines.push(`export CHAOS_SYNC='${this.#control("sync", 16)}'`);
		}
		for (const [key, value] of Object.entries(this.forDaemon[name] ?? {}))
			lines.push(`export ${key}='${value}'`);
		// A sanitizer's runtime wants to be loaded first, and can do without.
		if (preload.length > 0)
			lines.push(`export LD_PRELOAD='${preload.join(":")}'`,
				'export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"');
		writeFileSync(at, `${lines.join("\n")}\nexec '${target}' "$@"\n`);
		return chmodSync(at, 0o755);
	}

	#journals(name) {
		const folder = join(this.folder, `${name}.disk`);
		mkdirSync(folder, { recursive: true });
		return folder;
	}

	// When it starts next, what it had not synced is gone, as the seed says.
	losePower(name, seed) {
		if (keeping.includes(name))
			writeFileSync(join(this.#journals(name), "power"), String(seed));
	}

	#control(name, bytes) {
		const path = join(this.folder, name);
		writeFileSync(path, Buffer.alloc(bytes));
		this.controls.set(name, openSync(path, "r+"));
		return path;
	}

	#order(name, ...numbers) {
		const fd = this.controls.get(name);
		if (fd !== undefined)
			writeSync(fd, Buffer.from(BigInt64Array.from(numbers, BigInt).buffer), 0,
				8 * numbers.length, 0);
	}

	setSync({ delayUs = this.syncUs, failures = 0 }) {
		this.#order("sync", delayUs, failures);
	}

	setClock(name, ms) {
		this.#order(`${name.split(".")[0]}.clock`, ms);
	}

	async stop() {
		await this.#parley("stop");
		for (const fd of this.controls.values())
			closeSync(fd);
		this.controls.clear();
	}

	async unmount() {
		if (this.hasDisk)
			await run("umount", [this.data]);
		this.hasDisk = false;
	}

	restart(name) {
		return this.#parley("restart", name);
	}

	// The first listener, as it is written down: `127.0.0.1:PORT`.
	address() {
		this.host ??= readFileSync(join(this.runFolder, "listen"), "utf8")
			.split("\n")[0].split("=")[0];
		return this.host;
	}

	// The process that has this name now, or null.
	pid(name) {
		const rows = readFileSync(join(this.runFolder, "status"), "utf8").split("\n");
		const pid = Number(rows.find((row) => row.startsWith(`${name} `))?.split(" ")[1]);
		return Number.isInteger(pid) && pid > 1 ? pid : null;
	}

	async answers(name) {
		try {
			await run(join(this.bin, "parley-ping"),
				["--run", this.runFolder, "--timeout", "1000", name]);
			return true;
		} catch {
			return false;
		}
	}

	// What is in the database, a row at a time.
	async readMessages(take, which = "") {
		const query = `SELECT json_object('room', lower(hex(r.id)), 'seq', m.seq,
			'num', m.number, 'by', n.name, 'text', m.text)
			FROM messages m JOIN rooms r USING (room_no) JOIN names n USING (name_no)
			${which} ORDER BY m.room_no, m.seq`;
		const sqlite = spawn("sqlite3", ["-readonly", "-cmd", ".timeout 5000",
			join(this.data, "chat.db"), query], { stdio: ["ignore", "pipe", "inherit"] });
		const ended = new Promise((resolve) => sqlite.on("close", resolve));
		for await (const line of createInterface({ input: sqlite.stdout }))
			take(JSON.parse(line));
		if (await ended !== 0)
			throw new Error("sqlite3 could not read chat.db");
	}
}
