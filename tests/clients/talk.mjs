// SPDX-License-Identifier: MIT
// tests/clients/talk.mjs - two members who talk without a pause, whatever
// happens behind the gateway, and then compare what each of them heard.
//
//   node talk.mjs HOST:PORT ROOM-ID TOKEN TOKEN
//
// Prints `talking` once both have been heard, talks until its input has ended,
// then prints what happened as one line of JSON. Each post waits for its echo;
// one that was refused as unavailable is said again with the same id. Ends with
// 1 if a connection was lost, or if what was heard is not the history: each
// message once, in order, without a hole. A post said again may be answered by
// a second copy, to its author alone.
import { randomUUID } from "node:crypto";
import { Campfire } from "./campfire.mjs";
import { history, longestMs, report, sleep, talkOn } from "./endless.mjs";

const [host, room, ...tokens] = process.argv.slice(2);
const patienceMs = 30000; // for one post, however often it is said
const pauseMs = 3;

class Speaker {
	constructor(name, client) {
		this.name = name;
		this.client = client;
		this.again = new Map(); // client message id → how often said again
		this.waits = []; // ms from a post to its echo
		this.refusals = 0;
		this.refusedAfter = 0; // ms: the longest wait for a refusal
	}

	async say(text) {
		const id = randomUUID();
		const began = performance.now();
		for (;;) {
			const asked = performance.now();
			try {
				await this.client.post(room, text, id);
				break;
			} catch (error) {
				this.#mayRepeat(error, performance.now() - began);
				this.refusedAfter = Math.max(this.refusedAfter, performance.now() - asked);
				this.again.set(id, (this.again.get(id) ?? 0) + 1);
				await sleep(20);
			}
		}
		this.waits.push(performance.now() - began);
	}

	#mayRepeat(error, waited) {
		if (!error.message.includes('"SERVICE_UNAVAILABLE"') || waited > patienceMs)
			throw error;
		this.refusals++;
	}

	// What was heard, without the copies that are answers to a repetition.
	heard() {
		const again = new Map(this.again);
		const heard = [];
		for (const message of this.client.messages(room)) {
			const copies = again.get(message.client_message_id) ?? 0;
			if (message.seq === heard.length + 1)
				heard.push(message);
			else if (copies > 0)
				again.set(message.client_message_id, copies - 1);
			else
				throw new Error(`heard ${message.seq} "${message.content}" after ` +
					`${heard.length}`);
		}
		return heard;
	}
}

async function hearAll(speaker, count) {
	const deadline = Date.now() + 10000;
	while (speaker.heard().length < count && Date.now() < deadline)
		await sleep(20);
}

function compare(wanted, heard) {
	const line = (m) => m && JSON.stringify([m.seq, m.id, m.creator_id,
		m.content, m.client_message_id, m.created_at]);
	for (let i = 0; i < Math.max(wanted.length, heard.length); i++)
		if (wanted[i]?.seq !== i + 1 || line(wanted[i]) !== line(heard[i]))
			throw new Error(`history has ${line(wanted[i])}, ` +
				`heard ${line(heard[i])}`);
}

// What each said was kept once, in the order in which it was said.
function compareSaid(wanted, { name, waits }) {
	const kept = wanted.map((m) => m.content).filter((c) => c.startsWith(`${name} `));
	for (let i = 0; i < Math.max(kept.length, waits.length); i++)
		if (i >= waits.length || kept[i] !== `${name} ${i + 1}`)
			throw new Error(`${name} said ${waits.length}, ` +
				`kept ${kept.length}, at ${i + 1} "${kept[i]}"`);
}

async function connectAll() {
	const speakers = [];
	for (const token of tokens) {
		const client = await Campfire.connect(
			`ws://${host}/ws/campfire?v=2`, token);
		speakers.push(new Speaker(`speaker ${speakers.length}`, client));
	}
	return speakers;
}

async function main() {
	const speakers = await connectAll();
	await talkOn(speakers, pauseMs);
	const kept = await history(host, room, tokens[0]);
	for (const speaker of speakers) {
		await hearAll(speaker, kept.length);
		compare(kept, speaker.heard());
		compareSaid(kept, speaker);
	}
	return {
		messages: speakers.reduce((sum, s) => sum + s.waits.length, 0),
		longest_ms: longestMs(speakers),
		refusals: speakers.reduce((sum, s) => sum + s.refusals, 0),
		refused_after_ms: Math.round(Math.max(...speakers.map((s) => s.refusedAfter))),
	};
}

await report(main);
