// SPDX-License-Identifier: MIT
// tests/chaos/checker.mjs - proves from the records of a run (see records.mjs)
// that what parley promises was kept, or names what was not.
//
//   node checker.mjs FOLDER     prints the table; ends with 1 on a violation
//
// The rules, by their names:
//   lost      acknowledged or heard, and not in the database
//   doubled   in the database twice
//   altered   not the words, the author or the room that it was said with
//   foreign   heard or kept, and nobody has said it
//   gap       a room's sequence numbers are not 1, 2, 3 …
//   turned    one connection's posts stand in another order than they were said
//   hole      a connection missed something between two messages
//   twice     a connection heard the same message again
//   order     a connection heard messages in another order than the room's
//   return    a member came back and missed something, or got again what a mark
//             or `Resume` had told to be known
//   visit     a visitor missed something that was said after the entry
//   tail      at the quiet end a connection had not heard the latest
//   number    a message came with another place, number or id than it has
//   silent    a post was neither accepted nor refused
//   dropped   a connection was closed, and no gateway had gone
//   odd       an answer that should not be
//   outage    where daemons are killed one at a time: senders waited too long
import { fileURLToPath } from "node:url";
import { readRecords } from "./records.mjs";
import { areOnlyCopies, readStream } from "./streams.mjs";
import { Outages } from "./outages.mjs";

const missedMax = 1000; // a return tells no more than that
const closeMs = 1500; // within this a gateway's end is seen by its clients
const heldMs = 9000; // a lobby post that waited so long may end its connection

const visiting = new Set(["hub", "lobby", "simple", "sealed"]);
const ending = new Set(["kill", "power", "kill again", "restart"]); // of processes
const instant = new Set(["kill", "power"]);
const marking = new Set(["plain", "marked"]);
const outageMs = { median: 500, most: 3000 }; // where nothing else is wrong

export class Checker {
	said = new Map(); // m → {who, room, h, at, tries, refused, acked}
	kept = new Map(); // room → [{seq, num, m, h, by}]
	places = new Map(); // m → its row in kept
	connections = new Map();
	guests = new Map(); // UUID → its one connection
	rests = []; // {m, seq}, accepted by REST
	faults = [];
	failed = 0;
	skipped = 0;
	odd = [];
	endAt = null;
	violations = [];
	outages = new Outages();
	isAlone = false; // one fault at a time

	take(record) {
		this.outages.take(record);
		this[`on_${record.e}`](record);
	}

	// --- Reading

	on_open({ t, c, who, kind }) {
		this.connections.set(c, { c, who, kind, openAt: t, entered: new Map(),
			heard: new Map(), copies: new Map(), said: [], unanswered: new Map(), seen: new Map(),
			more: new Set(), resumed: new Map(), closeAt: null });
	}

	on_in({ t, c, room, from }) {
		const { entered } = this.connections.get(c);
		if (!entered.has(room))
			entered.set(room, { t, from: from ?? null });
	}

	on_say({ t, c, room, m, h }) {
		const connection = this.connections.get(c);
		let said = this.said.get(m);
		if (said)
			connection.copies.set(m, (connection.copies.get(m) ?? 0) + 1);
		else
			this.said.set(m, said = { who: connection.who, room, h, at: t,
				c, tries: 0, refused: false, acked: false });
		said.tries++;
		const tries = connection.unanswered.get(m) ?? [];
		connection.unanswered.set(m, [...tries, connection.said.length]);
		connection.said.push({ m, t, answered: false });
	}

	on_no({ c, m }) {
		this.said.get(m).refused = true;
		this.#answer(this.connections.get(c), m);
	}

	on_ack({ c, m, seq }) {
		this.said.get(m).acked = true;
		this.rests.push({ m, seq });
		this.#answer(this.connections.get(c), m);
	}

	on_got({ c, room, m, h, by, seq, num, id }) {
		const connection = this.connections.get(c);
		if (!connection.heard.has(room))
			connection.heard.set(room, []);
		connection.heard.get(room).push({ m, h, by, room, seq, num, id });
		const said = this.said.get(m);
		if (said?.who === connection.who) {
			said.acked = true;
			this.#answer(connection, m);
		}
	}

