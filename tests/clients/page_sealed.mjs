// SPDX-License-Identifier: MIT
// tests/clients/page_sealed.mjs - participants of sealed rooms who use the page's
// own module without the page, and whom a test directs.
//
// Reads one command a line, its words parted by tabs, and answers each with one
// line, `ok …` or `fail …`. Whatever a command looks for may come within SECONDS.
//
//   make NAME URL TITLE ours|theirs [PASSWORD]   answers with the link's fragment
//   join NAME URL FRAGMENT [PASSWORD]
//   resume NAME URL FRAGMENT   joins, and goes on trying if that is refused
//   say NAME TEXT…
//   reads NAME TEXT…     these are the messages, all; ? for one not decrypted
//   here NAME OTHER…     these are the participants
//   state NAME STATE [REASON]
//   waits NAME COUNT     so many messages are not confirmed
//   fails NAME ERROR     one of them was refused for good, with these words
//   shows NAME COUNT whole|cut   so many messages, and whether there may be older
import WebSocket from "ws";
import { SealedRoom } from "../../gateway/web/sealed.js";
import { readInvitation } from "../../gateway/web/sealed_key.js";
import { obey } from "./obey.mjs";

const SECONDS = 15;
const rooms = new Map();

async function make(name, url, title, kind, password) {
	const room = await SealedRoom.create({
		url, name, title, password, isOurs: kind === "ours", WebSocket,
	});
	rooms.set(name, room);
	return room.fragment;
}

async function join(name, url, fragment, password) {
	const invitation = readInvitation(fragment);
	rooms.set(name, await SealedRoom.join(
		{ url, name, password, invitation, WebSocket }));
}

async function resume(name, url, fragment) {
	const invitation = readInvitation(fragment);
	rooms.set(name, SealedRoom.resume({ url, name, invitation, WebSocket }));
}

function say(name, ...texts) {
	for (const text of texts)
		rooms.get(name).say(text);
}

async function reads(name, ...texts) {
	await eventually(() => rooms.get(name).entries
		.filter(({ kind }) => kind === "message")
		.map(({ text }) => text ?? "?"), texts);
}

async function here(name, ...others) {
	await eventually(() => [...rooms.get(name).participants].sort(), others.sort());
}

async function state(name, wanted, reason = "") {
	await eventually(() => {
		const room = rooms.get(name);
		return reason ? [room.state, room.reason] : [room.state];
	}, reason ? [wanted, reason] : [wanted]);
}

async function waits(name, count) {
	await eventually(() => rooms.get(name).outbox.length, Number(count));
}

async function fails(name, error) {
	await eventually(() => rooms.get(name).outbox.map((item) => item.error), [error]);
}

async function shows(name, count, extent) {
	await eventually(() => {
		const { entries, isCut } = rooms.get(name);
		const messages = entries.filter(({ kind }) => kind === "message");
		return [messages.length, isCut ? "cut" : "whole"];
	}, [Number(count), extent]);
}

async function eventually(look, wanted) {
	const deadline = Date.now() + SECONDS * 1000;
	while (JSON.stringify(look()) !== JSON.stringify(wanted)) {
		if (Date.now() > deadline)
			throw new Error(`got ${JSON.stringify(look())}`);
		await new Promise((resolve) => setTimeout(resolve, 30));
	}
}

const commands = {
	make, join, resume, say, reads, here, state, waits, fails, shows,
};

await obey(commands);
for (const room of rooms.values())
	room.leave();
