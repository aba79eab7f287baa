// SPDX-License-Identifier: MIT
// tests/clients/schema.mjs - the documents in docs/api, and clients that hold
// every frame against them.
//
// A Dialect is an AsyncAPI document. A Speaker is a connection in one of its
// channels: what it sends and gets must be exactly one of the messages that the
// channel names for that direction. The dialect counts what was seen; in the end
// finish() wants every message to have come.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import Ajv from "ajv";
import Ajv2020 from "ajv/dist/2020.js";
import formats from "ajv-formats";
import WebSocket from "ws";
import { parse } from "yaml";
import { sign } from "./jwt.mjs";

const WITHIN = 10; // seconds: how long what must come may take
const FOLDER = fileURLToPath(new URL("../../docs/api/", import.meta.url));

export const read = (name) => {
	const document = parse(readFileSync(`${FOLDER}${name}.yaml`, "utf8"),
		{ stringKeys: true }); // as the parser of AsyncAPI wants
	if (!document)
		throw new Error(`${name}.yaml is empty`);
	return document;
};

// What a JSON pointer of the document itself points at.
export function resolve(document, value) {
	while (value?.$ref !== undefined)
		value = value.$ref.slice(2).split("/")
			.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
			.reduce((at, part) => at[part], document);
	if (value === undefined)
		throw new Error("a $ref points nowhere");
	return value;
}

// Validators for the schemas of a document (its own id is no base for them); an unknown keyword is an error.
export class Schemas {
	constructor(document, isOpenApi) {
		const options = { strict: true, strictRequired: false, allErrors: true };
		this.ajv = isOpenApi ? new Ajv2020(options) : new Ajv(options);
		formats(this.ajv);
		this.ajv.addKeyword({
			keyword: "x-max-bytes",
			type: "string",
			validate: (max, text) => Buffer.byteLength(text) <= max,
		});
		// What stands beside the schemas is no keyword of theirs.
		const { id, ...whole } = document;
		this.ajv.addVocabulary(Object.keys(whole));
		this.ajv.addSchema(whole, "document", undefined, false);
		this.known = new Map();
	}

	// A validator for the schema at that place of the document, such as
	// ["components", "messages", "Error", "payload"].
	at(place) {
		const pointer = place.map(escaped).join("/");
		if (!this.known.has(pointer))
			this.known.set(pointer,
				this.ajv.compile({ $ref: `document#/${pointer}` }));
		return this.known.get(pointer);
	}

	// What is wrong with the value; null if nothing is.
	wrong(place, value) {
		const validate = this.at(place);
		return validate(value) ? null : this.ajv.errorsText(validate.errors);
	}
}

const escaped = (part) =>
	encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));

const shown = (text) => text.length > 400 ? `${text.slice(0, 400)}…` : text;

// The names of the messages that a channel's operations know.
const mentioned = (list) =>
	(list ?? []).map(({ $ref }) => $ref.split("/").at(-1));

// Of slow readers (withstand.bats), and of those whom a moderator removed
// (roles.bats).
const elsewhere = new Set(["1013", "4501", "4502"]);

