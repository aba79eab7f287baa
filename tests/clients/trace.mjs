// SPDX-License-Identifier: MIT
// tests/clients/trace.mjs - proves from what strace wrote of the store, auth and
// a gateway that they answer only for what is on disk.
//
//   node trace.mjs STORE AUTH GATEWAY
//
// Each is the file of `strace -f -ttt -T -yy -xx -s 100000`. The rules:
//   - Words (those of keeper.mjs, which are like no others) leave a daemon that
//     keeps them only after the page that holds them was written to the wal, the
//     commit's last page too, and a sync of that file had begun after and ended
//     well.
//   - Where an answer promises something that has no such words, all that happened
//     between the request and the answer.
//   - Clients are told the words only after that sync.
// Prints counts as one line of JSON; ends with 1 if a rule was broken, or if the
// trace does not have what the rules are about.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const frameHeadBytes = 24; // of a page in the wal
const commitAt = 4; // pages of the database after a commit; 0: more follows
const words = /(?:keeper\d-(?:says|writes|edits|makes)|account)-\d+/g;

// What each daemon promises: request → answer.
export const promises = {
	store: { post: "message", edit: "edited", erase: "erased", join: "joined",
		leave: "left", mark: "marked", create_room: "rooms" },
	auth: { sign_up: "signed_up", login: "logged_in", logout: "done" },
};

// What such an answer tells was so before: the membership came with the room, or
// the message had been said already.
const isOld = {
	joined: (body) => !body.includes("change"),
	message: (body) => body.includes("duplicate"),
};

// --- Lines of strace

const unhex = (text) => Buffer.from(text.replaceAll("\\x", ""), "hex");
const plain = (text) => text.startsWith("\\x") ? unhex(text).toString() : text;

// Calls in the order of their beginnings: {call, path, data, result, begin, end,
// beganAt, endedAt}; `begin` and `end` are numbers of lines, the others seconds.
export class Calls {
	list = [];
	#unfinished = new Map(); // thread → what is known
	#line = 0;

	take(line) {
		const [, thread, at, rest] = /^(\d+) +(\d+\.\d+) (.*)$/.exec(line) ?? [];
		const n = ++this.#line;
		if (rest === undefined || /^(\+\+\+|---)/.test(rest))
			return;
		const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
		if (rest.endsWith("<unfinished ...>"))
			return void this.#unfinished.set(thread,
				this.#add({ text: rest.slice(0, -16).trimEnd(), begin: n, beganAt: Number(at) }));
		if (!resumed)
			return this.#finish(this.#add({ text: "", begin: n, beganAt: Number(at) }), rest, n);
		const call = this.#unfinished.get(thread);
		if (call)
			this.#finish(call, resumed[1], n, Number(at));
		this.#unfinished.delete(thread);
	}

	#add(call) {
		this.list.push(Object.assign(call, { end: Infinity, endedAt: Infinity }));
		return call;
	}

	#finish(call, rest, end, at) {
		const text = call.text + rest;
		const [head, name, path] = /^(\w+)\(\d+<(.*?)>[,)]/.exec(text) ?? [""];
		const [, result, took] = /\) += (-?\d+).*? <([\d.]+)>$/.exec(text) ?? [];
		const data = /"((?:\\x[0-9a-f]{2})*)"/.exec(text.slice(head.length));
		Object.assign(call, { text: "", call: name, path: path && plain(path),
			result: Number(result ?? -1), end, endedAt: at ?? call.beganAt + Number(took ?? 0),
			data: data ? unhex(data[1]) : Buffer.alloc(0) });
	}
}

export async function readCalls(file) {
	const calls = new Calls();
	for await (const line of createInterface({ input: createReadStream(file) }))
		calls.take(line);
	return calls.list.filter(({ call }) => call);
}

const isWrite = ({ call }) => /^(write|writev|sendto|sendmsg)$/.test(call);
const isRead = ({ call }) => /^(read|readv|recvfrom|recvmsg)$/.test(call);
const isSocket = ({ path }) => /^(UNIX|TCP)/.test(path);
const isSync = ({ call, result }) => /^f(data)?sync$/.test(call) && result === 0;

// --- What is on disk when

// The wal of one database.
export class Wal {
	#pages = []; // {call, isCommit}
	#syncs;

	constructor(calls, file) {
		const own = calls.filter(({ path }) => path?.endsWith(`/${file}`));
		let isCommit = false;
		for (const call of own.filter(({ call: name }) => name === "pwrite64"))
			if (call.data.length === frameHeadBytes)
				isCommit = call.data.readUInt32BE(commitAt) !== 0;
			else if (call.data.length > 32) // not the head of the file
				this.#pages.push({ call, isCommit });
		this.#syncs = own.filter(isSync);
	}

	// The sync by which the commit of page number `i` is on disk, or undefined.
	#syncOf(i) {
		const last = this.#pages.slice(i).find(({ isCommit }) => isCommit);
		return last && this.#syncs.find(({ begin }) => begin > last.call.end);
	}

	syncOfWords(text) {
		const bytes = Buffer.from(text);
		const i = this.#pages.findIndex(({ call: { data } }) => holds(data, bytes));
		return i < 0 ? undefined : this.#syncOf(i);
	}

	// Of what was written first after that line.
	syncAfter(line) {
		const i = this.#pages.findIndex(({ call: { begin } }) => begin > line);
		return i < 0 ? undefined : this.#syncOf(i);
	}
}

