// SPDX-License-Identifier: MIT
// tests/clients/library.mjs - people who use the client library, in Node or in
// Chromium, and whom a test directs.
//
//   node library.mjs FILE     FILE is gateway/web/parley.js, as a module of Node
//
// Reads one command a line, its words parted by tabs, and answers each with one
// line, `ok …` or `fail …`. Whatever a command looks for may come within
// SECONDS. Arguments of methods are JSON.
//
//   node NAME OPTIONS              makes a client and opens it; `origin` and
//                                  `storage` (a name) are ours, not its options
//   browser NAME PAGE OPTIONS      the same, in a page of a profile of its own
//   again NAME                     a new client with those options
//   call NAME METHOD [ARGUMENT…]   answers what it resolves to
//   begin NAME METHOD [ARGUMENT…]  does not wait; answers its number
//   outcome NAME NUMBER [PATTERN]  waits; {"value": …} or {"error": {"code": …}}
//   sees NAME EVENT PATTERN        the next event that fits; skips the others
//   never NAME EVENT PATTERN       none that fits was told as yet
//   is NAME STATE                  that is what the connection comes to do
//   reads NAME ROOM TEXT…          these are the messages told of a room, all
//   babble NAME ROOM WORD [COUNT]  begins to say WORD 1, WORD 2 … without end
//   hush NAME                      ends that once all is acknowledged: how many
//   babbled NAME                   waits until COUNT were acknowledged
//   agrees NAME ROOM [SEQ]         what was told is the history after SEQ
//   clean                          no program has ended in an error of its own
import { readFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import WebSocket from "ws";
import { Actor } from "./library_actor.mjs";
import { fits } from "./match.mjs";
import { Failure, obey } from "./obey.mjs";

const SECONDS = 20;
const ACTOR = fileURLToPath(new URL("library_actor.mjs", import.meta.url));
const ARGUMENTS = [
	"--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update",
	"--disable-sync",
];

const { Parley } = await import(pathToFileURL(process.argv[2]));
const cast = new Map(); // name → {ask, place}
const storages = new Map();
const complaints = [];
let chrome = null;

process.on("uncaughtException", (error) => complaints.push(error.stack));
process.on("unhandledRejection", (error) => complaints.push(`${error?.stack}`));

function person(name) {
	const found = cast.get(name);
	if (!found)
		throw new Failure(`nobody is called ${name}`);
	return found;
}

const ask = (name, method, ...words) => person(name).ask(method, ...words);

// Has nothing but what the library asks of a storage.
class Storage {
	#values = new Map();

	getItem(key) {
		return this.#values.get(key) ?? null;
	}

	setItem(key, value) {
		this.#values.set(key, value);
	}
}

function socketFrom(origin) {
	return class extends WebSocket {
		constructor(url) {
			super(url, origin ? { origin } : {});
		}
	};
}

function node(name, json) {
	const { origin, storage, ...options } = JSON.parse(json);
	options.WebSocket = socketFrom(origin);
	if (storage) {
		if (!storages.has(storage))
			storages.set(storage, new Storage());
		options.storage = storages.get(storage);
	}
	const actor = new Actor(Parley, options);
	cast.set(name, { place: 0, ask: (method, ...words) => actor[method](...words) });
}

// Playwright wants a newer Node than the library: only who needs it loads it.
async function launch() {
	const { chromium } = await import("playwright-core");
	return chromium.launch({
		executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
		headless: true, args: ARGUMENTS,
	});
}

// The page has the library from the gateway, and the actor from us.
async function browser(name, url, json) {
	chrome ??= await launch();
	const page = await (await chrome.newContext()).newPage();
	const body = await readFile(ACTOR, "utf8");
	await page.route("**/library_actor.mjs", (route) =>
		route.fulfill({ contentType: "text/javascript", body }));
	page.on("pageerror", (error) => complaints.push(`${name}: ${error.stack}`));
	await page.goto(url);
	await page.evaluate(async (options) => {
		const { Actor } = await import("/library_actor.mjs");
		const { Parley } = await import("/parley.js");
		if (options.storage)
			options.storage = localStorage;
		globalThis.actor = new Actor(Parley, options);
	}, JSON.parse(json));
	const asked = (method, ...words) => page.evaluate(
		([m, w]) => globalThis.actor[m](...w), [method, words]);
	cast.set(name, { place: 0, ask: asked });
}

const again = (name) => ask(name, "appear");

const parse = (words) => words.map((word) => JSON.parse(word));

async function call(name, method, ...words) {
	const { value, error } = await ask(name, "call", method, parse(words));
	if (error)
		throw new Failure(JSON.stringify(error));
	return JSON.stringify(value);
}

const begin = (name, method, ...words) =>
	ask(name, "begin", method, parse(words));

async function outcome(name, number, pattern = "{}") {
	const deadline = new Promise((resolve, reject) => setTimeout(() =>
		reject(new Failure("no outcome")), SECONDS * 1000).unref());
	const got = await Promise.race([ask(name, "outcome", Number(number)), deadline]);
	if (!fits(got, JSON.parse(pattern)))
		throw new Failure(JSON.stringify(got));
	return JSON.stringify(got);
}

async function sees(name, type, pattern = "{}") {
	const who = person(name);
	const wanted = JSON.parse(pattern);
	return eventually(async () => {
		const events = await ask(name, "eventsFrom", who.place);
		const i = events.findIndex((event) =>
			event.type === type && fits(event.detail, wanted));
		if (i < 0)
			return { is: false, got: events.slice(-8) };
		who.place += i + 1;
		return { is: true, got: events[i].detail };
	});
}

async function never(name, type, pattern = "{}") {
	const events = await ask(name, "eventsFrom", 0);
	const found = events.find((event) =>
		event.type === type && fits(event.detail, JSON.parse(pattern)));
	if (found)
		throw new Failure(JSON.stringify(found));
}

const is = (name, state) => eventually(async () => {
	const got = await ask(name, "status");
	return { is: got === state, got };
});

const reads = (name, room, ...texts) => eventually(async () => {
	const events = await ask(name, "eventsFrom", 0);
	const got = events.filter(({ type, detail }) =>
		type === "message" && detail.room_id === room)
		.map(({ detail }) => detail.content);
	return { is: JSON.stringify(got) === JSON.stringify(texts), got };
});

const babble = (name, room, word, count) =>
	ask(name, "babble", room, word, count === undefined ? undefined : Number(count));
const hush = (name) => ask(name, "hush");
const babbled = (name) => ask(name, "babbled");

// Others' messages may still be on their way.
const agrees = (name, room, seq = "0") => eventually(async () => {
	const got = await ask(name, "fault", room, Number(seq));
	return { is: got === "", got };
});

async function eventually(look) {
	const deadline = Date.now() + SECONDS * 1000;
	for (;;) {
		const { is: isRight, got } = await look();
		if (isRight)
			return JSON.stringify(got);
		if (Date.now() > deadline)
			throw new Failure(`got ${JSON.stringify(got)}`);
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}

function clean() {
	if (complaints.length > 0)
		throw new Failure(complaints.join(" | "));
}

const commands = {
	node, browser, again, call, begin, outcome, sees, never, is, reads,
	babble, hush, babbled, agrees, clean,
};

await obey(commands, (error) =>
	error instanceof Failure ? error.message : error.stack);
for (const { ask: asked } of cast.values())
	await asked("call", "close", []).catch(() => {});
await chrome?.close();
