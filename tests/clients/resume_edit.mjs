// SPDX-License-Identifier: MIT
// tests/clients/resume_edit.mjs - resumes while messages change: what was asked
// for is on its way with the old words when the change is told.
//
//   resume_edit.mjs HOST ROOM TOKEN OTHER-TOKEN FIRST SECOND
//
// Prints `here` once connections of both stand, at two gateways. At each line that
// it is told: the first one resumes, `asked`; the other one edits the message with
// the id FIRST to `new` and deletes SECOND, `changed`; prints how each connection
// of the first one has the two in the end.
import { createInterface } from "node:readline";
import { report } from "./endless.mjs";
import { findRunning, Resuming } from "./resume.mjs";

const [host, room, token, otherToken, first, second] = process.argv.slice(2);
const linesEach = 10; // all at one gateway: one time in 500
const orders = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

const stand = (whose) => Promise.all(Array.from({ length: linesEach }, async () => {
	const client = await Resuming.at(host, whose, { [room]: 0 });
	await client.find((f) => f.type === "PresenceUpdate");
	return client;
}));

// The answer to what is no request shows that the one before has been heard.
async function ask(client) {
	client.say("Resume", { rooms: client.last });
	client.socket.send("?");
	await client.find((f) => f.code === "INVALID_JSON");
}

async function change(client, type, fields) {
	client.say(type, { request_id: type, ...fields });
	const { code } = await client.find((f) => f.request_id === type);
	if (code !== undefined)
		throw new Error(`${type}: ${code}`);
}

const hear = {
	NewMessage: (words, { message }) => words.set(message.id, message.content),
	MessageEdited: (words, { message }) =>
		words.has(message.id) && words.set(message.id, message.content),
	MessageDeleted: (words, { message_id }) => words.delete(message_id),
};

// What it has in the end: after `fence`, which is said when all is told.
async function read(client) {
	const words = new Map();
	for (;;) {
		const frame = await client.next();
		hear[frame.type]?.(words, frame);
		if (frame.type === "NewMessage" && frame.message.content === "fence")
			return [words.get(first) ?? null, words.get(second) ?? null];
	}
}

await report(async () => {
	const [lines, others] = await Promise.all([stand(token), stand(otherToken)]);
	console.log("here");
	await orders.next();
	await Promise.all(lines.map(ask));
	console.log("asked");
	await orders.next();
	const other = await findRunning(others);
	await change(other, "EditMessage", { message_id: first, content: "new" });
	await change(other, "DeleteMessage", { message_id: second });
	console.log("changed");
	return Promise.all(lines.map(read));
});