// Whether the word is there, and not only as the beginning of a longer one.
function holds(data, word) {
	for (let at = data.indexOf(word); at >= 0; at = data.indexOf(word, at + 1)) {
		const next = data[at + word.length];
		if (!(next >= 0x30 && next <= 0x39))
			return true;
	}
	return false;
}

// --- What was told when

// Word → the first call that sent it.
export function firstTold(calls, isTold) {
	const told = new Map();
	for (const call of calls)
		if (isWrite(call) && isSocket(call) && isTold(call))
			for (const [word] of call.data.toString("latin1").matchAll(words))
				if (!told.has(word))
					told.set(word, call);
	return told;
}

function readNumber(bytes, at) {
	const widths = { 0xcc: 1, 0xcd: 2, 0xce: 4 };
	if (bytes[at] === 0xcf)
		return bytes.readBigUInt64BE(at + 1);
	const width = widths[bytes[at]];
	return BigInt(width ? bytes.readUIntBE(at + 1, width) : bytes[at]);
}

// The frames of one direction of one connection: {kind, id, call}, each with the
// call that carried its first byte.
function framesOf(calls) {
	const bytes = Buffer.concat(calls.map(({ data, result }) => data.subarray(0, result)));
	const mark = Buffer.from("\xa5frame", "latin1"), frames = [];
	let i = 0, before = 0; // the call, and the bytes up to it
	for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) {
		while (at >= before + calls[i].result)
			before += calls[i++].result;
		const name = at + mark.length, end = name + 1 + (bytes[name] & 0x1f);
		const hasId = bytes.subarray(end, end + 3).toString("latin1") === "\xa2id";
		const next = bytes.indexOf(mark, end);
		frames.push({ kind: bytes.toString("latin1", name + 1, end), call: calls[i],
			body: bytes.toString("latin1", end, next < 0 ? bytes.length : next),
			id: hasId && end + 12 <= bytes.length ? readNumber(bytes, end + 3) : null });
	}
	return frames;
}

// [{request, answer}] of all links, by their ids.
function exchanges(calls) {
	const links = new Map();
	for (const call of calls.filter((c) => c.path?.startsWith("UNIX") && c.result > 0)) {
		const link = links.get(call.path) ?? { heard: [], told: [] };
		links.set(call.path, link);
		if (isRead(call) || isWrite(call))
			link[isRead(call) ? "heard" : "told"].push(call);
	}
	const pairs = [];
	for (const { heard, told } of links.values()) {
		const requests = new Map(framesOf(heard).filter(({ id }) => id !== null)
			.map((request) => [request.id, request]));
		for (const answer of framesOf(told))
			if (requests.has(answer.id))
				pairs.push({ request: requests.get(answer.id), answer });
	}
	return pairs;
}

// --- The rules

export class Proof {
	broken = [];
	counts = {};

	#count(what) {
		this.counts[what] = (this.counts[what] ?? 0) + 1;
	}

	// `calls` of the daemon, `file` its wal. What it told of words goes to `synced`.
	checkKeeper(name, calls, file, synced) {
		const wal = new Wal(calls, file);
		for (const [word, told] of firstTold(calls, () => true)) {
			const sync = wal.syncOfWords(word);
			if (!sync || sync.end >= told.begin)
				this.broken.push(`${name} told ${word} before it was on disk`);
			synced.set(word, sync);
			this.#count(`${name} words`);
		}
		for (const { request, answer } of exchanges(calls))
			if (promises[name][request.kind] === answer.kind &&
			    !isOld[answer.kind]?.(answer.body))
				this.#checkAnswer(name, wal, request, answer);
	}

	#checkAnswer(name, wal, request, answer) {
		const sync = wal.syncAfter(request.call.end);
		this.#count(`${name} ${request.kind}`);
		if (!sync || sync.end >= answer.call.begin)
			this.broken.push(`${name} answered ${request.kind} ${request.id} ` +
				"before anything was on disk");
	}

	checkGateway(calls, synced) {
		for (const [word, told] of firstTold(calls, ({ path }) => path.startsWith("TCP"))) {
			this.#count("gateway words");
			if (!(synced.get(word)?.endedAt <= told.beganAt))
				this.broken.push(`a client was told ${word} before it was on disk`);
		}
	}

	// A trace without them proves nothing.
	checkCounts() {
		for (const [name, kinds] of Object.entries(promises))
			for (const what of ["words", ...Object.keys(kinds)])
				if (!(this.counts[`${name} ${what}`] > 1))
					this.broken.push(`the trace has no ${what} of ${name}`);
		if (!(this.counts["gateway words"] > 1))
			this.broken.push("the trace has no words of the gateway");
	}
}

async function main([store, auth, gateway]) {
	const proof = new Proof(), synced = new Map();
	proof.checkKeeper("store", await readCalls(store), "chat.db-wal", synced);
	proof.checkKeeper("auth", await readCalls(auth), "auth.db-wal", synced);
	proof.checkGateway(await readCalls(gateway), synced);
	proof.checkCounts();
	console.log(JSON.stringify(proof.counts));
	for (const what of proof.broken.slice(0, 20))
		console.log(what);
	return proof.broken.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	process.exit(await main(process.argv.slice(2)));
