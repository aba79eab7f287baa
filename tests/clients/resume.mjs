// SPDX-License-Identifier: MIT
// tests/clients/resume.mjs - a campfire client that resumes, and is strict about
// what it then gets: of each room one unbroken piece, in order, each once.
//
//   resume.mjs HOST TOKEN ROOM=SEQ …   resumes there, prints what it was told of
//                                      each room: {ROOM: {told, first, seq,
//                                      has_more}}
import { Connection, print, run } from "./connection.mjs";
import { parse } from "./strict.mjs";

export class Resuming extends Connection {
	static decode = parse;
	static patienceMs = 30000;

	// `last`: up to which number it knows each room, by the room's id.
	static async at(host, token, last = {}) {
		const client = await Resuming.open(
			`ws://${host}/ws/campfire?v=2&resume=1&token=${token}`);
		return Object.assign(client, { last: { ...last }, messages: [] });
	}

	say(type, fields) {
		this.socket.send(JSON.stringify({ type, ...fields }));
	}

	// The next frame, which is no message that was told before or out of turn.
	async hear() {
		const frame = await this.next();
		if (frame.type === "Error")
			throw new Error(JSON.stringify(frame));
		if (frame.type === "NewMessage")
			this.#note(frame.message);
		return frame;
	}

	#note(message) {
		const last = this.last[message.room_id];
		const isCut = this.messages.every((m) => m.room_id !== message.room_id) &&
			message.seq > last + 1;
		if (last === undefined || (message.seq !== last + 1 && !isCut))
			throw new Error(`heard ${message.seq} after ${last}`);
		this.last[message.room_id] = message.seq;
		this.messages.push(message);
	}

	// Asks from the places that it knows; resolves with the answer's rooms once
	// that has come and says what was heard.
	async resume() {
		const asked = { ...this.last };
		this.say("Resume", { rooms: asked });
		for (;;) {
			const frame = await this.hear();
			if (frame.type !== "Resumed")
				continue;
			for (const [room, { seq, has_more }] of Object.entries(frame.rooms))
				this.#compare(room, asked[room], seq, has_more);
			return frame.rooms;
		}
	}

	#compare(room, asked, seq, hasMore) {
		const first = this.of(room)[0]?.seq ?? asked + 1;
		if (seq !== this.last[room])
			throw new Error(`resumed at ${seq}, told up to ${this.last[room]}`);
		if (hasMore !== (first > asked + 1))
			throw new Error(`asked from ${asked}, told from ${first}, ` +
				`has_more ${hasMore}`);
	}

	of(room) {
		return this.messages.filter((m) => m.room_id === room);
	}
}

// The first of them whose gateway runs.
export function findRunning(clients) {
	return Promise.any(clients.map((client) => new Promise((resolve) => {
		client.socket.once("pong", () => resolve(client));
		client.socket.ping();
	})));
}

function places(words) {
	return Object.fromEntries(words.map((word) => {
		const [room, seq] = word.split("=");
		return [room, Number(seq)];
	}));
}

async function main(host, token, ...words) {
	const client = await Resuming.at(host, token, places(words));
	const rooms = await client.resume();
	for (const [room, answer] of Object.entries(rooms))
		Object.assign(answer, {
			told: client.of(room).length, first: client.of(room)[0]?.seq ?? null,
		});
	print(rooms);
	await client.close();
}

await run(import.meta.url, main);
