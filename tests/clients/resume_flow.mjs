// SPDX-License-Identifier: MIT
// tests/clients/resume_flow.mjs - comes and goes while others talk, until the
// input ends: who resumes has heard all that was said, in order, each once.
//
//   resume_flow.mjs HOST ROOM TOKEN TOKEN …   the first one comes and goes, the
//                                             others talk without a pause
//
// Prints `talking` once all are at it, and at the end what came of it.
import { randomUUID } from "node:crypto";
import { Campfire } from "./campfire.mjs";
import { history, longestMs, report, sleep, talkOn } from "./endless.mjs";
import { Resuming } from "./resume.mjs";

const [host, room, token, ...tokens] = process.argv.slice(2);
const hearMax = 40; // messages that are heard live before it goes
const pauseMs = 2;
const againMs = 20;

class Speaker {
	constructor(name, client) {
		Object.assign(this, { name, client, waits: [] });
	}

	// Says it, again if need be, until it has come back.
	async say(text) {
		const id = randomUUID();
		const began = performance.now();
		for (;;) {
			try {
				await this.client.post(room, text, id);
				break;
			} catch (error) {
				if (!error.message.includes('"SERVICE_UNAVAILABLE"'))
					throw error;
				await sleep(againMs);
			}
		}
		this.waits.push(performance.now() - began);
	}
}

class Wanderer {
	heard = [];
	visits = 0;
	isOver = false;
	#over = new Promise((resolve) => { this.stop = resolve; });

	get last() {
		return this.heard.at(-1)?.seq ?? 0;
	}

	async visit(live) {
		const client = await Resuming.at(host, token, { [room]: this.last });
		const { [room]: answer } = await client.resume();
		if (answer.has_more)
			throw new Error(`something was left out after ${this.last}`);
		for (let n = 0; n < live && !this.isOver; n++)
			await Promise.race([client.hear(), this.#over]);
		this.heard.push(...client.messages);
		this.visits++;
		client.socket.terminate();
	}

	async wander() {
		while (!this.isOver)
			await this.visit(Math.floor(Math.random() * hearMax));
	}
}

function compare(kept, heard) {
	const line = (m) => m && JSON.stringify([m.seq, m.id, m.content]);
	for (let i = 0; i < Math.max(kept.length, heard.length); i++)
		if (line(kept[i]) !== line(heard[i]))
			throw new Error(`history has ${line(kept[i])}, heard ${line(heard[i])}`);
}

async function main() {
	const speakers = await Promise.all(tokens.map(async (t, i) => new Speaker(
		`speaker ${i}`, await Campfire.connect(`ws://${host}/ws/campfire?v=2`, t))));
	const wanderer = new Wanderer();
	await wanderer.visit(0);
	const wandering = wanderer.wander();
	await Promise.race([talkOn(speakers, pauseMs), wandering]);
	wanderer.isOver = true;
	wanderer.stop();
	await wandering;
	await wanderer.visit(0);
	compare(await history(host, room, token), wanderer.heard);
	return { messages: wanderer.heard.length, visits: wanderer.visits,
		longest_ms: longestMs(speakers) };
}

await report(main);
