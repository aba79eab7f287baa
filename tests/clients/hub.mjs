// SPDX-License-Identifier: MIT
// tests/clients/hub.mjs - a strict decoder of the hub dialect, written from its
// document alone: the six frames, with exactly the documented fields.
//
// As a program it is the cast of ws.mjs in which each hub client decodes what it
// hears. One that hears anything else tells of it on stderr and hangs up.
import { fileURLToPath } from "node:url";
import WebSocket from "ws";
import { fits } from "./match.mjs";

const integerFrom = (least) => (v) => Number.isSafeInteger(v) && v >= least;
const isUserNumber = integerFrom(0); // a guest has none, and shows 0
const isMessageNumber = integerFrom(1);
const isTime = (v) => fits(v, "<time>") && !Number.isNaN(Date.parse(v));
export const isText = (v) => fits(v, "<string>");

const said = {
	username: isText, fromUser: isUserNumber, content: isText, timestamp: isTime,
};

const frames = {
	join_ack: { room: isText, status: (v) => v === "ok" },
	message: { ...said, id: isMessageNumber, room: isText },
	dm: { ...said, id: isMessageNumber },
	room_history: [said],
	dm_history: [said],
	error: { message: isText },
};

// Throws unless `value` is an object that has just these fields, each of which
// fits; `where` names it in what is thrown.
export function check(where, value, fields) {
	if (value === null || typeof value !== "object" || Array.isArray(value))
		throw new Error(`${where} is no object`);
	for (const name of Object.keys(value))
		if (!Object.hasOwn(fields, name))
			throw new Error(`${where} has an unknown field "${name}"`);
	for (const [name, isFit] of Object.entries(fields)) {
		if (!Object.hasOwn(value, name))
			throw new Error(`${where} lacks "${name}"`);
		if (!isFit(value[name]))
			throw new Error(`${where}.${name} cannot be ${JSON.stringify(value[name])}`);
	}
}

// The frame, or an Error that says what is wrong with it.
export function decode(text) {
	const frame = JSON.parse(text);
	check("frame", frame, {
		type: (v) => isText(v) && Object.hasOwn(frames, v), data: () => true,
	});
	const shape = frames[frame.type];
	if (!Array.isArray(shape))
		check(frame.type, frame.data, shape);
	else if (!Array.isArray(frame.data))
		throw new Error(`${frame.type} is no array`);
	else
		frame.data.forEach((v, i) => check(`${frame.type}[${i}]`, v, shape[0]));
	return frame;
}

// What is wrong with a frame that this connection heard; undefined: nothing.
function complaint(decodeFrame, data, isBinary) {
	try {
		if (isBinary)
			throw new Error("a binary frame");
		decodeFrame(data.toString());
	} catch (error) {
		return `${error.message}: ${data.toString().slice(0, 300)}`;
	}
	return undefined;
}

// Runs the cast of ws.mjs with these decoders, by the dialect's name. What a
// connection speaks is its subprotocol, else named in its path, else `usual`.
export async function direct(decoders, usual) {
	const emit = WebSocket.prototype.emit;
	const failed = new WeakSet();
	const dialectOf = (socket) => socket.protocol ||
		(new URL(socket.url).pathname.match(/^\/ws\/(\w+)$/)?.[1] ?? usual);

	function fail(socket, words) {
		failed.add(socket);
		process.stderr.write(`${words}\n`);
		emit.call(socket, "message", Buffer.from(words), false);
		socket.terminate();
	}

	WebSocket.prototype.emit = function (event, ...args) {
		const dialect = event === "message" && dialectOf(this);
		if (!dialect || !decoders[dialect])
			return emit.call(this, event, ...args);
		const wrong = !failed.has(this) && complaint(decoders[dialect], ...args);
		if (wrong === undefined)
			return emit.call(this, event, ...args);
		if (wrong)
			fail(this, `not a frame of ${dialect}: ${wrong}`);
		return true;
	};
	await import("./ws.mjs");
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	await direct({ hub: decode }, "hub");
