// SPDX-License-Identifier: MIT
// tests/clients/sealed.mjs - a client of the sealed dialect, such as somebody
// would write who has read its documentation and nothing else. It encrypts, and
// takes nothing that the document does not name.
//
//   node sealed.mjs host URL ROOM PASSWORD TEXT
//     makes a room, waits for words, then says TEXT
//   node sealed.mjs guest URL JOIN-KEY PASSWORD NAME TEXT
//     joins, says TEXT, waits for an answer
//   node sealed.mjs crowd URL PASSWORD COUNT
//     talks in a room while COUNT others ask to be let into it at once
//
// An empty PASSWORD is none. The first two print the room_info, then each message
// as {sender, text}, a line each; `crowd` prints {joined, waiting, longest_ms}:
// how many got in, how many still waited when the last message had come back.
// Ends with 1 if something is not as the document says.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { Connection, print, run } from "./connection.mjs";
import { check, isAnyText, isBool, isCount, isOneOf, isText, isUuid, parse }
	from "./strict.mjs";

const nonceBytes = 12;
const tagBytes = 16;

const isKey = (v) => {
	const key = isText(v) ? Buffer.from(v, "base64") : [];
	return key.length === 32 && key.toString("base64") === v;
};

const isNames = (v) => Array.isArray(v) && v.length > 0 && v.every(isText);

const info = {
	id: isUuid, name: isText, description: isAnyText, join_key: isText,
	has_password: isBool, created_at: isCount, participant_count: isCount,
};

const frames = {
	RoomCreated: { room_info: info, encryption_key: isKey },
	RoomJoined: { room_info: info, encryption_key: isKey, participants: isNames },
	ParticipantJoined: { name: isText },
	ChatMessage: { sender: isText, content: isText },
	Error: { message: isText },
};

// {kind, …} with the document's fields; throws if it is none of its frames.
export function decode(data, isBinary) {
	const frame = parse(data, isBinary);
	const kind = Object.keys(frame ?? {})[0];
	check("kind", kind, isOneOf(frames));
	check("frame", frame, { [kind]: frames[kind] });
	return { kind, ...frame[kind] };
}

export function encrypt(key, text) {
	const nonce = randomBytes(nonceBytes);
	const cipher = createCipheriv("aes-256-gcm", key, nonce);
	return Buffer.concat([
		nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag(),
	]).toString("base64");
}

export function decrypt(key, content) {
	const bytes = Buffer.from(content, "base64");
	const decipher = createDecipheriv(
		"aes-256-gcm", key, bytes.subarray(0, nonceBytes));
	decipher.setAuthTag(bytes.subarray(-tagBytes));
	return decipher.update(bytes.subarray(nonceBytes, -tagBytes), null, "utf8") +
		decipher.final("utf8");
}

export class Sealed extends Connection {
	static patienceMs = 20000;
	static decode = decode;

	key = null;

	// The next frame of that kind for which `wanted(frame)` holds.
	expect(kind, wanted = () => true) {
		return this.find((frame) => {
			if (frame.kind === kind && wanted(frame))
				return true;
			if (frame.kind === "Error")
				throw new Error(frame.message);
			return false;
		});
	}

	send(kind, fields) {
		this.socket.send(JSON.stringify({ [kind]: fields }));
	}

	async #entered(kind) {
		const frame = await this.expect(kind);
		this.key = Buffer.from(frame.encryption_key, "base64");
		return frame;
	}

	create(name, description, password) {
		this.send("CreateRoom", { name, description, password });
		return this.#entered("RoomCreated");
	}

	join(join_key, password, name) {
		this.send("JoinRoom", { join_key, password, name });
		return this.#entered("RoomJoined");
	}

	async members() {
		this.socket.send('"GetMembers"');
		return (await this.expect("RoomJoined")).participants;
	}

	say(text) {
		this.send("ChatMessage", { content: encrypt(this.key, text) });
	}

	// The next words of somebody for whose name `wanted(sender)` holds.
	async hear(wanted) {
		const { sender, content } = await this.expect(
			"ChatMessage", (frame) => wanted(frame.sender));
		return { sender, text: decrypt(this.key, content) };
	}
}

async function host(url, room, password, text) {
	const client = await Sealed.open(url);
	print((await client.create(room, "made in Node", password || null)).room_info);
	print(await client.hear((sender) => sender !== "Owner"));
	client.say(text);
	print(await client.hear((sender) => sender === "Owner"));
}

async function guest(url, joinKey, password, name, text) {
	const client = await Sealed.open(url);
	print((await client.join(joinKey, password || null, name)).room_info);
	client.say(text);
	print(await client.hear((sender) => sender === name));
	print(await client.hear((sender) => sender !== name));
}

// Where so many ask at once that some are put off, they ask again.
async function joinAtLast(client, joinKey, password, name) {
	const deadline = Date.now() + Sealed.patienceMs;
	for (;;) {
		try {
			return await client.join(joinKey, password, name);
		} catch (error) {
			if (Date.now() > deadline)
				throw error;
		}
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}

async function crowd(url, password, count) {
	const owner = await Sealed.open(url);
	const { join_key } = (await owner.create("square", "a crowd", password)).room_info;
	const others = await Promise.all(
		Array.from({ length: Number(count) }, () => Sealed.open(url)));
	let joined = 0;
	const joins = others.map(async (client, i) => {
		await joinAtLast(client, join_key, password, `guest ${i}`);
		joined++;
	});
	const all = Promise.all(joins);
	all.catch(() => {});
	let longest_ms = 0;
	for (let n = 0; n < 5; n++) {
		const began = performance.now();
		owner.say(`number ${n}`);
		await owner.hear((sender) => sender === "Owner");
		longest_ms = Math.max(longest_ms, Math.round(performance.now() - began));
	}
	const waiting = joins.length - joined;
	await all;
	print({ joined, waiting, longest_ms });
}

const roles = { host, guest, crowd };

await run(import.meta.url, (role, ...words) => roles[role](...words));