	// Of whatever try: it answers them all.
	#answer({ said, unanswered }, m) {
		for (const i of unanswered.get(m) ?? [])
			said[i].answered = true;
		unanswered.delete(m);
	}

	on_more({ c, room }) {
		this.connections.get(c).more.add(room);
	}

	on_resumed({ c, room, seq }) {
		this.connections.get(c).resumed.set(room, seq);
	}

	on_seen({ c, room, seq }) {
		const { seen } = this.connections.get(c);
		seen.set(room, Math.max(seq, seen.get(room) ?? 0));
	}

	on_odd(record) {
		this.odd.push(record);
	}

	on_close({ t, c, code, own }) {
		Object.assign(this.connections.get(c), { closeAt: t, code, own });
	}

	on_failed() {
		this.failed++;
	}

	on_fault(fault) {
		this.faults.push(fault);
	}

	on_alone() {
		this.isAlone = true;
	}

	on_skipped() {
		this.skipped++;
	}

	on_end({ t }) {
		this.endAt = t;
	}

	on_kept(row) {
		if (!this.kept.has(row.room))
			this.kept.set(row.room, []);
		this.kept.get(row.room).push(row);
	}

	// --- Judging

	#violate(rule, what, fields = {}) {
		this.violations.push({ rule, what, ...fields });
	}

	finish() {
		this.#checkKept();
		this.#checkSaid();
		for (const connections of byClient(this.connections.values()).values())
			this.#checkClient(connections);
		for (const { c, what, t } of this.odd)
			this.#violate("odd", what, { c, t });
		if (this.isAlone)
			this.#checkOutages();
		return this.violations;
	}

	#checkOutages() {
		for (const [name, { median, most }] of this.outages.byFault(
			({ kind, names }) => `${kind} ${names.join(" ")}`))
			if (median >= outageMs.median || most >= outageMs.most)
				this.#violate("outage", `${name}: senders waited ${median} ms in the ` +
					`middle, ${most} ms at most`);
	}

	#checkKept() {
		for (const [room, rows] of this.kept) {
			rows.sort((a, b) => a.seq - b.seq);
			rows.forEach((row, i) => this.#checkRow(row, room, i));
		}
	}

	#checkRow(row, room, i) {
		const said = this.said.get(row.m);
		if (row.seq !== i + 1)
			this.#violate("gap", `${room} has ${row.seq} at place ${i + 1}`,
				{ room, seq: row.seq });
		if (!said)
			return this.#violate("foreign", `${room} keeps what nobody said`,
				{ room, seq: row.seq });
		if (this.places.has(row.m))
			return this.#violate("doubled", `${row.m} is kept twice`,
				{ m: row.m, room, seq: row.seq });
		this.places.set(row.m, row);
		if (row.h !== said.h || row.by !== said.who || room !== said.room)
			this.#violate("altered", `${row.m} is kept otherwise than said`,
				{ m: row.m, room, seq: row.seq });
	}

	#checkSaid() {
		for (const [m, said] of this.said)
			if (said.acked && !this.places.has(m))
				this.#violate("lost", `${m} was acknowledged and is not kept`,
					{ m, room: said.room, t: said.at });
		for (const { m, seq } of this.rests)
			if (this.places.has(m) && this.places.get(m).seq !== seq)
				this.#violate("number", `REST gave ${m} the place ${seq}`, { m });
	}

	// All connections of one client, in their order.
	#checkClient(connections) {
		const ends = new Map(); // room → the last place that it knows
		const marks = new Map(); // room → what a mark on disk says
		for (const connection of connections) {
			this.#checkWords(connection);
			this.#checkTurns(connection);
			this.#checkClosing(connection);
			for (const room of rooms(connection))
				this.#checkRoom(connection, room, ends, marks);
			for (const [room, seq] of connection.seen)
				marks.set(room, Math.max(seq, marks.get(room) ?? 0));
		}
	}

	// Each message that was heard, by itself.
	#checkWords({ c, heard }) {
		for (const list of heard.values())
			for (const got of list) {
				const said = this.said.get(got.m);
				const place = this.places.get(got.m);
				const at = { c, m: got.m, room: got.room };
				if (!said)
					this.#violate("foreign", `${c} heard what nobody said`, at);
				else if (said.h !== got.h || said.room !== got.room ||
				         !this.#isAuthor(said, got.by))
					this.#violate("altered", `${c} heard ${got.m} otherwise`, at);
				else if (!place)
					this.#violate("lost", `${c} heard ${got.m}, which is not kept`, at);
				else
					this.#checkNumbers(got, place, at);
			}
	}

	// A guest is known to some by its UUID alone, one for each connection.
	#isAuthor({ who, c }, by) {
		if (by === who || this.connections.get(c).kind !== "lobby")
			return by === who;
		if (!this.guests.has(by))
			this.guests.set(by, c);
		return this.guests.get(by) === c;
	}

	#checkNumbers(got, place, at) {
		place.id ??= got.id;
		if ((got.seq ?? place.seq) !== place.seq ||
		    (got.num ?? place.num) !== place.num ||
		    (got.id ?? place.id) !== place.id)
			this.#violate("number",
				`${at.c} heard ${got.m} with other numbers than it has`, at);
	}

	// What was said once and never refused stands as it was said.
	#checkTurns({ c, said }) {
		const last = new Map();
		for (const { m } of said) {
			const { room, tries, refused } = this.said.get(m);
			const place = this.places.get(m);
			if (tries > 1 || refused || !place || place.room !== room)
				continue;
			if (place.seq < (last.get(room)?.seq ?? 0))
				this.#violate("turned", `${c} said ${m} after ` +
					`${last.get(room).m}`, { c, m, room });
			last.set(room, { m, seq: place.seq });
		}
	}

	#checkClosing(connection) {
		const { c, kind, said, closeAt, own, code, entered } = connection;
		for (const { m, t, answered } of said)
			if (!answered && closeAt === null && this.endAt !== null)
				this.#violate("silent", `${c} got no answer to ${m}`, { c, m, t });
		if (closeAt === null || own || this.#gatewayWent(closeAt))
			return;
		const began = entered.size > 0 || (kind !== "lobby" && kind !== "sealed");
		const held = kind === "lobby" && code === 1013 &&
			said.some(({ t, answered }) => !answered && t <= closeAt - heldMs);
		if (began && !held)
			this.#violate("dropped", `${c} (${kind}) was closed with ${code}`,
				{ c, t: closeAt });
	}

	#gatewayWent(at) {
		return this.faults.some(({ t, until, kind, names }) =>
			ending.has(kind) && names.some((name) => name.startsWith("gateway")) &&
			at >= t && at <= (instant.has(kind) ? t : until) + closeMs);
	}

	#checkRoom(connection, room, ends, marks) {
		const { c, who, kind, copies, more } = connection;
		const rows = this.kept.get(room) ?? [];
		const from = connection.entered.get(room)?.from ?? null;
		const known = ends.get(room) ?? 0;
		const cut = more.has(room) || marking.has(kind);
		let heard = (connection.heard.get(room) ?? [])
			.filter(({ m }) => this.places.get(m)?.room === room)
			.map(({ m }) => ({ m, seq: this.places.get(m).seq }));
		if (marking.has(kind) && heard[0]?.seq !== known + 1 && areOnlyCopies(heard, copies))
			heard = [];
		const read = readStream(heard, copies, from === null || cut ? null : from + 1,
			marks.get(room));
		for (const { rule, m, seq, wanted } of read.problems)
			this.#violate(rule, `${c} heard ${m} at ${seq}, ${wanted} was next`,
				{ c, m, room, seq });
		if (visiting.has(kind))
			this.#checkVisit(connection, room, rows, heard, read);
		else
			this.#checkReturn(connection, room, rows, heard, read, known,
				marks.get(room) ?? 0);
		this.#checkTail(connection, room, rows, heard, read, known);
		if (heard.length > 0)
			ends.set(room, Math.max(known, read.last));
	}

	#checkReturn(connection, room, rows, heard, read, known, mark) {
		const { c, who, kind } = connection;
		if (heard.length === 0)
			return;
		const at = { c, room, seq: read.first };
		if (kind !== "resume" && read.first <= mark)
			this.#violate("return", `${c} was told ${read.first} again, ` +
				`though ${mark} was marked`, at);
		if (kind === "resume" && read.first <= known)
			this.#violate("return", `${c} was told ${read.first} again`, at);
		const missed = rows.slice(known, read.first - 1)
			.filter(({ by }) => kind === "resume" || by !== who);
		const cut = latestThen(connection, room, rows, read) - missedMax;
		if (missed.length > 0 && missed[0].seq > cut)
			this.#violate("return", `${c} was not told ${missed[0].seq} ` +
				`(${missed.length} in all), it knew ${known}`, at);
		else if (missed.length > 0 && read.first > cut + 1)
			this.#violate("return", `${c} was told less than the newest ` +
				`${missedMax}: from ${read.first}`, at);
	}

	// What was said when it had entered, it heard.
	#checkVisit({ c, entered }, room, rows, heard, read) {
		const since = entered.get(room);
		if (!since || heard.length === 0)
			return;
		const missed = rows.slice(0, read.first - 1)
			.find(({ m }) => this.said.get(m)?.at > since.t);
		if (missed)
			this.#violate("visit", `${c} entered and was not told ${missed.seq}`,
				{ c, room, seq: missed.seq, m: missed.m });
	}

	#checkTail({ c, who, kind, entered, closeAt }, room, rows, heard, read, known) {
		if (closeAt !== null || this.endAt === null || kind === "rest")
			return;
		const since = entered.get(room)?.t ?? Infinity;
		const last = heard.length > 0 ? read.last : known;
		const missed = rows.slice(last).filter(({ m, by }) => visiting.has(kind)
			? heard.length > 0 || this.said.get(m)?.at > since
			: heard.length > 0 || kind === "resume" || by !== who);
		if (missed.length > 0)
			this.#violate("tail", `${c} heard ${last} as its last, ` +
				`${rows.length} is the latest`, { c, room, seq: last });
	}

	// --- Counting

	counts() {
		const said = [...this.said.values()];
		const connections = [...this.connections.values()];
		const sum = (list, of) => list.reduce((n, item) => n + of(item), 0);
		const refused = [...this.said].filter(([, s]) => s.refused && s.tries === 1);
		return {
			sessions: connections.length,
			clients: new Set(connections.map((c) => c.who)).size,
			failed: this.failed,
			faults: this.faults.length,
			skipped: this.skipped,
			said: said.length,
			acknowledged: said.filter((s) => s.acked).length,
			kept: this.places.size,
			refused: refused.length,
			appeared: refused.filter(([m]) => this.places.has(m)).length,
			repeated: sum(said, (s) => s.tries - 1),
			deliveries: sum(connections, (c) =>
				sum([...c.heard.values()], (list) => list.length)),
			returns: sum(connections, (c) =>
				!visiting.has(c.kind) && !c.c.endsWith("#1") ? 1 : 0),
		};
	}
}

// The latest place when it came back, as far as one can say.
const latestThen = ({ resumed, closeAt }, room, rows, read) =>
	resumed.get(room) ?? (closeAt === null ? read.last : rows.length);

const rooms = ({ heard, entered }) => new Set([...heard.keys(), ...entered.keys()]);

function byClient(connections) {
	const clients = new Map();
	for (const connection of connections) {
		if (!clients.has(connection.who))
			clients.set(connection.who, []);
		clients.get(connection.who).push(connection);
	}
	return clients;
}

export async function checkFolder(folder) {
	const checker = new Checker();
	await readRecords(folder, (record) => checker.take(record));
	checker.finish();
	return checker;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const { printReport } = await import("./report.mjs");
	const checker = await checkFolder(process.argv[2]);
	printReport(checker, process.argv[2]);
	process.exit(checker.violations.length > 0 ? 1 : 0);
}