export class Dialect {
	constructor(name) {
		this.name = name;
		this.document = read(name);
		this.schemas = new Schemas(this.document, false);
		this.channels = new Map(Object.keys(this.document.channels)
			.map((channel) => [channel, this.#directions(channel)]));
		this.closes = new Set();
	}

	// {in, out}: message's name in the channel → {component, isText, seen}; `in`
	// is what the server receives.
	#directions(channel) {
		const { messages } = this.document.channels[channel];
		const found = { in: new Map(), out: new Map() };
		const add = (direction, names) => {
			for (const name of names)
				found[direction].set(name, {
					component: messages[name].$ref.split("/").at(-1),
					isText: resolve(this.document, messages[name]).contentType
						=== "text/plain",
					seen: 0,
				});
		};
		for (const operation of Object.values(this.document.operations)) {
			if (operation.channel.$ref !== `#/channels/${channel}`)
				continue;
			add(operation.action === "receive" ? "in" : "out",
				mentioned(operation.messages));
			add("out", mentioned(operation.reply?.messages));
		}
		return found;
	}

	// {name, value, entry} for the one message that the text is; {why} where it
	// is none, or several.
	identify(channel, direction, text) {
		const value = parsed(text);
		const fitting = [], why = [];
		for (const isText of [false, true]) {
			if (fitting.length > 0 || (!isText && value === undefined))
				continue;
			for (const [name, entry] of this.channels.get(channel)[direction]) {
				if (entry.isText !== isText)
					continue;
				const wrong = this.schemas.wrong(
					["components", "messages", entry.component, "payload"],
					isText ? text : value);
				if (wrong === null)
					fitting.push({ name, entry, value: isText ? text : value });
				else
					why.push(`${name}: ${wrong}`);
			}
		}
		if (fitting.length === 1)
			return fitting[0];
		return { why: fitting.length === 0 ? why.join("; ")
			: `several fit: ${fitting.map(({ name }) => name).join(", ")}` };
	}

	// Resolves once the connection is open.
	open(channel, address, headers = {}) {
		return Speaker.open(this, channel, address, headers);
	}

	note(channel, direction, text) {
		const { name, value, entry, why } = this.identify(channel, direction, text);
		if (why !== undefined)
			throw new Error(`${this.name}, ${channel}: no message that the server ` +
				`${direction === "in" ? "receives" : "sends"}: ${shown(text)} (${shown(why)})`);
		entry.seen++;
		return { name, value };
	}

	noteClose(channel, code) {
		const codes = this.document.channels[channel]["x-close-codes"];
		if (code !== 1005 && code !== 1006 && !Object.hasOwn(codes, code))
			throw new Error(`${this.name}, ${channel}: close code ${code}`);
		this.closes.add(code);
	}

	// Every message of these channels must have been seen, and every close code
	// that is not provoked elsewhere.
	finish(channels = [...this.channels.keys()]) {
		const missing = [];
		for (const channel of channels) {
			const codes = this.document.channels[channel]["x-close-codes"];
			for (const code of Object.keys(codes))
				if (!elsewhere.has(code) && !this.closes.has(Number(code)))
					missing.push(`close with ${code}`);
			for (const [direction, messages] of Object.entries(this.channels.get(channel)))
				for (const [name, { seen }] of messages)
					if (seen === 0)
						missing.push(`${channel} ${direction} ${name}`);
		}
		if (missing.length > 0)
			throw new Error(`${this.name}: never seen: ${missing.join(", ")}`);
		return [...this.channels].map(([channel, directions]) =>
			`${channel}: ${directions.in.size} in, ${directions.out.size} out`)
			.join("; ");
	}
}

function parsed(text) {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

// Does the value have what the pattern has? Arrays as a whole.
function fits(value, pattern) {
	if (typeof pattern === "function")
		return pattern(value);
	if (pattern === null || typeof pattern !== "object" || Array.isArray(pattern))
		return JSON.stringify(value) === JSON.stringify(pattern);
	return value !== null && typeof value === "object" &&
		Object.entries(pattern).every(([key, wanted]) => fits(value[key], wanted));
}

class Speaker {
	static open(dialect, channel, address, headers) {
		const speaker = new Speaker(dialect, channel, address, headers);
		return new Promise((resolve, reject) => {
			speaker.socket.once("open", () => resolve(speaker));
			speaker.socket.once("error", reject);
		});
	}

	constructor(dialect, channel, address, headers) {
		Object.assign(this, { dialect, channel, inbox: [], failure: null });
		this.waiting = new Set();
		this.code = null;
		this.socket = new WebSocket(address, { headers, perMessageDeflate: false });
		this.socket.on("message", (data, isBinary) => this.#hear(data, isBinary));
		this.socket.on("close", (code) => this.#ended(code));
		this.socket.on("error", () => {});
	}

	// What goes wrong in an event is thrown where the script waits next.
	#guard(act) {
		try {
			act();
		} catch (error) {
			this.failure ??= error;
		}
		for (const look of [...this.waiting])
			look();
	}

	#hear(data, isBinary) {
		this.#guard(() => {
			if (isBinary)
				throw new Error(`${this.dialect.name}: a binary frame came`);
			this.inbox.push(this.dialect.note(this.channel, "out", data.toString()));
		});
	}

	#ended(code) {
		this.code = code;
		this.#guard(() => this.dialect.noteClose(this.channel, code));
	}

