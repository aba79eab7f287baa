// SPDX-License-Identifier: MIT
// tests/faults/people.mjs - those who talk while memory runs out. Each has a
// connection that knows its place (`resume`): what it hears of the room must be
// every message, once and in order, over as many connections as it takes.
import { createHmac, randomUUID } from "node:crypto";
import WebSocket from "ws";
import { secret } from "./daemon.mjs";

const base64 = (text) => Buffer.from(text).toString("base64url");

const sign = (claims) => {
	const head = `${base64('{"alg":"HS256","typ":"JWT"}')}.${base64(JSON.stringify(claims))}`;
	return `${head}.${createHmac("sha256", secret).update(head).digest("base64url")}`;
};

export class Person {
	constructor(name, address) {
		const claims = { sub: randomUUID(), username: name, exp: Math.floor(Date.now() / 1000) + 86400 };
		Object.assign(this, { name, address, token: sign(claims), place: 0, heard: [], wrong: [],
			answers: new Map(), repeats: new Map(), stir: new Set() });
	}

	async until(look, ms) {
		const deadline = performance.now() + ms;
		while (!look()) {
			const left = deadline - performance.now();
			if (left <= 0)
				return false;
			await new Promise((resolve) => {
				const timer = setTimeout(resolve, left);
				this.stir.add(() => resolve(clearTimeout(timer)));
			});
		}
		return true;
	}

	#wake() {
		for (const look of this.stir)
			look();
		this.stir.clear();
	}

	async rest(method, path, body) {
		const answer = await fetch(`http://${this.address}${path}`, { method,
			headers: { Authorization: `Bearer ${this.token}`, Connection: "close" },
			body: body === undefined ? undefined : JSON.stringify(body),
			signal: AbortSignal.timeout(15000) });
		return { status: answer.status, body: await answer.json() };
	}

	// Whether it is connected and hears the room; false: refused, or lost at once.
	connect(room, ms) {
		this.room = room;
		const socket = new WebSocket(`ws://${this.address}/ws/campfire?v=2&resume=1`,
			{ headers: { Authorization: `Bearer ${this.token}` }, perMessageDeflate: false,
				handshakeTimeout: ms });
		this.socket = socket;
		this.isResumed = false;
		this.isOver = false;
		socket.on("error", () => {});
		socket.on("open", () => this.send({ type: "Resume", rooms: { [room]: this.place } }));
		socket.on("message", (data) => socket === this.socket && this.#hear(JSON.parse(data)));
		socket.on("close", () => {
			if (socket === this.socket)
				this.isOver = true;
			this.#wake();
		});
		return this.until(() => this.isResumed || this.isOver, ms)
			.then(() => this.isResumed && !this.isOver);
	}

	// As often as it takes.
	async stay(room, ms) {
		const deadline = performance.now() + ms;
		while (this.socket === undefined || this.isOver || !this.isResumed) {
			if (performance.now() > deadline)
				return false;
			this.leave();
			if (!await this.connect(room, 3000))
				await new Promise((resolve) => setTimeout(resolve, 50));
		}
		return true;
	}

	leave() {
		this.socket?.terminate();
		this.socket = undefined;
	}

	send(frame) {
		if (this.socket?.readyState === WebSocket.OPEN)
			this.socket.send(JSON.stringify(frame));
	}

	#hear(frame) {
		if (frame.type === "NewMessage" && frame.message.room_id === this.room)
			this.#hearMessage(frame.message);
		else if (frame.type === "Resumed")
			this.isResumed = true;
		else if (frame.type === "Error" && frame.request_id !== undefined)
			this.answers.set(frame.request_id, frame.code);
		this.#wake();
	}

	// What was said again is answered by a copy, which comes where it likes.
	#hearMessage({ seq, content }) {
		const copies = this.repeats.get(content) ?? 0;
		if (seq <= this.place && copies > 0) {
			this.repeats.set(content, copies - 1);
			this.answers.set(content, "said");
			return;
		}
		if (seq !== this.place + 1)
			this.wrong.push(`${this.name} heard ${seq} after ${this.place}`);
		this.place = seq;
		this.heard.push(content);
		this.answers.set(content, "said");
	}

	// What came of it: `said`, an error's code, `closed`, or `silence`.
	async say({ text, id }, ms) {
		this.answers.delete(text);
		this.repeats.set(text, (this.repeats.get(text) ?? -1) + 1);
		this.send({ type: "CreateMessage", room_id: this.room, content: text,
			client_message_id: id, request_id: text });
		await this.until(() => this.answers.has(text) || this.isOver, ms);
		return this.answers.get(text) ?? (this.isOver ? "closed" : "silence");
	}
}
