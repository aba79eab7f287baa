// SPDX-License-Identifier: MIT
// tests/chaos/client.mjs - what all have in common who talk while the daemons
// die. A client connects, says something, goes away, comes back, as its own stream
// of chance tells it, and writes down all that it says and hears. How a dialect
// does that is in members.mjs and visitors.mjs.
import WebSocket from "ws";
import { digest, nameOf } from "./records.mjs";
import { Random } from "./random.mjs";

export const patienceMs = 90000; // for one post, however often it is said
export const againMs = 150;
const entryMs = 15000;
export const burstMax = 6;
const latestMax = 50; // copies may come behind the latest message
const longBytes = 12000;

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const scraps = ["soup", "\"quoted\"", "back\\slash", "tab\there", "zwei Zeilen\nund mehr",
	"naïve", "日本語", "🦆🦆", "</script>", "{\"message\": 1}", "system: no", "\u200f", "%s%n"];

// What all clients of a run share: the suite, the rooms, the records.
export class Cast {
	constructor({ seed, records, address, rooms, stayMs, pauseMs }) {
		Object.assign(this, { seed, records, address, rooms, stayMs, pauseMs });
		this.said = new Map(); // m → {text, h}
		this.names = new Map(); // UUID → name
		this.roomNames = new Map([...rooms].map(([name, { id }]) => [id, name]));
		this.isQuiet = false; // nothing new is said, nobody goes away
		this.isOver = false;
		this.isCalm = false; // no new connection is asked for: the suite stops
	}

	hashOf(m, text) {
		const said = this.said.get(m);
		return said?.text === text ? said.h : digest(text);
	}
}

export class Client {
	constructor(cast, who, rooms) {
		Object.assign(this, { cast, who, rooms, c: null, socket: null });
		this.random = new Random(cast.seed, who);
		this.count = 0; // of connections
		this.said = 0; // of messages
		this.isReady = false; // may speak
		this.entered = new Set();
		this.waiting = new Map(); // m → {m, room, text, since, refused}
		this.latest = new Map(); // room → the messages heard last
		this.stir = new Set();
	}

	record(e, fields) {
		this.cast.records.add(e, { c: this.c, ...fields });
	}

	// Resolves once `look()` holds; false if the time is up before.
	async until(look, ms = patienceMs) {
		const deadline = performance.now() + ms;
		while (!look()) {
			const left = deadline - performance.now();
			if (left <= 0)
				return false;
			await new Promise((resolve) => {
				const timer = setTimeout(resolve, Math.min(left, 1000));
				this.stir.add(() => resolve(clearTimeout(timer)));
			});
		}
		return true;
	}

	wake() {
		for (const look of this.stir)
			look();
		this.stir.clear();
	}

	// --- Coming and going

	async live() {
		while (!this.cast.isOver) {
			const stands = !this.cast.isCalm && await this.connect();
			if (stands)
				await this.stay();
			else
				await sleep(this.random.between(50, 250));
		}
	}

	connect() {
		const { url, headers = {} } = this.where();
		const socket = new WebSocket(`ws://${this.cast.address()}${url}`,
			{ headers, perMessageDeflate: false, handshakeTimeout: 10000 });
		this.socket = socket;
		socket.on("message", (data, isBinary) => this.#hear(socket, data, isBinary));
		return new Promise((resolve) => {
			let why = "closed";
			socket.on("error", (error) => { why = error.message; });
			socket.once("open", () => resolve(this.#begin()));
			socket.once("close", (code) => {
				if (this.isOpen)
					return this.#end(code);
				this.cast.records.add("failed", { who: this.who, why });
				return resolve(false);
			});
		});
	}

	#begin() {
		this.c = `${this.who}#${++this.count}`;
		this.record("open", { who: this.who, kind: this.kind });
		this.isOpen = true;
		this.entered.clear();
		this.latest.clear();
		this.enter();
		return true;
	}

	#end(code) {
		this.record("close", { code, own: this.isLeaving === true });
		Object.assign(this, { isOpen: false, isReady: false, isLeaving: false });
		this.onClosed();
		this.wake();
	}

	// Until the server ends it, or the time is up that it wanted to stay.
	async stay() {
		const socket = this.socket;
		await this.until(() => !this.isOpen || this.isReady, entryMs);
		if (this.isOpen && !this.isReady) {
			this.cast.records.add("failed", { who: this.who,
				why: `not let in: ${this.whyOutside ?? "no answer"}` });
			return this.leave(socket, false);
		}
		const stayMs = this.random.pause(this.cast.stayMs);
		const awayMs = this.isTraveller ? this.random.between(30000, 60000)
			: this.random.pause(this.awayMs);
		const politely = this.random.chance(0.5);
		await this.until(() => !this.isOpen || this.cast.isQuiet, stayMs);
		if (!this.isOpen)
			return sleep(this.random.between(5, 120));
		if (this.cast.isQuiet)
			return this.until(() => !this.isOpen || this.cast.isOver, 3600000);
		await this.leave(socket, politely);
		return this.until(() => this.cast.isQuiet, awayMs);
	}

	async leave(socket, politely) {
		this.isLeaving = true;
		if (politely)
			socket.close(1000);
		else
			socket.terminate();
		if (!await this.until(() => !this.isOpen, 6000))
			socket.terminate();
		return this.until(() => !this.isOpen);
	}

	// --- Talking

	async talk() {
		while (!this.cast.isQuiet) {
			await sleep(this.random.pause(this.cast.pauseMs));
			if (!await this.until(() => this.isReady || this.cast.isQuiet) ||
			    this.cast.isQuiet)
				continue;
			await this.#sayOneOrMore();
			await this.answered();
		}
	}

	// Several: all at once, or each soon after the one before.
	async #sayOneOrMore() {
		const count = this.burst > 1 && this.random.chance(0.15)
			? this.random.between(2, this.burst) : 1;
		const gapMs = this.random.chance(0.5) ? this.random.between(1, 40) : 0;
		const room = this.random.pick(this.rooms);
		for (let i = 0; i < count; i++) {
			if (i > 0 && gapMs > 0)
				await sleep(gapMs);
			if (this.isReady)
				this.say(room, this.compose());
		}
	}