	#wait(what, look) {
		return new Promise((resolve, reject) => {
			const finish = (settle, value) => {
				clearTimeout(timer);
				this.waiting.delete(attempt);
				settle(value);
			};
			const attempt = () => {
				if (this.failure)
					return finish(reject, this.failure);
				const found = look();
				if (found !== undefined)
					finish(resolve, found);
			};
			const timer = setTimeout(() => finish(reject, new Error(
				`${this.dialect.name}: no ${what} came; instead ` +
				`${shown(JSON.stringify(this.inbox))}, close code ${this.code}`)),
				WITHIN * 1000);
			this.waiting.add(attempt);
			attempt();
		});
	}

	// The next message of that name that has what the pattern has; what came
	// before it is passed over.
	expect(name, pattern = {}) {
		return this.#wait(`${name} ${JSON.stringify(pattern)}`, () => {
			const at = this.inbox.findIndex((message) =>
				message.name === name && fits(message.value, pattern));
			return at < 0 ? undefined : this.inbox.splice(0, at + 1)[at].value;
		});
	}

	closed(code) {
		return this.#wait(`close with ${code}`, () => {
			if (this.code !== null && this.code !== code)
				throw new Error(`closed with ${this.code}, want ${code}`);
			return this.code === code || undefined;
		});
	}

	// What the document names; a string goes as it stands.
	send(frame) {
		const text = typeof frame === "string" ? frame : JSON.stringify(frame);
		this.dialect.note(this.channel, "in", text);
		this.socket.send(text);
	}

	// What the document must not know either.
	sendWrong(frame) {
		const text = typeof frame === "string" ? frame : JSON.stringify(frame);
		const { name } = this.dialect.identify(this.channel, "in", text);
		if (name !== undefined)
			throw new Error(`${this.dialect.name} takes ${shown(text)} for ${name}`);
		this.socket.send(text);
	}

	sendBinary(bytes) {
		this.socket.send(Buffer.from(bytes));
	}

	// Bytes on the socket, past the frame layer.
	wire(bytes) {
		this.socket._socket.write(Buffer.from(bytes));
	}

	async leave() {
		this.socket.close(1000);
		await this.closed(1000);
	}
}

// --- What the scripts share

const pidOf = (daemon) =>
	Number(readFileSync(`${process.env.PARLEY_RUN}/${daemon}.pid`, "utf8"));

// A daemon of the suite that the test started stands still meanwhile.
export async function without(daemon, act) {
	const pid = pidOf(daemon);
	process.kill(pid, "SIGSTOP");
	try {
		await act();
	} finally {
		process.kill(pid, "SIGCONT");
	}
}

// Somebody whom an embedding application brings.
export function person(username) {
	const id = randomUUID();
	return { id, username,
		token: sign(process.env.JWT_SECRET, { sub: id, username }) };
}

// A REST request; its JSON, or null where there is none.
export async function rest(host, method, path, { token } = {}, body = undefined) {
	const answer = await fetch(`http://${host}${path}`, {
		method,
		headers: token ? { Authorization: `Bearer ${token}` } : {},
		body: body && JSON.stringify(body),
	});
	if (!answer.ok)
		throw new Error(`${method} ${path}: ${answer.status}`);
	return answer.status === 204 ? null : answer.json();
}

// Somebody with an account, logged in; `token` is the session's.
export async function account(host, username) {
	const password = `${username} has a password`;
	await rest(host, "POST", "/auth/register", {}, { username, password });
	const session =
		await rest(host, "POST", "/auth/login", {}, { username, password });
	return { username, id: session.user.user_id, number: session.user.id,
		token: session.session_token };
}

// Each way in which the server ends a connection, but for 1013, which takes a
// reader who is too slow. `open(token)` opens one; `session` is somebody whose
// log-out ends it, if the dialect has accounts. The gateway restarts in the end.
export async function endings(host, open, session) {
	const frames = [
		[1002, [0x81, 0x01, 0x61]], // not masked
		[1007, [0x81, 0x81, 0, 0, 0, 0, 0xff]],
		[1009, [0x81, 0xff, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0, 0]], // 256 KiB + 1
	];
	for (const [code, bytes] of frames) {
		const speaker = await open();
		speaker.wire(bytes);
		await speaker.closed(code);
	}
	await (await open()).leave();
	if (session) {
		const speaker = await open(session.token);
		await rest(host, "POST", "/auth/logout", session);
		await speaker.closed(4401);
	}
	const last = await open();
	process.kill(pidOf("gateway"), "SIGTERM");
	await last.closed(1001);
}

// More of them at once than the rate allows.
export async function tooMany(say) {
	for (let i = 0; i < 45; i++)
		await say(`too much ${i}`);
}

// The script of a program: says what was seen, or ends with status 1.
export async function play(script) {
	try {
		console.log(await script());
		process.exit(0);
	} catch (error) {
		console.error(error.stack);
		process.exit(1);
	}
}
