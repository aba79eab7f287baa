// SPDX-License-Identifier: MIT
// tests/clients/replay.mjs - lets a conversation that once happened happen
// again: every nick of a chat log a user with a connection, the channel a room,
// every line a message. Then every member must have got every line, in order,
// once, and the history must equal the log.
//
//   node replay.mjs HOST:PORT SECRET LOG ROOM-NAME
//
// `[HH:MM] <nick> text` is a message; any other line is the log's own voice.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Campfire } from "./campfire.mjs";
import { sign } from "./jwt.mjs";

const [host, secret, file, roomName] = process.argv.slice(2);
const settleSeconds = 60;

function readLog(path) {
	const spoken = /^\[\d\d:\d\d\] <([^>]+)> (.+)$/s;
	return readFileSync(path, "utf8").split("\n")
		.map((line) => line.match(spoken))
		.filter((match) => match !== null)
		.map(([, nick, text]) => ({ nick, text }));
}

// Two nicks that differ in case alone are one user, here as on IRC.
const keyOf = (nick) => nick.replace(/[A-Z]/g, (c) => c.toLowerCase());

// A nick is the same user in every log.
function idOf(nick) {
	const hex = createHash("sha256").update(nick).digest("hex");
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

async function rest(method, path, token, body) {
	const response = await fetch(`http://${host}${path}`, {
		method,
		headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
		body: body && JSON.stringify(body),
	});
	if (!response.ok)
		throw new Error(`${path}: ${response.status} ${await response.text()}`);
	return response.json();
}

async function gather(lines) {
	const people = new Map();
	for (const { nick } of lines) {
		if (people.has(keyOf(nick)))
			continue;
		const id = idOf(keyOf(nick));
		const token = sign(secret, { sub: id, username: nick });
		const client = await Campfire.connect(`ws://${host}/ws/campfire`, token);
		people.set(keyOf(nick), { id, name: nick, token, client });
	}
	return people;
}

async function openRoom(people) {
	const [maker] = people.values();
	const { id } = await rest("POST", "/api/rooms", maker.token, { name: roomName });
	for (const person of people.values())
		await person.client.join(id);
	return id;
}

// The echo of a line is awaited before the next is said: the log's order is
// the order in which people spoke.
async function speak(lines, people, room) {
	for (const { nick, text } of lines)
		await people.get(keyOf(nick)).client.post(room, text);
}

async function everybodyHeard(people, room, count) {
	const deadline = Date.now() + settleSeconds * 1000;
	const all = [...people.values()];
	while (all.some((p) => p.client.messages(room).length < count)) {
		if (Date.now() > deadline)
			throw new Error(`not all heard all after ${settleSeconds} s`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

function compare(what, lines, people, messages) {
	if (messages.length !== lines.length)
		throw new Error(`${what}: ${messages.length} messages of ${lines.length}`);
	lines.forEach(({ nick, text }, i) => {
		const { content, creator_id } = messages[i];
		if (content !== text || creator_id !== people.get(keyOf(nick)).id)
			throw new Error(`${what}, line ${i + 1}: <${nick}> ${text} became ` +
				JSON.stringify(messages[i]));
	});
}

async function history(room, token) {
	let messages = [];
	let page;
	let before = "";
	do {
		page = await rest("GET", `/api/rooms/${room}/messages?limit=100${before}`, token);
		if (page.messages.length === 0)
			break;
		messages = [...page.messages, ...messages];
		before = `&before=${page.messages[0].seq}`;
	} while (page.has_more);
	return messages;
}

function compareHistory(lines, people, messages) {
	compare("history", lines, people, messages);
	messages.forEach((message, i) => {
		const { name } = people.get(keyOf(lines[i].nick));
		if (message.seq !== i + 1 || message.creator_name !== name)
			throw new Error(`history, line ${i + 1}: ${JSON.stringify(message)}`);
	});
}

const lines = readLog(file);
if (lines.length === 0)
	throw new Error(`${file}: no message in it`);
const people = await gather(lines);
const room = await openRoom(people);
await speak(lines, people, room);
await everybodyHeard(people, room, lines.length);
compareHistory(lines, people, await history(room, [...people.values()][0].token));
for (const { name, client } of people.values())
	compare(`what ${name} heard`, lines, people, client.messages(room));
console.log(`${lines.length} lines by ${people.size} people`);
process.exit(0);
