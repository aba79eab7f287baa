// SPDX-License-Identifier: MIT
// tests/clients/ws.mjs - a cast of WebSocket clients that a test directs.
//
// Reads one command a line and answers each with one line, `ok …` or `fail …`.
// Several named clients live in one process, each with the frames that it got
// and that no command has looked at yet. Called with the argument `strict`, a
// client that gets what its dialect's document does not name tells of it on stderr
// and hangs up.
//
//   connect NAME URL [subprotocol=S] [header=K:V] [deflate=JSON] …   opens
//   refused NAME STATUS URL …      the upgrade is answered by that status
//   send NAME TEXT                 a text frame (JSON or not), as it stands
//   binary NAME HEX                a binary frame
//   wire NAME HEX                  bytes on the socket, past the frame layer
//   expect NAME SECONDS PATTERN    the next frame that fits; skips the others
//   exactly NAME SECONDS PATTERN   the same, and it has no field but those
//   next NAME SECONDS PATTERN      the very next frame, and it fits exactly
//   never NAME SECONDS PATTERN     none fits, now or until then; skips none
//   closed NAME SECONDS CODE       the server closes with that code
//   open NAME                      the connection still stands
//   close NAME | drop NAME         with a close frame | without a word
//   token SECRET CLAIMS            signs a token
import { createInterface } from "node:readline";
import WebSocket from "ws";
import { sign } from "./jwt.mjs";
import { fits } from "./match.mjs";

const { complaint } = process.argv[2] === "strict"
	? await import("./documented.mjs") : { complaint: () => undefined };
const cast = new Map();

const commands = {
	connect, refused, send, binary, wire, expect, exactly, next, never, closed,
	open, close, drop, token,
};

const say = (line) => process.stdout.write(`${line}\n`);
const shown = (text) => text.length > 300 ? `${text.slice(0, 300)}…` : text;

class Failure extends Error {}

function actor(name) {
	const found = cast.get(name);
	if (!found)
		throw new Failure(`nobody called ${name} is connected`);
	return found;
}

function dial(url, words) {
	const options = { perMessageDeflate: false, headers: {} };
	const protocols = [];
	for (const word of words) {
		const [, key, value] = word.match(/^(\w+)=(.*)$/) ?? [];
		if (key === "subprotocol")
			protocols.push(...value.split(","));
		else if (key === "header")
			options.headers[value.split(":")[0]] =
				value.slice(value.indexOf(":") + 1).replaceAll("+", " ");
		else if (key === "deflate")
			options.perMessageDeflate = JSON.parse(value);
		else
			throw new Failure(`no option ${word}`);
	}
	return new WebSocket(url, protocols, options);
}

// Something that a waiting command wants to look at has happened.
function stir(who) {
	for (const look of [...who.waiting])
		look();
}

function hear(who, data, isBinary) {
	if (who.strange)
		return;
	who.strange = complaint(who.socket, data, isBinary);
	if (who.strange) {
		process.stderr.write(`${who.strange}\n`);
		who.socket.terminate();
	}
	who.inbox.push(who.strange ??
		(isBinary ? `binary ${data.toString("hex")}` : data.toString()));
	stir(who);
}

function enter(name, socket) {
	const who = { socket, inbox: [], waiting: new Set(), strange: undefined,
		code: null, reason: "" };
	cast.set(name, who);
	socket.on("message", (data, isBinary) => hear(who, data, isBinary));
	socket.on("close", (code, reason) => {
		who.code = code;
		who.reason = reason.toString();
		stir(who);
	});
	socket.on("error", () => {});
	return who;
}

// Looks now and after each event until `look` finds something or time is up.
function awaitOn(who, seconds, look) {
	return new Promise((resolve) => {
		const finish = (value) => {
			clearTimeout(timer);
			who.waiting.delete(attempt);
			resolve(value);
		};
		const attempt = () => {
			const found = look();
			if (found !== undefined)
				finish(found);
		};
		const timer = setTimeout(() => finish(undefined), seconds * 1000);
		who.waiting.add(attempt);
		attempt();
	});
}

