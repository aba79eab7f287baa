// SPDX-License-Identifier: MIT
// tests/chaos/members.mjs - clients that may return, and whose posts have ids:
// campfire in three ways, and REST. What was refused, or may have been lost, they
// say again under the same id, until it is accepted.
import { Client, againMs, burstMax, patienceMs, sleep } from "./client.mjs";

const markMs = 400;

// `plain` knows the document alone, `marked` has its marks confirmed,
// `resume` keeps its own place.

export class Campfire extends Client {
	constructor(cast, who, rooms, kind, { token }) {
		super(cast, who, rooms);
		Object.assign(this, { kind, token, awayMs: 3000 });
		this.burst = kind === "plain" ? 1 : burstMax;
		this.place = new Map(rooms.map((room) => [room, 0])); // for resume
		this.ids = new Map(); // m → client message id
		this.newest = new Map(); // room → the message to mark
	}

	where() {
		const query = { plain: "", marked: "?v=2", resume: "?v=2&resume=1" }[this.kind];
		return { url: `/ws/campfire${query}`,
			headers: { Authorization: `Bearer ${this.token}` } };
	}

	enter() {
		if (this.kind === "resume")
			return this.resume();
		for (const room of this.rooms)
			this.enteredRoom(room);
		return this.#ready();
	}

	#ready() {
		this.isReady = true;
		for (const post of this.waiting.values())
			this.transmit(post);
		this.wake();
	}

	resume() {
		const rooms = {};
		for (const room of this.rooms) {
			this.enteredRoom(room, { from: this.place.get(room) });
			rooms[this.cast.rooms.get(room).id] = this.place.get(room);
		}
		this.send({ type: "Resume", rooms, request_id: "resume" });
	}

	frame(room, content, m) {
		if (!this.ids.has(m))
			this.ids.set(m, this.makeId());
		return { type: "CreateMessage", room_id: this.cast.rooms.get(room).id, content,
			client_message_id: this.ids.get(m),
			...this.kind === "plain" ? {} : { request_id: m } };
	}

	// Nothing is given up: what was refused is said again, on this connection or
	// on the next. Patience is spent where one could have been heard.
	async answered() {
		let leftMs = patienceMs;
		while (this.waiting.size > 0 && leftMs > 0 && !this.cast.isOver) {
			await this.until(() => this.isOpen || this.cast.isOver);
			const began = performance.now();
			await this.until(() => this.waiting.size === 0 || !this.isOpen, leftMs);
			leftMs -= performance.now() - began;
		}
		for (const m of this.waiting.keys())
			this.record("odd", { what: `${m} was never accepted` });
		this.waiting.clear();
		this.ids.clear();
	}

	onClosed() {
		this.newest.clear();
	}

	onFrame(frame) {
		switch (frame.type) {
		case "NewMessage":
			return this.#message(frame.message);
		case "Error":
			return this.#refused(frame);
		case "Resumed":
			return this.#resumed(frame);
		case "LastSeen":
			return this.record("seen", { seq: frame.seq,
				room: this.cast.roomNames.get(frame.room_id) });
		case "PresenceUpdate": case "UserJoined": case "UserLeft":
		case "TypingStart": case "TypingStop":
			return undefined;
		default:
			return this.odd(frame);
		}
	}

	#message({ id, room_id, creator_id, content, seq, number, client_message_id }) {
		const room = this.cast.roomNames.get(room_id) ?? room_id;
		const by = this.cast.names.get(creator_id) ?? creator_id;
		const extended = this.kind === "plain" ? {} : { seq, num: number };
		const m = this.heard(room, content, by, { id, ...extended });
		if (this.kind === "resume" && this.ids.get(m) === undefined)
			this.#advance(room, seq);
		else if (seq === this.place.get(room) + 1)
			this.place.set(room, seq);
		const own = this.ids.get(m);
		if (own !== undefined && own !== client_message_id)
			this.odd({ m, client_message_id });
		if (this.kind !== "resume" && by !== this.who)
			this.#mark(room, id);
	}

	// Of more than a return tells, the newest comes: what lies before is let go.
	#advance(room, seq) {
		const place = this.place.get(room);
		if (!this.isReady && seq > place + 1)
			this.record("more", { room });
		if (seq === place + 1 || (!this.isReady && seq > place))
			this.place.set(room, seq);
	}

	// A mark now and then, always of the latest.
	#mark(room, id) {
		const isIdle = this.newest.size === 0;
		this.newest.set(room, id);
		if (isIdle)
			setTimeout(() => this.#sendMarks(this.c), markMs);
	}

	#sendMarks(c) {
		if (c !== this.c || !this.isOpen)
			return;
		for (const [room, message_id] of this.newest)
			this.send({ type: "UpdateLastSeen", message_id,
				...this.kind === "marked" ? { request_id: `mark ${room}` } : {} });
		this.newest.clear();
	}

	#refused(frame) {
		if (frame.code !== "SERVICE_UNAVAILABLE")
			return this.odd(frame);
		if (frame.request_id === "resume")
			return this.#later(() => this.resume());
		for (const post of this.waiting.values())
			if (this.kind === "plain" || post.m === frame.request_id)
				this.#again(post);
		return undefined;
	}

	// However many refusals came: one may have been meant for a mark.
	#again(post) {
		this.record("no", { m: post.m });
		if (post.again === this.c)
			return;
		post.again = this.c;
		this.#later(() => {
			post.again = null;
			if (this.waiting.has(post.m))
				this.transmit(post);
		});
	}

	#later(act) {
		const { c } = this;
		setTimeout(() => this.isOpen && this.c === c && act(), againMs);
	}

	#resumed({ rooms }) {
		for (const [id, { seq, has_more }] of Object.entries(rooms))
			this.record("resumed", { seq, more: has_more,
				room: this.cast.roomNames.get(id) });
		if (Object.keys(rooms).length !== this.rooms.length)
			this.odd({ resumed: rooms });
		this.#ready();
	}
}

