// SPDX-License-Identifier: MIT
// tests/faults/talk.mjs - ada and bob talk in a room, eve comes and goes in one
// where nobody else is, and the n-th allocation of one daemon on their way fails.
// Each word is said, or refused, or a connection is closed; then memory is there
// again, and so is everything else: whoever lost a connection gets one, the same
// word said again is heard once, by all, and nobody has missed or doubled anything.
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Daemon, kinds } from "./daemon.mjs";
import { Person } from "./people.mjs";

const startMs = 30000, stopMs = 15000;
const answerMs = 4000; // longer than a request waits for a daemon that is away
const mendMs = 20000;
const behindMs = 500;
const quietMax = 3; // rounds in which the n-th was not reached: that is the end

export class Talk {
	constructor({ build, library, folder }) {
		Object.assign(this, { data: join(folder, "talk"), words: 0, people: [] });
		mkdirSync(this.data, { recursive: true });
		this.daemons = kinds.map((kind) => new Daemon({ kind, build, library, data: this.data }));
	}

	async begin() {
		for (const daemon of this.daemons)
			daemon.begin();
		for (const daemon of this.daemons)
			if (!await daemon.settled(startMs) || daemon.ended)
				throw new Error(`${daemon.kind} does not start: ${daemon.log.join("\n")}`);
		const host = readFileSync(join(this.data, "run", "gateway.listen"), "utf8").split("\n")[0].split("=")[0];
		this.people = ["ada", "bob", "eve"].map((name) => new Person(name, host));
		const [ada, bob, eve] = this.people;
		const den = await this.#makeRoom(ada, "den"), nook = await this.#makeRoom(eve, "nook");
		await this.#join(bob, den);
		this.rooms = new Map([[ada, den], [bob, den], [eve, nook]]);
		for (const person of [ada, bob])
			if (!await this.#stay(person))
				throw new Error(`${person.name} cannot connect`);
	}

	async #makeRoom(person, name) {
		const deadline = performance.now() + startMs;
		for (;;) {
			const { status, body } = await person.rest("POST", "/api/rooms", { name });
			if (status === 201)
				return body.id;
			if (performance.now() > deadline)
				throw new Error(`no room: ${status} ${JSON.stringify(body)}`);
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	}

	// There is no word for it but that one may read the room.
	async #join(person, room) {
		const deadline = performance.now() + startMs;
		for (let status = 0; status !== 200;
			({ status } = await person.rest("GET", `/api/rooms/${room}/messages`))) {
			if (performance.now() > deadline || !await person.stay(room, startMs))
				throw new Error(`${person.name} cannot join`);
			person.send({ type: "JoinRoom", room_id: room });
		}
		person.leave();
	}

	#stay(person) { return person.stay(this.rooms.get(person), mendMs); }

	// One round. What was wrong in it, what came of ada's word, how many failed.
	async #round(daemon, n, count) {
		const [ada, bob, eve] = this.people;
		const word = { text: `word ${++this.words}`, id: randomUUID() };
		daemon.fail(n, count);
		const visit = this.#visit(eve, word);
		const answer = await ada.say(word, answerMs);
		if (answer === "said")
			await bob.until(() => bob.heard.at(-1) === word.text || bob.isOver, answerMs);
		await visit;
		const failed = await this.#failures(daemon);
		daemon.fail(0);
		const spinner = await this.#spinner();
		const wrong = await this.#mend(ada, word) ?? await this.#mend(eve, word) ??
			await this.#hears(bob, word);
		eve.leave();
		this.spinner = spinner ?? await this.#spinner();
		return { wrong: this.#complaints() ?? wrong, answer, failed };
	}

