// SPDX-License-Identifier: MIT
// tests/clients/library_actor.mjs - somebody who uses gateway/web/parley.js,
// and writes down every event of it. Runs in Node and in a browser alike: what
// goes in and out can be written as JSON.
const TYPES = [
	"status", "message", "edited", "deleted", "joined", "left", "typing",
	"presence", "pending", "gap", "error",
];

const plain = (value) => value instanceof Error
	? { code: value.code ?? value.name, message: value.message } : value;

export class Actor {
	// Makes the client and opens it.
	constructor(Parley, options) {
		this.Parley = Parley;
		this.options = options;
		this.events = [];
		this.begun = [];
		this.appear();
	}

	// A new client with the same options: the program was started again.
	appear() {
		this.client = new this.Parley(this.options);
		for (const type of TYPES)
			this.client.on(type, (detail) => {
				const event = { type, detail: plain(detail) };
				this.events.push(structuredClone(event));
			});
		this.client.open();
	}

	// {value} or {error} of a method of the client.
	async call(method, words) {
		try {
			return { value: await this.client[method](...words) ?? null };
		} catch (error) {
			return { error: plain(error) };
		}
	}

	// Calls without waiting; `outcome` waits. Returns its number.
	begin(method, words) {
		return this.begun.push(this.call(method, words)) - 1;
	}

	async outcome(number) {
		return this.begun[number];
	}

	// The events from a place on.
	eventsFrom(place) {
		return this.events.slice(place);
	}

	status() {
		return this.client.state;
	}

	// Says one after the other until hush(), or so many.
	babble(room, name, count) {
		this.isHushed = false;
		this.babbling = (async () => {
			let n = 0;
			while (!this.isHushed && n < (count ?? Infinity))
				await this.client.send(room, `${name} ${++n}`);
			return n;
		})();
	}

	// How many were said, all of them acknowledged.
	async hush() {
		this.isHushed = true;
		return this.babbling;
	}

	babbled() {
		return this.babbling;
	}

	async everything(room) {
		const all = [];
		for (let after = 0; ;) {
			const page = await this.client.history(room, { after, limit: 500 });
			all.push(...page.messages);
			if (!page.has_more)
				return all;
			after = page.messages.at(-1)?.seq ?? after + 500;
		}
	}

	// What is wrong with what was told of a room, which should be its whole
	// history from `from` on: each message once, in order. Empty if nothing is.
	async fault(room, from) {
		const wanted = (await this.everything(room)).filter((m) => m.seq > from);
		const told = this.events.filter(({ type, detail }) =>
			type === "message" && detail.room_id === room);
		for (let i = 0; i < Math.max(wanted.length, told.length); i++)
			if (JSON.stringify(wanted[i]) !== JSON.stringify(told[i]?.detail))
				return `at ${i}: history has ${JSON.stringify(wanted[i])}, ` +
					`told was ${JSON.stringify(told[i]?.detail)}`;
		return "";
	}
}
