// SPDX-License-Identifier: MIT
// tests/clients/resume_hung.mjs - comes to a gateway that is stopped: the kernel
// takes the connection, and it is heard the moment the gateway goes on.
//
//   resume_hung.mjs HOST ROOM TOKEN OTHER-TOKEN COUNT
//
// Prints `here` once connections of both stand at two gateways, of which one is
// then to be stopped. Told so by a line, the other one says COUNT messages, the
// first half of them is marked as seen, and new connections come to the gateway
// that is stopped: `waiting`. One resumes from the mark, one from the newest, one
// goes by the mark: `resumed`. At the next line `fence` is said. Prints how much
// each was told up to there: all that followed, in order, each once.
import { createInterface } from "node:readline";
import WebSocket from "ws";
import { report, sleep } from "./endless.mjs";
import { findRunning, Resuming } from "./resume.mjs";

const [host, room, token, otherToken, words] = process.argv.slice(2);
const count = Number(words);
const mark = count / 2;
const linesEach = 10; // all at one gateway: one time in 500
const dialsMax = 40;
const openWithinMs = 700; // at a gateway that runs
const orders = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function stand(whose, last) {
	const client = await Resuming.at(host, whose, { [room]: last });
	await client.resume();
	return client;
}

const standAll = (whose) =>
	Promise.all(Array.from({ length: linesEach }, () => stand(whose, 0)));

async function say(client, content) {
	client.say("CreateMessage", { room_id: room, content });
	await hearTo(client, content);
}

// Resolves with how much it has been told.
async function hearTo(client, content) {
	while (client.messages.at(-1)?.content !== content)
		await client.hear();
	return client.messages.length;
}

async function sayAll(client) {
	for (let n = 1; n < count; n++)
		client.say("CreateMessage", { room_id: room, content: `${n}` });
	await say(client, `${count}`);
}

async function setMark(client) {
	await hearTo(client, `${count}`);
	client.say("UpdateLastSeen", {
		message_id: client.messages[mark - 1].id, request_id: "mark" });
	while ((await client.hear()).request_id !== "mark");
}

// A connection that did not open while it could have; or undefined.
async function dial(query) {
	const socket = new WebSocket(
		`ws://${host}/ws/campfire?v=2${query}&token=${token}`);
	const client = Object.assign(new Resuming(socket), {
		opened: new Promise((resolve, reject) => {
			socket.once("open", () => resolve(true));
			socket.once("error", reject);
		}),
	});
	if (await Promise.race([client.opened, sleep(openWithinMs)]) !== true)
		return client;
	socket.terminate();
	return undefined;
}

async function come(query, after) {
	for (let n = 0; n < dialsMax; n++) {
		const client = await dial(query);
		if (client !== undefined)
			return Object.assign(client, { last: { [room]: after }, messages: [] });
	}
	throw new Error("no connection came to the gateway that is stopped");
}

await report(async () => {
	const [lines, others] = await Promise.all([standAll(token), standAll(otherToken)]);
	console.log("here");
	await orders.next();
	const speaker = await findRunning(others);
	await sayAll(speaker);
	await setMark(await findRunning(lines));
	const [byMark, fromMark, fromNewest] = await Promise.all([
		come("", mark), come("&resume=1", mark), come("&resume=1", count)]);
	console.log("waiting");
	await Promise.all([byMark, fromMark, fromNewest].map((c) => c.opened));
	await Promise.all([fromMark.resume(), fromNewest.resume()]);
	console.log("resumed");
	await orders.next();
	await say(speaker, "fence");
	for (const line of [...lines, ...others])
		await hearTo(line, "fence");
	return {
		by_mark: await hearTo(byMark, "fence"),
		from_mark: await hearTo(fromMark, "fence"),
		from_newest: await hearTo(fromNewest, "fence"),
	};
});