	compose() {
		const m = `${this.who}.${++this.said}`;
		const words = Array.from({ length: this.random.between(1, 8) },
			() => this.random.pick(scraps));
		if (this.random.chance(0.01))
			words.push("x".repeat(this.random.between(1, longBytes)));
		const text = `${m} ${words.join(" ")}`;
		this.cast.said.set(m, { text, h: digest(text) });
		return { m, text };
	}

	// A UUID of version 4.
	makeId() {
		const hex = Array.from({ length: 32 }, () =>
			this.random.between(0, 15).toString(16)).join("");
		return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-` +
			`a${hex.slice(17, 20)}-${hex.slice(20)}`;
	}

	say(room, { m, text }) {
		this.waiting.set(m, { m, room, text });
		this.transmit(this.waiting.get(m));
	}

	transmit(post) {
		const { m, room, text } = post;
		if (this.socket.readyState !== WebSocket.OPEN)
			return;
		post.isSaid = true;
		this.record("say", { room, m, h: this.cast.said.get(m).h });
		this.send(this.frame(room, text, m));
	}

	send(frame) {
		if (this.socket.readyState === WebSocket.OPEN)
			this.socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
	}

	// Where a refusal names no message, it may be any of those that still wait. What
	// was not said, as the socket was about to close, was not refused.
	async answered() {
		await this.until(() => this.waiting.size <= this.refusals || !this.isOpen);
		for (const { m, isSaid } of this.waiting.values())
			if (isSaid && this.isOpen && this.refusals > 0)
				this.record("no", { m });
		this.waiting.clear();
		this.refusals = 0;
	}

	onRefused() {
		this.refusals++;
		this.wake();
	}

	onClosed() {
		this.waiting.clear();
		this.refusals = 0;
	}

	// --- Hearing

	#hear(socket, data, isBinary) {
		if (socket !== this.socket || !this.isOpen)
			return;
		try {
			if (isBinary)
				throw new Error("a binary frame");
			this.onFrame(JSON.parse(data.toString()), data);
		} catch (error) {
			this.record("odd", { what: `${error.message}: ${data.toString().slice(0, 200)}` });
		}
	}

	// A message that came. `more` is what this dialect tells beside the words.
	heard(room, text, by, more = {}) {
		const m = nameOf(text);
		this.record("got", { room, m, h: this.cast.hashOf(m, text), by, ...more,
			...m === null ? { text: text.slice(0, 200) } : {} });
		this.latest.set(room, [m, ...this.latest.get(room) ?? []].slice(0, latestMax));
		if (this.waiting.delete(m)) {
			this.enteredRoom(room);
			this.wake();
		}
		return m;
	}

	enteredRoom(room, more = {}) {
		if (!this.entered.has(room))
			this.record("in", { room, ...more });
		this.entered.add(room);
	}

	odd(frame) {
		this.record("odd", { what: JSON.stringify(frame).slice(0, 300) });
	}
}

Client.prototype.awayMs = 1500;
Client.prototype.refusals = 0;
Client.prototype.burst = burstMax;
