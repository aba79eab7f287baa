// SPDX-License-Identifier: MIT
// tests/chaos/records.mjs - what a run leaves behind: a folder with a line of
// JSON for each thing that a client did or heard. The checker needs nothing else.
//
//   records.jsonl   one object a line, `e` says what it is, `t` when (ms since
//                   the start):
//     open   c who kind             a connection stands
//     in     c room [from]          it is in the room (from: asked for what
//                                   followed that sequence number)
//     say    c room m h             message m was sent, with the digest h
//     no     c m                    it was refused as unavailable
//     ack    c m seq                it was accepted by REST
//     got    c room m h by …        a message came; seq, num, id where the
//                                   dialect tells them; m null: none of ours
//     more   c room                 there was more than a return tells
//     resumed c room seq more       the return is told, up to there
//     seen   c room seq             a last-seen mark is on disk
//     odd    c what                 an answer that should not be
//     close  c code own             own: by the client
//     failed who why                a connection did not come to be
//     fault  until kind names       what was done to the daemons
//     alone                         faults come one at a time
//     skipped what                  a fault whose daemon was down already
//     end                           all is quiet, everybody has had time
//     kept   room seq num m h by    what the database has
//   schedule.json   the faults that were planned, and with what seed
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { join } from "node:path";

export const digest = (text) =>
	createHash("sha256").update(text).digest("base64url").slice(0, 12);

// Each message begins with its own name, `WHO.NUMBER`.
export const nameOf = (text) => /^([\w-]+\.\d+) /.exec(text)?.[1] ?? null;

export class Recorder {
	#stream;
	#began = performance.now();
	#waiting = [];
	#bytes = 0;

	constructor(folder) {
		this.#stream = createWriteStream(join(folder, "records.jsonl"));
	}

	now() {
		return Math.round((performance.now() - this.#began) * 10) / 10;
	}

	add(e, fields) {
		const line = JSON.stringify({ e, t: this.now(), ...fields });
		this.#waiting.push(line);
		this.#bytes += line.length;
		if (this.#bytes > 65536)
			this.#flush();
	}

	#flush() {
		this.#stream.write(this.#waiting.join("\n") + "\n");
		this.#waiting = [];
		this.#bytes = 0;
	}

	close() {
		if (this.#waiting.length > 0)
			this.#flush();
		return new Promise((resolve) => this.#stream.end(resolve));
	}
}

// Calls `take(record)` for each record of that folder, in their order.
export async function readRecords(folder, take) {
	const input = createReadStream(join(folder, "records.jsonl"));
	for await (const line of createInterface({ input, crlfDelay: Infinity }))
		if (line !== "")
			take(JSON.parse(line));
}
