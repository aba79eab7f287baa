// SPDX-License-Identifier: MIT
// tests/chaos/run.mjs - many clients of all dialects talk, while daemons are
// killed, hung, restarted and starved; then the checker says whether what was
// promised was kept.
//
//   node run.mjs [--seconds N] [--seed TEXT] [--build FOLDER] [--folder FOLDER]
//                [--gap MS] [--pause MS] [--schedule FILE] [--links] [--alone]
//                [--keep]
//
// The same seed gives the same schedule of faults and the same clients; a schedule
// that was written down (schedule.json of a run, perhaps shortened) is followed by
// --schedule. With --alone the back daemons are killed one at a time, and senders
// must not wait long. Ends with 1 on a violation; then the records stay.
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import WebSocket from "ws";
import { sign } from "../clients/jwt.mjs";
import { decrypt } from "../clients/sealed.mjs";
import { Cast, sleep } from "./client.mjs";
import { checkFolder } from "./checker.mjs";
import { Injector, plan, planAlone } from "./faults.mjs";
import { Links } from "./links.mjs";
import { Campfire, Rest } from "./members.mjs";
import { Random } from "./random.mjs";
import { Recorder, digest, nameOf } from "./records.mjs";
import { printReport } from "./report.mjs";
import { Suite, secret } from "./suite.mjs";
import { Hub, Lobby, Sealed, Simple } from "./visitors.mjs";

const tokenSeconds = 30 * 86400; // more than any clock jumps
const aloneMs = 5000; // between two kills
const quietMs = 90000; // until all is quiet at the end
const pair = ["resume-0", "marked-0"]; // who also talk with each other alone
const travellers = ["resume-1", "marked-1", "plain-1"]; // are away for long
const named = ["lobby", "den", "attic"];
const vaults = ["vault", "cellar"];
const people = {
	plain: 4, marked: 4, resume: 6, hub: 5, simple: 5, rest: 2, lobby: 5, sealed: 6,
};

const { values: options } = parseArgs({ options: {
	seconds: { type: "string", default: "600" },
	seed: { type: "string", default: String(Date.now() % 1000000) },
	build: { type: "string", default: process.env.PARLEY_BUILD || "build" },
	folder: { type: "string" },
	gap: { type: "string", default: "3000" },
	pause: { type: "string", default: "250" },
	schedule: { type: "string" },
	links: { type: "boolean", default: false },
	alone: { type: "boolean", default: false },
	keep: { type: "boolean", default: false },
} });

const folder = resolve(options.folder ?? mkdtempSync(join(tmpdir(), "parley-chaos-")));
mkdirSync(folder, { recursive: true });
const records = new Recorder(folder);
const random = new Random(options.seed, "cast");

// --- What can be seen while it runs

const isTerminal = process.stdout.isTTY;
let latest = "";

function progress(cast, clients, injector) {
	const seconds = Math.round(records.now() / 1000);
	const open = clients.filter((client) => client.isOpen).length;
	const line = `${seconds} s of ${options.seconds}  ${open} open  ` +
		`${cast.said.size} said  ${injector.done} faults  ${latest}`;
	if (isTerminal)
		process.stdout.write(`\r${line.slice(0, 100).padEnd(100)}`);
	else if (seconds % 30 === 0)
		console.log(line);
}

// --- The rooms, and who is in them

const tokens = new Map(), ids = new Map();

function admit(who) {
	if (tokens.has(who))
		return;
	ids.set(who, randomUUID());
	tokens.set(who, sign(secret, { sub: ids.get(who), username: who,
		exp: Math.floor(Date.now() / 1000) + tokenSeconds }));
}

async function rest(suite, who, path, body) {
	const response = await fetch(`http://${suite.address()}${path}`, {
		method: body ? "POST" : "GET", body: body && JSON.stringify(body),
		headers: { Authorization: `Bearer ${tokens.get(who)}` } });
	if (!response.ok)
		throw new Error(`${path}: ${response.status} ${await response.text()}`);
	return response.json();
}