// Posts over REST, with ids; it has no connection that could be lost.
export class Rest extends Client {
	kind = "rest";

	constructor(cast, who, rooms, { token }) {
		super(cast, who, rooms);
		Object.assign(this, { token, c: `${who}#1`, isReady: true, isOpen: true });
		this.record("open", { who, kind: this.kind });
	}

	async live() {
		await this.until(() => this.cast.isOver, 36000000);
	}

	async talk() {
		while (!this.cast.isQuiet) {
			await sleep(this.random.pause(this.cast.pauseMs));
			await this.#post(this.random.pick(this.rooms), this.compose());
		}
	}

	async #post(room, { m, text }) {
		const id = this.makeId();
		const deadline = performance.now() + patienceMs;
		for (;;) {
			this.record("say", { room, m, h: this.cast.said.get(m).h });
			const answer = await this.#ask(room, { content: text, client_message_id: id });
			if (answer.status === 201)
				return this.record("ack", { m, seq: answer.body.seq });
			this.record("no", { m });
			if (answer.status !== 503 && answer.status !== 0)
				this.odd(answer);
			if (performance.now() > deadline)
				return this.odd({ what: `${m} was never accepted` });
			await sleep(againMs);
		}
	}

	async #ask(room, body) {
		const { id } = this.cast.rooms.get(room);
		try {
			const response = await fetch(
				`http://${this.cast.address()}/api/rooms/${id}/messages`, {
					method: "POST", body: JSON.stringify(body),
					signal: AbortSignal.timeout(15000),
					headers: { Authorization: `Bearer ${this.token}`,
						"Content-Type": "application/json" } });
			return { status: response.status, body: await response.json() };
		} catch (error) {
			return { status: 0, body: error.message };
		}
	}
}
