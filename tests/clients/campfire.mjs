// SPDX-License-Identifier: MIT
// tests/clients/campfire.mjs - a client of the campfire dialect, such as
// somebody would write who has read its documentation and nothing else. Of one
// who asks for no extensions, it takes nothing that the document does not name.
import { randomUUID } from "node:crypto";
import WebSocket from "ws";
import { check, isOneOf, isText, isTime, isUuid, parse } from "./strict.mjs";

const message = {
	id: isUuid, room_id: isUuid, creator_id: isUuid, content: isText,
	client_message_id: isUuid, created_at: isTime,
};
const somebody = { user_id: isUuid, room_id: isUuid };

const frames = {
	NewMessage: { message },
	UserJoined: somebody,
	UserLeft: somebody,
	TypingStart: somebody,
	TypingStop: somebody,
	PresenceUpdate: { room_id: isUuid, online_users: [isUuid] },
	Error: { message: isText, code: isText },
};

// The frame, or an Error that says what is wrong with it.
export function decode(data, isBinary) {
	const frame = parse(data, isBinary);
	check("type", frame?.type, isOneOf(frames));
	check(frame.type, frame, { type: isText, ...frames[frame.type] });
	return frame;
}

export class Campfire {
	// Resolves once the connection is open. `url` is ws://HOST/ws/campfire.
	static connect(url, token) {
		const client = new Campfire(url, token);
		return new Promise((resolve, reject) => {
			client.socket.once("open", () => resolve(client));
			client.socket.once("error", reject);
		});
	}

	constructor(url, token) {
		this.frames = [];
		this.listeners = new Set();
		this.socket = new WebSocket(url, {
			headers: { Authorization: `Bearer ${token}` },
		});
		const read = new URL(url).searchParams.has("v") ? parse : decode;
		this.socket.on("message", (data, isBinary) =>
			this.#hear(read(data, isBinary)));
		this.socket.on("close", (code) => this.#hear({ type: "(closed)", code }));
	}

	#hear(frame) {
		this.frames.push(frame);
		for (const listener of [...this.listeners])
			listener(frame);
	}

	send(type, fields) {
		this.socket.send(JSON.stringify({ type, ...fields }));
	}

	// The next frame for which `wanted(frame)` holds, from now on.
	await(wanted, seconds = 10) {
		return new Promise((resolve, reject) => {
			const finish = (settle, value) => {
				clearTimeout(timer);
				this.listeners.delete(listener);
				settle(value);
			};
			const listener = (frame) => {
				if (wanted(frame))
					finish(resolve, frame);
				else if (frame.type === "Error" || frame.type === "(closed)")
					finish(reject, new Error(JSON.stringify(frame)));
			};
			const timer = setTimeout(
				() => finish(reject, new Error(`nothing in ${seconds} s`)),
				seconds * 1000);
			this.listeners.add(listener);
		});
	}

	// Resolves with the set of people who are online there.
	async join(room_id) {
		const answer = this.await((f) =>
			f.type === "PresenceUpdate" && f.room_id === room_id);
		this.send("JoinRoom", { room_id });
		return (await answer).online_users;
	}

	// Resolves with the message as the room got it.
	async post(room_id, content, client_message_id = randomUUID()) {
		const echo = this.await((f) => f.type === "NewMessage" &&
			f.message.client_message_id === client_message_id);
		this.send("CreateMessage", { room_id, content, client_message_id });
		return (await echo).message;
	}

	leave(room_id) {
		this.send("LeaveRoom", { room_id });
	}

	startTyping(room_id) {
		this.send("StartTyping", { room_id });
	}

	stopTyping(room_id) {
		this.send("StopTyping", { room_id });
	}

	seen(message_id) {
		this.send("UpdateLastSeen", { message_id });
	}

	messages(room_id) {
		return this.frames
			.filter((f) => f.type === "NewMessage" && f.message.room_id === room_id)
			.map((f) => f.message);
	}

	close() {
		this.socket.close();
	}
}