// Sends frames and waits for the answers, one after the other.
function converse(suite, path, headers, frames, isAnswer) {
	const socket = new WebSocket(`ws://${suite.address()}${path}`, { headers });
	const left = [...frames];
	return new Promise((done, fail) => {
		const next = () => socket.send(JSON.stringify(left[0]));
		socket.on("open", next).on("error", fail);
		socket.on("message", (data) => {
			const frame = JSON.parse(data.toString());
			if (left.length === 0 || !isAnswer(frame, left[0]))
				return undefined;
			left.shift();
			return left.length > 0 ? next() : done({ frame, socket });
		});
	});
}

async function joinRooms(suite, who, rooms) {
	const frames = rooms.map((room) => ({ type: "JoinRoom", room_id: room,
		request_id: room }));
	const { socket } = await converse(suite, "/ws/campfire?v=2",
		{ Authorization: `Bearer ${tokens.get(who)}` }, frames,
		(frame, asked) => frame.request_id === asked.request_id);
	socket.close();
}

async function makeRooms(suite) {
	const rooms = new Map();
	admit("founder");
	for (const name of named)
		rooms.set(name, await rest(suite, "founder", "/api/rooms", { name }));
	const owners = [];
	for (const name of vaults) {
		const { frame: { RoomCreated: made }, socket } = await converse(suite,
			"/ws/sealed", {}, [{ CreateRoom: { name, description: "", password: null } }],
			(frame) => frame.RoomCreated);
		rooms.set(name, { id: made.room_info.id, joinKey: made.room_info.join_key,
			key: Buffer.from(made.encryption_key, "base64") });
		owners.push(socket);
	}
	await openDirect(suite, rooms);
	return { rooms, owners };
}

const classes = { hub: Hub, simple: Simple, rest: Rest, lobby: Lobby, sealed: Sealed };

function roomsOf(kind, i) {
	if (kind === "lobby")
		return ["lobby"];
	if (kind === "sealed")
		return [vaults[i % vaults.length]];
	if (kind === "simple" || kind === "plain")
		return [named[i % named.length]];
	return random.some(named, random.between(1, named.length));
}

async function makeClient(suite, cast, kind, i) {
	const who = `${kind}-${i}`, rooms = roomsOf(kind, i);
	if (kind !== "lobby" && kind !== "sealed") {
		admit(who);
		cast.names.set(ids.get(who), who);
		await rest(suite, who, "/api/rooms");
	}
	if (["plain", "marked", "resume", "rest"].includes(kind))
		await joinRooms(suite, who, rooms.map((room) => cast.rooms.get(room).id));
	if (pair.includes(who))
		rooms.push("pair");
	const own = { token: tokens.get(who) };
	const client = classes[kind] ? new classes[kind](cast, who, rooms, own)
		: new Campfire(cast, who, rooms, kind, own);
	client.isTraveller = travellers.includes(who);
	return client;
}

// Two of them have a conversation of their own besides.
async function openDirect(suite, rooms) {
	for (const who of pair)
		admit(who);
	await rest(suite, pair[1], "/api/rooms");
	const { frame, socket } = await converse(suite, "/ws/campfire?v=2",
		{ Authorization: `Bearer ${tokens.get(pair[0])}` },
		[{ type: "OpenDirect", username: pair[1] }], (answer) => answer.type === "DirectOpened");
	socket.close();
	rooms.set("pair", { id: frame.room_id });
}

async function gather(suite, rooms) {
	const cast = new Cast({ seed: options.seed, records, rooms, stayMs: 12000,
		pauseMs: Number(options.pause), address: () => suite.address() });
	const clients = [];
	for (const [kind, count] of Object.entries(people))
		for (let i = 0; i < count; i++)
			clients.push(await makeClient(suite, cast, kind, i));
	return { cast, clients };
}

// --- The end: all have answers, all are there, all have heard the latest

function readKept(cast, take, which) {
	const names = new Map([...cast.rooms].map(([name, { id }]) =>
		[id.replaceAll("-", ""), name]));
	return cast.suite.readMessages((row) => {
		const room = names.get(row.room) ?? row.room;
		const { key } = cast.rooms.get(room) ?? {};
		const text = key ? decrypt(key, row.text) : row.text;
		take({ ...row, room, text });
	}, which);
}

async function heads(cast) {
	const heads = new Map();
	await readKept(cast, ({ room, text }) => heads.set(room, nameOf(text)),
		"WHERE m.seq = (SELECT max(seq) FROM messages l WHERE l.room_no = m.room_no)");
	return heads;
}