function connect(name, rest) {
	const [url, ...words] = rest.split(" ");
	const socket = dial(url, words);
	enter(name, socket);
	return new Promise((resolve, reject) => {
		socket.once("open", () => resolve(socket.protocol));
		socket.once("error", (e) => reject(new Failure(`${url}: ${e.message}`)));
	});
}

function refused(name, rest) {
	const [status, url, ...words] = rest.split(" ");
	const socket = dial(url, words);
	return new Promise((resolve, reject) => {
		socket.on("error", (e) => reject(new Failure(e.message)));
		socket.once("open", () => {
			socket.terminate();
			reject(new Failure(`${url} was accepted`));
		});
		socket.once("unexpected-response", (request, response) => {
			let body = "";
			response.on("data", (chunk) => { body += chunk; });
			response.on("end", () => {
				const answer = JSON.stringify({ headers: response.headers, body });
				if (response.statusCode === Number(status))
					resolve(answer);
				else
					reject(new Failure(`status ${response.statusCode}: ${answer}`));
			});
		});
	});
}

function send(name, text) {
	actor(name).socket.send(text);
}

function binary(name, hex) {
	actor(name).socket.send(Buffer.from(hex, "hex"));
}

function wire(name, hex) {
	actor(name).socket._socket.write(Buffer.from(hex, "hex"));
}

function parse(text) {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

function pattern(rest) {
	const [, seconds, json] = rest.match(/^(\S+) (.*)$/s);
	return [Number(seconds), JSON.parse(json)];
}

const got = (who) => who.inbox.length === 0
	? `nothing${who.code === null ? "" : `, closed ${who.code} ${who.reason}`}`
	: shown(who.inbox.join(" "));

async function take(name, rest, exact) {
	const who = actor(name);
	const [seconds, wanted] = pattern(rest);
	const frame = await awaitOn(who, seconds, () => {
		const at = who.inbox.findIndex((f) => fits(parse(f), wanted, exact));
		return at < 0 ? undefined : who.inbox.splice(0, at + 1)[at];
	});
	if (frame === undefined)
		throw new Failure(`${name} heard ${got(who)}`);
	return frame;
}

function expect(name, rest) {
	return take(name, rest, false);
}

function exactly(name, rest) {
	return take(name, rest, true);
}

async function next(name, rest) {
	const who = actor(name);
	const [seconds, wanted] = pattern(rest);
	const frame = await awaitOn(who, seconds, () => who.inbox[0]);
	if (frame === undefined || !fits(parse(frame), wanted, true))
		throw new Failure(`${name} heard ${got(who)}`);
	return who.inbox.shift();
}

async function never(name, rest) {
	const who = actor(name);
	const [seconds, unwanted] = pattern(rest);
	const frame = await awaitOn(who, seconds, () =>
		who.inbox.find((f) => fits(parse(f), unwanted)));
	if (frame !== undefined)
		throw new Failure(`${name} heard ${shown(frame)}`);
}

async function closed(name, rest) {
	const who = actor(name);
	const [seconds, code] = rest.split(" ").map(Number);
	await awaitOn(who, seconds, () => who.code ?? undefined);
	if (who.code !== code)
		throw new Failure(`${name}: close code ${who.code}, heard ${got(who)}`);
	return who.reason;
}

function open(name) {
	const who = actor(name);
	if (who.code !== null)
		throw new Failure(`${name} was closed with ${who.code} ${who.reason}`);
}

async function close(name) {
	const who = actor(name);
	who.socket.close(1000);
	await awaitOn(who, 5, () => who.code ?? undefined);
}

function drop(name) {
	actor(name).socket.terminate();
}

function token(secret, claims) {
	return sign(secret, JSON.parse(claims));
}

async function obey(line) {
	const [, verb, name, rest] = line.match(/^(\S+)(?: (\S+))?(?: (.*))?$/s) ?? [];
	if (!commands[verb])
		return say(`fail no command ${line}`);
	try {
		const answer = await commands[verb](name, rest ?? "");
		say(`ok ${answer ?? ""}`);
	} catch (error) {
		say(`fail ${error.message.replaceAll("\n", " ")}`);
	}
}

for await (const line of createInterface({ input: process.stdin }))
	await obey(line);
process.exit(0);
