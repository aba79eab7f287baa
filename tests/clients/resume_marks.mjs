// SPDX-License-Identifier: MIT
// tests/clients/resume_marks.mjs - a campfire client without Resume: what it gets
// is what follows the mark.
//
//   resume_marks.mjs HOST TOKEN OTHER-TOKEN ROOM GAP
//
// Marks the message after which that many follow; comes again; once it is told
// something, if anything, the other one says `fence`. Prints how much it was told
// before that: {told, first, head}.
import { Connection, print, run } from "./connection.mjs";
import { parse } from "./strict.mjs";

class Marking extends Connection {
	static decode = parse;
	static patienceMs = 30000;

	static at(host, token, query) {
		return Marking.open(`ws://${host}/ws/campfire?v=2${query}&token=${token}`);
	}

	async ask(type, fields) {
		const request_id = type;
		this.socket.send(JSON.stringify({ type, request_id, ...fields }));
		return this.find((f) => f.request_id === request_id);
	}

	// What it is told of a room, which has no hole.
	async hearTo(room, isLast) {
		const heard = [];
		do {
			const { message } = await this.find((f) =>
				f.type === "NewMessage" && f.message.room_id === room);
			if (heard.length > 0 && message.seq !== heard.at(-1).seq + 1)
				throw new Error(`heard ${message.seq} after ${heard.at(-1).seq}`);
			heard.push(message);
		} while (!isLast(heard.at(-1)));
		return heard;
	}
}

async function mark(host, token, room_id, gap) {
	const client = await Marking.at(host, token, "&resume=1");
	const newest = await client.ask("GetHistory", { room_id, limit: 1 });
	const head = newest.messages[0].seq;
	if (gap < head) {
		const { messages } = await client.ask(
			"GetHistory", { room_id, after: head - gap - 1, limit: 1 });
		const { seq } = await client.ask(
			"UpdateLastSeen", { message_id: messages[0].id });
		if (seq !== head - gap)
			throw new Error(`marked ${seq} of ${head}`);
	}
	await client.close();
	return head;
}

async function sayFence(host, token, room) {
	const response = await fetch(`http://${host}/api/rooms/${room}/messages`, {
		method: "POST",
		headers: {
			"Authorization": `Bearer ${token}`, "Content-Type": "application/json",
		},
		body: JSON.stringify({ content: "fence" }),
	});
	if (response.status !== 201)
		throw new Error(`fence: ${response.status}`);
}

async function main(host, token, other, room, gap) {
	const head = await mark(host, token, room, Number(gap));
	const client = await Marking.at(host, token, "");
	const missed = Number(gap) === 0 ? []
		: await client.hearTo(room, (m) => m.seq === head);
	await sayFence(host, other, room);
	const [fence, ...rest] = await client.hearTo(room, (m) => m.content === "fence");
	if (fence.seq !== head + 1 || rest.length > 0)
		throw new Error(`heard ${fence.seq} after ${head}`);
	print({ told: missed.length, first: missed[0]?.seq ?? null, head });
	await client.close();
}

await run(import.meta.url, main);