const hasAll = (client, latestOf) => client.kind === "rest" || (client.isReady &&
	[...client.latest].every(([room, ms]) => ms.includes(latestOf.get(room))));

async function settle(cast, clients, talks) {
	const deadline = performance.now() + quietMs;
	cast.isQuiet = true;
	for (const client of clients)
		client.wake();
	await Promise.race([Promise.all(talks), sleep(quietMs)]);
	let before = "";
	while (performance.now() < deadline) {
		const latestOf = await heads(cast);
		const now = JSON.stringify([...latestOf]);
		if (now === before && clients.every((client) => hasAll(client, latestOf)))
			break;
		before = now;
		await sleep(500);
	}
	records.add("end", {});
}

// --- All of it

async function chaos(suite, links) {
	const { rooms, owners } = await makeRooms(suite);
	const { cast, clients } = await gather(suite, rooms);
	cast.suite = suite;
	const injector = new Injector(suite, records, links, (what) => { latest = what; });
	const timer = setInterval(progress, 1000, cast, clients, injector);
	const lives = clients.map((client) => client.live());
	const talks = clients.map((client) => client.talk());
	const schedule = makeSchedule(suite);
	for (const signal of ["SIGINT", "SIGTERM"])
		process.once(signal, () => { injector.isStopped = true; });
	await injector.carryOut(schedule, Number(options.seconds) * 1000);
	await settle(cast, clients, talks);
	clearInterval(timer);
	Object.assign(cast, { isCalm: true, isOver: true });
	for (const client of clients)
		client.wake();
	await Promise.all(clients.filter((c) => c.isOpen && c.socket)
		.map((c) => c.leave(c.socket, false)));
	owners.forEach((socket) => socket.terminate());
	await Promise.all(lives);
	return { cast, kills: injector.kills };
}

function makeSchedule(suite) {
	const without = new Set();
	if (!suite.hasDisk)
		without.add("disk full");
	if (!suite.slow_sync)
		["slow sync", "sync fails"].forEach((kind) => without.add(kind));
	if (!suite.lost_writes)
		without.add("power");
	if (!suite.skew_clock)
		without.add("clock");
	if (!options.links)
		["links stall", "links cut", "links slow"].forEach((kind) => without.add(kind));
	const schedule = options.schedule
		? JSON.parse(readFileSync(options.schedule, "utf8")).schedule
		: options.alone
			? planAlone(Number(options.seconds), Math.max(aloneMs, Number(options.gap)))
			: plan(options.seed, Number(options.seconds), Number(options.gap), without);
	if (options.alone)
		records.add("alone", {});
	writeFileSync(join(folder, "schedule.json"), JSON.stringify({ ...options, schedule },
		null, "\t"));
	for (const word of suite.without)
		console.log(`left out: ${word}`);
	return schedule;
}

async function main() {
	const build = resolve(options.build);
	if (!existsSync(join(build, "bin", "gateway")))
		throw new Error(`${build}/bin/gateway is not there (run make)`);
	const links = options.links ? await Links.open(folder, build) : null;
	const suite = new Suite({ folder, build, syncUs: 2000,
		diskMegabytes: 128 + Number(options.seconds), ...links?.settings() });
	console.log(`seed ${options.seed}, ${options.seconds} s, ${folder}`);
	let cast, kills;
	const failed = new Promise((resolve, reject) =>
		process.on("uncaughtException", reject).on("unhandledRejection", reject));
	try {
		await suite.start();
		({ cast, kills } = await Promise.race([chaos(suite, links), failed]));
	} finally {
		await suite.stop();
		links?.close();
		if (cast)
			await readKept(cast, ({ room, seq, num, by, text }) => records.add("kept",
				{ room, seq, num, by, m: nameOf(text), h: digest(text) }));
		await suite.unmount();
		await records.close();
	}
	if (isTerminal)
		process.stdout.write("\n");
	const checker = await checkFolder(folder);
	console.log(`${kills} kills by signal 9`);
	printReport(checker, folder);
	return checker.violations.length;
}

try {
	const violations = await main();
	if (violations === 0 && !options.keep && !options.folder)
		rmSync(folder, { recursive: true });
	process.exit(violations === 0 ? 0 : 1);
} catch (error) {
	console.error(`chaos: ${error.stack}`);
	console.error(`what there is, is in ${folder}`);
	process.exit(1);
}
