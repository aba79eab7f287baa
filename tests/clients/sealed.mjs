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
import { fileURLToPath } from "node:url";
import WebSocket from "ws";
import { fits } from "./match.mjs";

const patienceMs = 20000;
const nonceBytes = 12;
const tagBytes = 16;

const isText = (v) => typeof v === "string";
const isCount = (n) => Number.isSafeInteger(n) && n >= 0;

const info = {
	id: "<uuid>", name: "<string>", description: "<any>", join_key: "<string>",
	has_password: "<any>", created_at: "<number>", participant_count: "<number>",
};

const frames = {
	RoomCreated: { room_info: info, encryption_key: "<key>" },
	RoomJoined: { room_info: info, encryption_key: "<key>", participants: "<any>" },
	ParticipantJoined: { name: "<string>" },
	ChatMessage: { sender: "<string>", content: "<string>" },
	Error: { message: "<string>" },
};

const isInfo = (room) => isText(room.description) &&
	typeof room.has_password === "boolean" && isCount(room.created_at) &&
	isCount(room.participant_count);

const isList = (names) => Array.isArray(names) && names.length > 0 &&
	names.every((name) => isText(name) && name !== "");

const isBase64 = (text) => Buffer.from(text, "base64").toString("base64") === text;

const checks = { room_info: isInfo, encryption_key: isBase64, participants: isList };

// {kind, …} with the document's fields; throws if it is none of its frames.
export function decode(data, isBinary = false) {
	const frame = isBinary ? {} : JSON.parse(data.toString());
	const kind = Object.keys(frames).find((k) =>
		fits(frame, { [k]: frames[k] }, true));
	const fields = Object.entries(kind ? frame[kind] : {});
	if (!kind || !fields.every(([name, value]) => checks[name]?.(value) ?? true))
		throw new Error(`not a frame of the dialect: ${data}`);
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

export class Sealed {
	// Resolves once the connection is open. `url` is ws://HOST/ws/sealed.
	static connect(url) {
		const client = new Sealed(new WebSocket(url));
		return new Promise((resolve, reject) => {
			client.socket.once("open", () => resolve(client));
			client.socket.once("error", reject);
		});
	}

	constructor(socket) {
		this.socket = socket;
		this.key = null;
		this.heard = [];
		this.stir = () => {};
		socket.on("message", (data, isBinary) => this.#hear({ data, isBinary }));
		socket.on("close", (code) => this.#hear({ code }));
	}

	#hear(event) {
		this.heard.push(event);
		this.stir();
	}

	// The very next frame.
	async next() {
		if (this.heard.length === 0)
			await new Promise((resolve, reject) => {
				const timer = setTimeout(
					() => reject(new Error("nothing came")), patienceMs);
				this.stir = () => resolve(clearTimeout(timer));
			});
		const { code, data, isBinary } = this.heard.shift();
		if (code !== undefined)
			throw new Error(`closed with ${code}`);
		return decode(data, isBinary);
	}

	// The next frame of that kind for which `wanted(frame)` holds.
	async expect(kind, wanted = () => true) {
		for (;;) {
			const frame = await this.next();
			if (frame.kind === kind && wanted(frame))
				return frame;
			if (frame.kind === "Error")
				throw new Error(frame.message);
		}
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

	close() {
		this.socket.close();
	}
}

const print = (value) => console.log(JSON.stringify(value));

async function host(url, room, password, text) {
	const client = await Sealed.connect(url);
	print((await client.create(room, "made in Node", password || null)).room_info);
	print(await client.hear((sender) => sender !== "Owner"));
	client.say(text);
	print(await client.hear((sender) => sender === "Owner"));
}

async function guest(url, joinKey, password, name, text) {
	const client = await Sealed.connect(url);
	print((await client.join(joinKey, password || null, name)).room_info);
	client.say(text);
	print(await client.hear((sender) => sender === name));
	print(await client.hear((sender) => sender !== name));
}

// Where so many ask at once that some are put off, they ask again.
async function joinAtLast(client, joinKey, password, name) {
	const deadline = Date.now() + patienceMs;
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
	const owner = await Sealed.connect(url);
	const { join_key } = (await owner.create("square", "a crowd", password)).room_info;
	const others = await Promise.all(
		Array.from({ length: Number(count) }, () => Sealed.connect(url)));
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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	try {
		await roles[process.argv[2]](...process.argv.slice(3));
		process.exit(0);
	} catch (error) {
		console.error(error.message);
		process.exit(1);
	}
}
