// SPDX-License-Identifier: MIT
// tests/clients/simple.mjs - a client of the simple dialect, such as somebody
// would write who has read its documentation and nothing else: it registers,
// logs in, talks, and takes nothing that the document does not name.
//
//   node simple.mjs ask HOST:PORT ROOM EMAIL TEXT      says it, waits for an answer
//   node simple.mjs answer HOST:PORT ROOM EMAIL TEXT   waits for words, then says it
//
// Either prints what it did as JSON, a line each: {user_id} once the room has
// told of it, then each user's message. Ends with 1 if something is not as the
// document says.
import { fileURLToPath } from "node:url";
import WebSocket from "ws";
import { fits } from "./match.mjs";

const patienceMs = 10000;

const frames = {
	message: {
		user_id: "<uuid>", username: "<string>", message: "<string>",
		timestamp: "<number>",
	},
	system: { message: "<string>", timestamp: "<number>" },
};

const account = { user_id: "<uuid>", id: "<number>", username: "<string>" };
const login = {
	token: "<string>", token_type: "Bearer", expires_in: "<number>",
	session_token: "<string>", user: account,
};

const isCount = (n) => Number.isSafeInteger(n) && n >= 0;

// {kind, …} with the document's fields; throws if it is none of its frames.
export function decode(data, isBinary = false) {
	const text = data.toString();
	const frame = isBinary ? null : JSON.parse(text);
	const kind = Object.keys(frames).find((k) => fits(frame, frames[k], true));
	if (!kind || !isCount(frame.timestamp))
		throw new Error(`not a frame of the dialect: ${text}`);
	if (kind === "system" && !frame.message.startsWith("system: "))
		throw new Error(`a message of nobody: ${text}`);
	return { kind, ...frame };
}

async function post(host, path, body, status, shape) {
	const response = await fetch(`http://${host}${path}`, {
		method: "POST",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify(body),
	});
	const text = await response.text();
	if (response.status !== status || !fits(JSON.parse(text), shape, true))
		throw new Error(`${path}: ${response.status} ${text}`);
	return JSON.parse(text);
}

export class Simple {
	static register(host, email, password) {
		return post(host, "/auth/register", {
			full_name: "Somebody Who Reads", email, password, age: 31,
			date_of_birth: "1995-04-03", gender: "other",
			phone_number: "+44 20 7946 0000",
		}, 201, account);
	}

	static login(host, email, password) {
		return post(host, "/auth/login", { email, password }, 200, login);
	}

	// Resolves once the connection is open.
	static connect(host, token, room) {
		const query = new URLSearchParams({ token, room });
		const client = new Simple(new WebSocket(`ws://${host}/ws?${query}`));
		return new Promise((resolve, reject) => {
			client.socket.once("open", () => resolve(client));
			client.socket.once("error", reject);
		});
	}

	constructor(socket) {
		this.socket = socket;
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

	// The next frame for which `wanted(frame)` holds; what is skipped is decoded.
	async expect(wanted) {
		for (;;) {
			const frame = await this.next();
			if (wanted(frame))
				return frame;
		}
	}

	// The document has both ways to say something.
	say(text, asObject = false) {
		this.socket.send(asObject ? JSON.stringify({ message: text }) : text);
	}

	close() {
		this.socket.close();
	}
}

const print = (value) => console.log(JSON.stringify(value));

async function enter(host, room, email) {
	const password = `the password of ${email}`;
	const { user_id, username } = await Simple.register(host, email, password);
	const { token, user } = await Simple.login(host, email, password);
	if (user.user_id !== user_id || user.username !== username)
		throw new Error(`logged in as ${user.username}, registered ${username}`);
	const client = await Simple.connect(host, token, room);
	await client.expect((f) =>
		f.kind === "system" && f.message === `system: ${username} joined`);
	print({ user_id });
	return { client, user_id };
}

async function main(role, host, room, email, text) {
	const { client, user_id } = await enter(host, room, email);
	const own = (f) => f.kind === "message" && f.user_id === user_id;
	const others = (f) => f.kind === "message" && f.user_id !== user_id;
	if (role === "answer")
		print(await client.expect(others));
	client.say(text, role === "answer");
	print(await client.expect(own));
	if (role === "ask")
		print(await client.expect(others));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	try {
		await main(...process.argv.slice(2));
		process.exit(0);
	} catch (error) {
		console.error(error.message);
		process.exit(1);
	}
}
