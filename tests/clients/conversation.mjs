// SPDX-License-Identifier: MIT
// tests/clients/conversation.mjs - one conversation in all dialects, whatever
// happens behind the gateway: what each of them heard is compared in the end.
//
//   node conversation.mjs HOST:PORT ROOM-ID PEOPLE
//
// The room must be called `lobby`. PEOPLE is a JSON object {name: {token, id,
// number}} of alice and bob (members), carol, erin and, where the lobby wants
// tokens, dora. Two more talk in a sealed room at the same time.
//
// Prints `talking` once all have been heard, talks until its input has ended,
// then prints what happened as one line of JSON. Each line waits for its echo.
// What was refused is said again: in campfire with the same id, else in words
// that tell the tries apart, since what was refused may still come. Ends with 1
// if a connection was lost, a frame is none of its dialect, somebody was said to
// come or go, or what somebody heard is not the history, each line once.
import { randomUUID } from "node:crypto";
import WebSocket from "ws";
import { history, longestMs, report, secure, sleep, talkOn } from "./endless.mjs";
import { Dialect } from "./schema.mjs";
import { decrypt, encrypt } from "./sealed.mjs";

const [host, room, peopleText] = process.argv.slice(2);
const people = JSON.parse(peopleText);
const patienceMs = 30000; // for one line, however often it is said
const catchUpMs = 15000;
const pauseMs = 10;
const historyMax = 500;

const seconds = (time) => Math.floor(Date.parse(time) / 1000);
const documents = Object.fromEntries(["campfire", "hub", "lobby", "simple", "sealed"]
	.map((name) => [name, new Dialect(name)]));

// Somebody who talks in one dialect. What the dialects differ in is left to
// those below: `frame(words, id)` is what to send; `hears(value)` makes of a
// frame {words, shown} if it is a message, {refused} if it is a refusal, else
// {}; `shows(kept)` is what of a message in the history such a client is shown.
class Speaker {
	constructor(name, dialect, channel, query, headers = {}) {
		Object.assign(this, { name, dialect, channel, failure: null });
		this.heard = []; // messages, in order
		this.others = []; // frames that are no messages
		this.acknowledged = []; // own words whose echo came
		this.waits = []; // ms from a line to its echo
		this.refusals = 0;
		this.copies = new Map(); // id → how often it may come again
		this.stir = () => {};
		this.socket = new WebSocket(`ws${secure}://${host}/ws/${dialect}${query}`, { headers });
		this.socket.on("message", (data, isBinary) => this.#hear(data, isBinary));
		this.socket.on("close", (code) => this.#fail(`was closed with ${code}`));
		this.socket.on("error", (error) => this.#fail(error.message));
		this.ready = new Promise((resolve) => this.socket.once("open", resolve));
	}

	#fail(why) {
		this.failure ??= new Error(`${this.name} (${this.dialect}): ${why}`);
		this.stir();
	}

	#hear(data, isBinary) {
		try {
			if (isBinary)
				throw new Error("a binary frame came");
			const { value } = documents[this.dialect]
				.note(this.channel, "out", data.toString());
			const event = this.hears(value);
			(event.words === undefined ? this.others : this.heard)
				.push({ ...event, value });
		} catch (error) {
			this.#fail(error.message);
		}
		this.stir();
	}

	// Resolves with what `look()` finds, now or after some frame.
	async #until(what, look, withinMs = patienceMs) {
		const deadline = Date.now() + withinMs;
		for (;;) {
			if (this.failure)
				throw this.failure;
			const found = look();
			if (found !== undefined)
				return found;
			if (Date.now() >= deadline)
				throw new Error(`${this.name} (${this.dialect}): no ${what}`);
			await this.#frame(deadline - Date.now());
		}
	}

