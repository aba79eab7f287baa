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
import { Connection, print, run } from "./connection.mjs";
import { check, isCount, isText, isUuid, parse } from "./strict.mjs";

const isSystemLine = (v) => isText(v) && v.startsWith("system: ");

const frames = {
	message: {
		user_id: isUuid, username: isText, message: isText, timestamp: isCount,
	},
	system: { message: isSystemLine, timestamp: isCount },
};

const account = { user_id: isUuid, id: isCount, username: isText };
const login = {
	token: isText, token_type: (v) => v === "Bearer", expires_in: isCount,
	session_token: isText, user: account,
};

// {kind, …} with the document's fields; throws if it is none of its frames.
export function decode(data, isBinary) {
	const frame = parse(data, isBinary);
	const kind = frame?.user_id === undefined ? "system" : "message";
	check(kind, frame, frames[kind]);
	return { kind, ...frame };
}

async function post(host, path, body, status, shape) {
	const response = await fetch(`http://${host}${path}`, {
		method: "POST",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify(body),
	});
	const text = await response.text();
	if (response.status !== status)
		throw new Error(`${path}: ${response.status} ${text}`);
	const answer = parse(text);
	check(path, answer, shape);
	return answer;
}

export class Simple extends Connection {
	static decode = decode;

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

	static connect(host, token, room) {
		const query = new URLSearchParams({ token, room });
		return Simple.open(`ws://${host}/ws?${query}`);
	}

	// The document has both ways to say something.
	say(text, asObject = false) {
		this.socket.send(asObject ? JSON.stringify({ message: text }) : text);
	}
}

async function enter(host, room, email) {
	const password = `the password of ${email}`;
	const { user_id, username } = await Simple.register(host, email, password);
	const { token, user } = await Simple.login(host, email, password);
	if (user.user_id !== user_id || user.username !== username)
		throw new Error(`logged in as ${user.username}, registered ${username}`);
	const client = await Simple.connect(host, token, room);
	await client.find((f) =>
		f.kind === "system" && f.message === `system: ${username} joined`);
	print({ user_id });
	return { client, user_id };
}

await run(import.meta.url, async (role, host, room, email, text) => {
	const { client, user_id } = await enter(host, room, email);
	const own = (f) => f.kind === "message" && f.user_id === user_id;
	const others = (f) => f.kind === "message" && f.user_id !== user_id;
	if (role === "answer")
		print(await client.find(others));
	client.say(text, role === "answer");
	print(await client.find(own));
	if (role === "ask")
		print(await client.find(others));
});
