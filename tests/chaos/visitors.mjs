// SPDX-License-Identifier: MIT
// tests/chaos/visitors.mjs - clients of the dialects without ids. What was refused
// may be kept nevertheless, and nobody can tell: they go on with other words.
import { decrypt, encrypt } from "../clients/sealed.mjs";
import { Client, againMs } from "./client.mjs";

export class Hub extends Client {
	kind = "hub";

	constructor(cast, who, rooms, { token }) {
		super(cast, who, rooms);
		this.token = token;
	}

	where() {
		return { url: `/ws/hub?token=${this.token}` };
	}

	enter() {
		for (const room of this.rooms)
			this.send({ type: "join", room });
	}

	frame(room, content) {
		return { type: "message", room, content };
	}

	onFrame({ type, data }) {
		if (type === "message")
			return this.heard(data.room, data.content, data.username, { num: data.id });
		if (type === "join_ack") {
			this.enteredRoom(data.room);
			this.isReady = this.entered.size === this.rooms.length;
			return this.wake();
		}
		if (type !== "error")
			return this.odd({ type, data });
		if (!/try again later|at the moment|confirmed/.test(data.message))
			this.odd({ type, data });
		return this.isReady ? this.onRefused() : this.#joinAgain();
	}

	#joinAgain() {
		const { c } = this;
		this.again ??= setTimeout(() => {
			this.again = undefined;
			for (const room of this.c === c && this.isOpen ? this.rooms : [])
				if (!this.entered.has(room))
					this.send({ type: "join", room });
		}, againMs);
	}
}

export class Simple extends Client {
	kind = "simple";

	constructor(cast, who, rooms, { token }) {
		super(cast, who, rooms);
		this.token = token;
	}

	where() {
		return { url: `/ws/simple?room=${this.rooms[0]}&token=${this.token}` };
	}

	enter() {
		this.isReady = true;
		this.wake();
	}

	frame(room, text) {
		return this.random.chance(0.3) ? { message: text } : text;
	}

	onFrame({ user_id, username, message }) {
		const [room] = this.rooms;
		if (user_id !== undefined)
			return this.heard(room, message, username);
		if (message === `system: ${this.who} joined`)
			return this.enteredRoom(room);
		if (/^system: [\w-]+ (joined|left)$/.test(message))
			return undefined;
		return this.onRefused();
	}
}

// A guest. The dialect has no word for a refusal: a post is answered by its echo,
// or the connection is closed.
export class Lobby extends Client {
	kind = "lobby";

	where() {
		return { url: "/ws/lobby" };
	}

	body(message_type, more) {
		return { message_type, message_body: { sender_username: this.who, ...more } };
	}

	enter() {
		this.send(this.body("Enter"));
		this.isReady = true;
		this.wake();
	}

	frame(room, content) {
		return this.body("GroupChat", { content });
	}

	onFrame({ message_type, message_body: { sender_username, content } }) {
		if (message_type === "GroupChat")
			return this.heard("lobby", content, sender_username);
		return undefined;
	}
}

export class Sealed extends Client {
	kind = "sealed";

	where() {
		return { url: "/ws/sealed" };
	}

	enter() {
		const [room] = this.rooms;
		this.send({ JoinRoom: { join_key: this.cast.rooms.get(room).joinKey,
			password: null, name: this.who } });
	}

	frame(room, text) {
		return { ChatMessage: { content: encrypt(this.cast.rooms.get(room).key, text) } };
	}

	onFrame({ RoomJoined, ChatMessage, ParticipantJoined, Error: error }) {
		const [room] = this.rooms;
		if (ChatMessage)
			return this.heard(room, decrypt(this.cast.rooms.get(room).key,
				ChatMessage.content), ChatMessage.sender);
		if (RoomJoined) {
			this.enteredRoom(room);
			this.isReady = true;
			return this.wake();
		}
		if (ParticipantJoined)
			return undefined;
		if (!error)
			return this.odd({ RoomJoined, error });
		return this.isReady ? this.onRefused() : this.#enterAgain(error);
	}

	#enterAgain({ message }) {
		const { c } = this;
		this.whyOutside = message;
		setTimeout(() => this.c === c && this.isOpen && this.enter(), againMs * 2);
	}
}