	#frame(withinMs) {
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, withinMs);
			this.stir = () => resolve(clearTimeout(timer));
		});
	}

	send(frame) {
		this.socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
	}

	// The first other frame for which `wanted(value)` holds.
	expect(what, wanted) {
		return this.#until(what, () => this.others.find((f) => wanted(f.value))?.value);
	}

	// True: it was heard. False: it was refused, and may yet be heard.
	async #try(words, id) {
		let m = this.heard.length, o = this.others.length;
		this.send(this.frame(words, id));
		return this.#until(`answer to "${words}"`, () => {
			for (; m < this.heard.length; m++)
				if (this.heard[m].words === words)
					return true;
			for (; o < this.others.length; o++)
				if (this.others[o].refused)
					return false;
			return undefined;
		});
	}

	async say(words) {
		const id = randomUUID(), began = performance.now();
		let now = words;
		for (let again = 1; !await this.#try(now, id); again++) {
			if (performance.now() - began > patienceMs)
				throw new Error(`${this.name}: "${words}" was refused again and again`);
			this.refusals++;
			if (this.repeats)
				this.copies.set(id, again);
			else
				now = `${words} again ${again}`;
			await sleep(20);
		}
		this.acknowledged.push(now);
		this.waits.push(performance.now() - began);
	}

	// What was heard, without the copies that answered a repetition: those may
	// come at any place.
	told(kept) {
		const copies = new Map(this.copies);
		const told = [];
		for (const { words, shown } of this.heard) {
			const wanted = kept[told.length] && this.shows(kept[told.length]);
			const left = copies.get(shown.client_message_id) ?? 0;
			if (JSON.stringify(shown) === JSON.stringify(wanted))
				told.push(words);
			else if (left > 0)
				copies.set(shown.client_message_id, left - 1);
			else
				throw new Error(`${this.name} (${this.dialect}) heard ` +
					`${JSON.stringify(shown)} at ${told.length}, ` +
					`the history has ${JSON.stringify(wanted)}`);
		}
		return told;
	}

	async compare(kept) {
		await this.#until(`message ${kept.length}`, () =>
			this.told(kept).length === kept.length || undefined, catchUpMs);
		const own = this.told(kept).filter((words) => words.startsWith(`${this.name} `));
		const acknowledged = new Set(this.acknowledged);
		const once = own.filter((words) => acknowledged.has(words));
		if (new Set(own).size !== own.length ||
		    once.join() !== this.acknowledged.join())
			throw new Error(`${this.name} (${this.dialect}): not each line once ` +
				"and in the order in which it was said");
	}

	// From now on nobody comes and nobody goes.
	settle() {
		this.settled = this.others.length;
	}

	checkOthers(online) {
		for (const { value, refused } of this.others.slice(this.settled))
			if (!refused && !this.mayTell(value, online))
				throw new Error(`${this.name} (${this.dialect}) was told ` +
					JSON.stringify(value));
	}

	mayTell() {
		return false;
	}
}

class Campfire extends Speaker {
	constructor(name, channel) {
		super(name, "campfire", channel, channel === "extended" ? "?v=2" : "",
			{ Authorization: `Bearer ${people[name].token}` });
		this.repeats = true;
	}

	enter() {
		return this.expect("presence", (f) =>
			f.type === "PresenceUpdate" && f.room_id === room);
	}

	frame(content, client_message_id) {
		return { type: "CreateMessage", room_id: room, content, client_message_id };
	}

	hears(value) {
		if (value.type === "Error" && value.code !== "SERVICE_UNAVAILABLE")
			throw new Error(JSON.stringify(value));
		if (value.type !== "NewMessage")
			return { refused: value.type === "Error" };
		const { id, room_id, creator_id, content, client_message_id, created_at,
			...extended } = value.message;
		return { words: content, shown: { id, room_id, creator_id, content,
			client_message_id, created_at, ...this.more(extended) } };
	}

	more({ seq, number, creator_name }) {
		return this.channel === "extended" ? { seq, number, creator_name } : {};
	}

	shows(kept) {
		const { id, room_id, creator_id, content, client_message_id, created_at } = kept;
		return { id, room_id, creator_id, content, client_message_id, created_at,
			...this.more(kept) };
	}

	// The set of before may be told again after a restart of presence.
	mayTell(value, online) {
		return value.type === "PresenceUpdate" && value.room_id === room &&
			[...value.online_users].sort().join() === online.join();
	}
}

class Hub extends Speaker {
	constructor(name) {
		super(name, "hub", "plain", `?token=${people[name].token}`);
	}

	enter() {
		this.send({ type: "join", room: "lobby" });
		return this.expect("join_ack", (f) => f.type === "join_ack");
	}

	frame(content) {
		return { type: "message", room: "lobby", content };
	}

	hears({ type, data }) {
		if (type !== "message")
			return { refused: type === "error" };
		const { id, fromUser, username, content, timestamp } = data;
		return { words: content, shown: { id, fromUser, username, content,
			timestamp: seconds(timestamp), room: data.room } };
	}

	shows({ number, creator_name, content, created_at }) {
		return { id: number, fromUser: people[creator_name]?.number ?? 0,
			username: creator_name, content, timestamp: seconds(created_at),
			room: "lobby" };
	}
}

class Lobby extends Speaker {
	constructor(name) {
		const { token } = people[name] ?? {};
		super(name, "lobby", token ? "rooms" : "plain", token ? `?token=${token}` : "");
	}

	body(message_type, more) {
		return { message_type, message_body: { sender_username: this.name, ...more } };
	}

	// No answer tells that; what one says oneself does.
	enter() {
		this.send(this.body("Enter"));
		return this.say(`${this.name} 0`);
	}