	// Nobody waits for presence: what it needs memory for may come behind all that.
	async #failures(daemon) {
		const deadline = performance.now() + behindMs;
		while (daemon.failed() === 0 && performance.now() < deadline)
			await new Promise((resolve) => setTimeout(resolve, 10));
		return daemon.failed();
	}

	async #visit(person, word) {
		if (!await person.connect(this.rooms.get(person), answerMs))
			return;
		person.send({ type: "StartTyping", room_id: person.room });
		await person.say(word, answerMs);
	}

	// All is well again: what is said again is heard.
	async #mend(person, word) {
		const deadline = performance.now() + mendMs;
		let answer = "closed";
		while (person.heard.at(-1) !== word.text) {
			if (this.#hasLost() || performance.now() > deadline)
				return `what ${person.name} says again is not heard: ${answer}`;
			if (!await this.#stay(person))
				return `${person.name} gets no connection any more`;
			if (person.heard.at(-1) !== word.text)
				answer = await person.say(word, answerMs);
		}
		return null;
	}

	async #hears(person, word) {
		const deadline = performance.now() + mendMs;
		while (person.heard.at(-1) !== word.text) {
			if (this.#hasLost() || performance.now() > deadline)
				return `${person.name} does not hear what was said`;
			if (!await this.#stay(person))
				return `${person.name} gets no connection any more`;
			await person.until(() => person.heard.at(-1) === word.text || person.isOver, 500);
		}
		return null;
	}

	// Of the one that is to blame.
	#lastWords(daemon) {
		return (this.daemons.find((one) => one.complaint || one.ended) ?? this.spinner ?? daemon)
			.lastWords();
	}

	// Now that nobody says anything: the one that is busy all the same.
	async #spinner() {
		const spin = await Promise.all(this.daemons.map((one) => one.spins()));
		return this.daemons[spin.indexOf(true)];
	}

	#hasLost() { return this.daemons.some((one) => one.ended); }

	#complaints() {
		for (const daemon of this.daemons) {
			if (daemon.complaint)
				return daemon.complaint;
			if (daemon.ended)
				return `${daemon.kind} ended by ${daemon.ended.signal ?? daemon.ended.status}`;
			if (daemon === this.spinner)
				return `${daemon.kind} runs without a rest`;
		}
		return this.people.flatMap((person) => person.wrong.splice(0))[0] ?? null;
	}

	// Calls `tell(n, wrong, log)` for what is wrong; ends where nothing more runs.
	async tryWords(kind, { stride, offset, count, until }, tell) {
		const daemon = this.daemons.find((one) => one.kind === kind);
		const sum = { tried: 0, failed: 0, answers: {}, isWhole: false };
		let quiet = 0;
		for (let n = 1 + offset % stride; performance.now() < until; n += stride) {
			const { wrong, answer, failed } = await this.#round(daemon, n, count);
			sum.tried++;
			sum.failed += failed;
			sum.answers[answer] = (sum.answers[answer] ?? 0) + 1;
			if (wrong) {
				tell(n, wrong, this.#lastWords(daemon));
				if (this.#hasLost() || this.spinner)
					return sum;
			}
			quiet = failed > 0 ? 0 : quiet + 1;
			if (quiet >= quietMax) {
				sum.isWhole = true;
				return sum;
			}
		}
		return sum;
	}

	async #readHistory(person) {
		const said = [];
		let more = true, before = "";
		while (more) {
			const { body } = await person.rest("GET",
				`/api/rooms/${this.rooms.get(person)}/messages?limit=500${before}`);
			said.unshift(...body.messages);
			more = body.has_more;
			before = `&before=${said[0]?.seq}`;
		}
		return said.map(({ content }) => content).join("\n");
	}

	// Everything that was said is in the history and was heard, once and in order.
	async #judgeHistory() {
		const wanted = Array.from({ length: this.words }, (_, i) => `word ${i + 1}`).join("\n");
		for (const person of this.people) {
			if (await this.#readHistory(person) !== wanted)
				return `the history that ${person.name} reads is not what was said`;
			if (person.heard.join("\n") !== wanted)
				return `${person.name} did not hear what was said`;
		}
		return null;
	}

	// What is wrong at the end, or null.
	async end() {
		let wrong = this.words === 0 ? "nobody has talked"
			: this.#hasLost() ? "a daemon is gone"
				: await this.#judgeHistory().catch(({ message }) => message);
		for (const person of this.people)
			person.leave();
		for (const daemon of [...this.daemons].reverse()) {
			const { status, signal } = daemon.ended ?? await daemon.end(stopMs);
			if (status !== 0)
				wrong ??= `${daemon.kind} stopped by ${signal ?? status}`;
		}
		return wrong ?? this.#complaintsAtEnd();
	}

	#complaintsAtEnd() {
		return this.daemons.find((one) => one.complaint)?.complaint ?? null;
	}
}