	frame(content) {
		return this.body("GroupChat", { content });
	}

	hears({ message_type, message_body }) {
		const { sender_username, content } = message_body;
		return message_type === "GroupChat"
			? { words: content, shown: { sender_username, content } } : {};
	}

	shows({ creator_name, content }) {
		return { sender_username: creator_name, content };
	}
}

class Simple extends Speaker {
	constructor(name) {
		super(name, "simple", "plain", `?room=lobby&token=${people[name].token}`);
	}

	enter() {
		return this.expect("system line",
			(f) => f.message === `system: ${this.name} joined`);
	}

	frame(words) {
		return words;
	}

	hears(value) {
		const { user_id, username, message, timestamp } = value;
		if (user_id === undefined)
			return { refused: !/^system: .* (joined|left)$/.test(message) };
		return { words: message, shown: { user_id, username, message, timestamp } };
	}

	shows({ creator_id, creator_name, content, created_at }) {
		return { user_id: creator_id, username: creator_name, message: content,
			timestamp: seconds(created_at) };
	}
}

class Sealed extends Speaker {
	constructor(name, channel) {
		super(name, "sealed", channel, channel === "extended" ? "?v=2" : "");
	}

	async create() {
		this.send({ CreateRoom: { name: "lobby", description: "", password: null } });
		return this.#entered(await this.expect("room", (f) => f.RoomCreated));
	}

	async join(join_key) {
		this.send({ JoinRoom: { join_key, password: null, name: this.name } });
		return this.#entered(await this.expect("room", (f) => f.RoomJoined));
	}

	#entered({ RoomCreated, RoomJoined }) {
		const { room_info, encryption_key } = RoomCreated ?? RoomJoined;
		this.key = Buffer.from(encryption_key, "base64");
		return room_info.join_key;
	}

	frame(words) {
		return { ChatMessage: { content: encrypt(this.key, words) } };
	}

	hears({ ChatMessage, Error: error }) {
		if (!ChatMessage)
			return { refused: error !== undefined };
		return { words: decrypt(this.key, ChatMessage.content), shown: ChatMessage };
	}

	shows({ sender, content }) {
		return { sender, content };
	}

	// The newest messages, as the store has them.
	async history() {
		this.send({ GetHistory: { limit: historyMax } });
		return (await this.expect("history", (f) => f.History)).History.messages;
	}

	mayTell(value) {
		return value.History !== undefined;
	}
}

// --- The conversation

const keptInRoom = () => history(host, room, people.alice.token);

// All are there before the first word that others are to hear.
async function gather() {
	const speakers = [new Campfire("alice", "plain"), new Campfire("bob", "extended"),
		new Hub("carol"), new Simple("erin"), new Lobby("dora")];
	for (const speaker of speakers) {
		await speaker.ready;
		await speaker.enter();
	}
	const guest = speakers.at(-1);
	const id = people.dora?.id ?? await guestId();
	const online = [...["alice", "bob", "carol", "erin"].map((n) => people[n].id), id].sort();
	for (const speaker of speakers.slice(0, 2))
		await speaker.expect("presence of all", (f) => speaker.mayTell(f, online));
	for (const speaker of speakers.slice(0, -1))
		while (speaker.heard.length < guest.heard.length)
			await sleep(10);
	return { speakers, online };
}

async function guestId() {
	const [first] = await keptInRoom();
	return first.creator_id;
}

async function gatherSealed() {
	const owner = new Sealed("Owner", "extended"), frank = new Sealed("frank", "plain");
	await owner.ready;
	const join_key = await owner.create();
	await frank.ready;
	await frank.join(join_key);
	await owner.expect("joiner", (f) => f.ParticipantJoined);
	return [owner, frank];
}

async function compareSealed([owner, frank]) {
	const newest = await owner.history();
	const heard = owner.heard.map(({ shown }) => shown);
	const kept = [...heard.slice(0, Math.max(0, heard.length - newest.length)), ...newest];
	for (const speaker of [owner, frank])
		await speaker.compare(kept);
	return kept;
}

async function main() {
	const { speakers, online } = await gather();
	const sealed = await gatherSealed();
	const all = [...speakers, ...sealed];
	for (const speaker of all)
		speaker.settle();
	await talkOn(all, pauseMs);
	const kept = await keptInRoom();
	for (const speaker of speakers)
		await speaker.compare(kept);
	const keptSealed = await compareSealed(sealed);
	for (const speaker of all) {
		speaker.checkOthers(online);
		if (speaker.failure)
			throw speaker.failure;
	}
	return {
		messages: kept.length,
		sealed: keptSealed.length,
		longest_ms: longestMs(all),
		refusals: Object.fromEntries(all.map((s) => [s.name, s.refusals])),
	};
}

await report(main);
