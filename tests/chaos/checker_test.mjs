// SPDX-License-Identifier: MIT
// tests/chaos/checker_test.mjs - the checker sees what it is there to see: each
// forged history breaks one promise, and the rule of that name says so.
//
//   node --test checker_test.mjs
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { Checker, checkFolder } from "./checker.mjs";
import { plan } from "./faults.mjs";
import { Recorder, digest, nameOf } from "./records.mjs";

const textOf = (m) => `${m} some words`;

// A history is written as a conversation: each line is a record.
class History {
	records = [];
	t = 0;

	add(e, fields) {
		this.records.push({ e, t: this.t += 10, ...fields });
		return this;
	}

	open(c, kind) {
		return this.add("open", { c, who: c.split("#")[0], kind });
	}

	enter(c, from) {
		return this.add("in", { c, room: "den", ...from === undefined ? {} : { from } });
	}

	close(c, own = true, code = 1006) {
		return this.add("close", { c, own, code });
	}

	say(c, m) {
		return this.add("say", { c, room: "den", m, h: digest(textOf(m)) });
	}

	got(c, ms, more = {}) {
		for (const m of ms)
			this.add("got", { c, room: "den", m, h: digest(textOf(m)),
				by: m.split(".")[0], ...more });
		return this;
	}

	keep(ms, more = {}) {
		ms.forEach((m, i) => this.add("kept", { room: "den", seq: i + 1, num: 100 + i,
			m, h: digest(textOf(m)), by: m.split(".")[0], ...more }));
		return this;
	}

	end() {
		return this.add("end", {});
	}

	judge() {
		const checker = new Checker();
		for (const record of this.records)
			checker.take(record);
		return checker.finish();
	}
}

const history = () => new History();
const five = ["ann.1", "ann.2", "ann.3", "ann.4", "ann.5"];

// Ann says five things and hears them; `kind` is that of bob, who listens.
function talk(kind = "resume", from = 0) {
	const h = history().open("ann#1", "marked").enter("ann#1").open("bob#1", kind)
		.enter("bob#1", kind === "resume" ? from : undefined);
	for (const m of five)
		h.say("ann#1", m);
	return h.got("ann#1", five);
}

function holds(h) {
	assert.deepEqual(h.judge(), []);
}

// Only these rules are broken, and `what` is said of the first.
function breaks(h, rules, what = /./) {
	const violations = h.judge();
	assert.deepEqual([...new Set(violations.map((v) => v.rule))].join(" "), rules,
		JSON.stringify(violations));
	assert.match(violations[0].what, what);
}

test("what went well is no violation, in any dialect", () => {
	for (const kind of ["plain", "marked", "resume", "hub", "lobby", "simple", "sealed"])
		holds(talk(kind).got("bob#1", five).end().keep(five));
});

test("lost: acknowledged, and not kept", () => {
	const h = history().open("ann#1", "marked").enter("ann#1");
	h.say("ann#1", "ann.1").say("ann#1", "ann.2").got("ann#1", ["ann.1", "ann.2"]);
	const lost = h.end().keep(["ann.1"]).judge();
	assert.deepEqual([...new Set(lost.map((v) => v.rule))], ["lost"]);
	assert.ok(lost.some((v) => v.what === "ann.2 was acknowledged and is not kept"));
});

test("lost: acknowledged by REST, and not kept", () => {
	breaks(history().open("ann#1", "rest").say("ann#1", "ann.1")
		.add("ack", { c: "ann#1", m: "ann.1", seq: 1 }).end(), "lost");
});

test("lost: not acknowledged, heard by another, and not kept", () => {
	breaks(history().open("ann#1", "hub").enter("ann#1").open("bob#1", "hub")
		.enter("bob#1").say("ann#1", "ann.1").got("bob#1", ["ann.1"])
		.close("ann#1").end(), "lost", /^bob#1 heard ann.1, which is not kept/);
});

test("doubled: kept twice", () => {
	breaks(talk().got("bob#1", five).close("bob#1").close("ann#1").end()
		.keep([...five, "ann.5"]), "doubled", /ann.5 is kept twice/);
});

test("altered: kept with other words, or another author", () => {
	breaks(talk().got("bob#1", five).end().keep(five, { h: "other" }), "altered");
	breaks(talk().got("bob#1", five).end().keep(five, { by: "eve" }), "altered");
});

test("altered: heard with other words, of another author, in another room", () => {
	const kept = (h) => h.got("bob#1", five.slice(1)).end().keep(five);
	breaks(kept(talk().got("bob#1", ["ann.1"], { h: "other" })), "altered");
	breaks(kept(talk().got("bob#1", ["ann.1"], { by: "eve" })), "altered");
	const elsewhere = talk().got("bob#1", five).end().keep(five);
	elsewhere.got("bob#1", ["ann.1"], { room: "attic" });
	breaks(elsewhere, "altered", /bob#1 heard ann.1 otherwise/);
});

test("altered: a guest has one UUID for a connection, and no other guest has it", () => {
	const h = history().open("gil#1", "lobby").enter("gil#1").open("hal#1", "lobby")
		.enter("hal#1").open("bob#1", "plain").enter("bob#1")
		.say("gil#1", "gil.1").say("hal#1", "hal.1");
	for (const c of ["gil#1", "hal#1"])
		h.got(c, ["gil.1", "hal.1"]);
	const kept = ["gil.1", "hal.1"];
	const told = (one, two) => Object.assign(history(), { records: [...h.records] })
		.got("bob#1", ["gil.1"], { by: one }).got("bob#1", ["hal.1"], { by: two })
		.end().keep(kept);
	holds(told("uuid-1", "uuid-2"));
	breaks(told("uuid-1", "uuid-1"), "altered");
});

test("foreign: heard, and nobody has said it", () => {
	const h = talk().got("bob#1", five);
	h.add("got", { c: "bob#1", room: "den", m: null, h: "x", by: "eve", text: "hello" });
	breaks(h.end().keep(five), "foreign", /bob#1 heard what nobody said/);
});

test("foreign: kept, and nobody has said it", () => {
	breaks(talk().got("bob#1", five).close("bob#1").close("ann#1").end()
		.keep([...five, "eve.1"]), "foreign", /keeps what nobody said/);
});

test("gap: a hole in the sequence numbers", () => {
	const h = talk().got("bob#1", five).close("bob#1").close("ann#1").end().keep(five);
	h.records.at(-1).seq = 6;
	breaks(h, "gap hole", /den has 6 at place 5/);
});

test("turned: one connection's posts stand in another order than said", () => {
	const kept = ["ann.2", "ann.1"];
	const h = (...refused) => {
		const turned = history().open("ann#1", "hub").enter("ann#1")
			.say("ann#1", "ann.1").say("ann#1", "ann.2");
		for (const m of refused)
			turned.add("no", { c: "ann#1", m });
		return turned.got("ann#1", kept).end().keep(kept);
	};
	breaks(h(), "turned", /ann#1 said ann.2 after ann.1/);
	holds(h("ann.1"));
});

test("hole: a connection missed something between two messages", () => {
	for (const kind of ["plain", "resume", "hub"])
		breaks(talk(kind).got("bob#1", ["ann.1", "ann.2", "ann.4", "ann.5"]).end()
			.keep(five), "hole", /heard ann.4 at 4, 3 was next/);
});

test("twice: a connection heard a message again", () => {
	for (const kind of ["marked", "resume", "simple"])
		breaks(talk(kind).got("bob#1", [...five, "ann.3"]).end().keep(five), "twice");
	breaks(talk().got("bob#1", ["ann.1", "ann.1", ...five.slice(1)]).end().keep(five),
		"twice");
});

test("order: two messages are swapped", () => {
	for (const kind of ["plain", "resume", "sealed"]) {
		const swapped = ["ann.1", "ann.3", "ann.2", "ann.4", "ann.5"];
		breaks(talk(kind).got("bob#1", swapped).end().keep(five), "order");
	}
});

test("a copy answers who says a message again, at any place, and nobody else", () => {
	const again = (c) => history().open("ann#1", "marked").enter("ann#1")
		.open("bob#1", "marked").enter("bob#1").say("ann#1", "ann.1")
		.add("no", { c: "ann#1", m: "ann.1" }).say("ann#1", "ann.2")
		.say("ann#1", "ann.1").got("bob#1", ["ann.1", "ann.2"])
		.got("ann#1", ["ann.1", "ann.2"]).got(c, ["ann.1"]).end()
		.keep(["ann.1", "ann.2"]);
	holds(again("ann#1"));
	breaks(again("bob#1"), "twice");
});

test("a copy does not stand for the message's own place", () => {
	const h = history().open("ann#1", "marked").enter("ann#1")
		.open("bob#1", "marked").enter("bob#1").say("ann#1", "ann.1")
		.say("bob#1", "bob.1").say("ann#1", "ann.1");
	h.got("bob#1", ["bob.1", "ann.1"]).got("ann#1", ["ann.1", "bob.1"]);
	breaks(h.end().keep(["bob.1", "ann.1"]), "tail", /ann#1 heard 1 as its last/);
});

test("a copy that comes before anything else is no beginning", () => {
	const h = () => history().open("ann#1", "marked").enter("ann#1").say("ann#1", "ann.1")
		.close("ann#1").open("bob#1", "hub").enter("bob#1").say("bob#1", "bob.1")
		.got("bob#1", ["bob.1", "ann.1"]).open("ann#2", "marked").enter("ann#2")
		.say("ann#2", "ann.1").got("ann#2", ["ann.1"]);
	const kept = ["bob.1", "ann.1"];
	holds(h().close("ann#2").end().keep(kept));
	holds(h().got("ann#2", ["bob.1", "ann.1"]).end().keep(kept));
	breaks(h().end().keep(kept), "tail");
	breaks(h().close("ann#2").open("ann#3", "marked").enter("ann#3")
		.say("bob#1", "bob.2").got("bob#1", ["bob.2"]).got("ann#3", ["bob.2"])
		.end().keep([...kept, "bob.2"]), "return", /was not told 1/);
});

// Bob hears the first `heard`, goes, and comes back.
function away(kind, heard, from = heard) {
	return talk(kind).got("bob#1", five.slice(0, heard)).close("bob#1")
		.open("bob#2", kind).enter("bob#2", kind === "resume" ? from : undefined);
}

test("return: who was away and resumes hears what followed, once", () => {
	holds(away("resume", 2).got("bob#2", five.slice(2)).end().keep(five));
	breaks(away("resume", 2).got("bob#2", five.slice(3)).end().keep(five), "hole");
	breaks(away("resume", 2, 3).got("bob#2", five.slice(3)).end().keep(five), "return",
		/bob#2 was not told 3 \(1 in all\), it knew 2/);
	const double = away("resume", 2).got("bob#2", five.slice(1)).end().keep(five).judge();
	assert.ok(double.some(({ rule }) => rule === "order" || rule === "return"));
	breaks(away("resume", 2, 1).got("bob#2", five.slice(1)).end().keep(five), "return",
		/bob#2 was told 2 again/);
});

test("return: without Resume, what was never marked may come again", () => {
	holds(away("plain", 2).got("bob#2", five).end().keep(five));
	holds(away("plain", 2).got("bob#2", five.slice(2)).end().keep(five));
	breaks(away("plain", 2).got("bob#2", five.slice(3)).end().keep(five), "return",
		/was not told 3/);
});

test("return: what was marked on disk does not come again", () => {
	const marked = () => talk("marked").got("bob#1", five.slice(0, 3))
		.add("seen", { c: "bob#1", room: "den", seq: 2 }).close("bob#1")
		.open("bob#2", "marked").enter("bob#2");
	holds(marked().got("bob#2", five.slice(2)).end().keep(five));
	breaks(marked().got("bob#2", five.slice(1)).end().keep(five), "return",
		/told 2 again, though 2 was marked/);
});

test("return: a copy of one's own words may come before what follows a mark", () => {
	const again = (rest) => history().open("ann#1", "marked").enter("ann#1")
		.open("bob#1", "marked").enter("bob#1").say("bob#1", "bob.1").say("ann#1", "ann.1")
		.say("bob#1", "bob.2").got("bob#1", ["bob.1", "ann.1", "bob.2"])
		.got("ann#1", ["bob.1"]).add("seen", { c: "ann#1", room: "den", seq: 2 })
		.close("ann#1").open("ann#2", "marked").enter("ann#2").say("ann#2", "ann.1")
		.got("ann#2", rest).end().keep(["bob.1", "ann.1", "bob.2"]);
	holds(again(["ann.1", "bob.2"]));
	breaks(again(["bob.1", "ann.1", "bob.2"]), "return", /told 1 again, though 2 was marked/);
});

test("return: one's own last words need not come again without Resume", () => {
	const h = (kind) => history().open("ann#1", kind).enter("ann#1", 0)
		.open("bob#1", "hub").enter("bob#1").say("ann#1", "ann.1").close("ann#1")
		.open("ann#2", kind).enter("ann#2", kind === "resume" ? 0 : undefined)
		.say("bob#1", "bob.1").got("bob#1", ["ann.1", "bob.1"])
		.got("ann#2", kind === "resume" ? ["ann.1", "bob.1"] : ["bob.1"])
		.end().keep(["ann.1", "bob.1"]);
	holds(h("plain"));
	holds(h("resume"));
});

test("return: of more than 1,000 the newest 1,000 come, and no fewer", () => {
	const all = Array.from({ length: 1500 }, (_, i) => `ann.${i + 1}`);
	const h = (kind, first) => {
		const long = history().open("ann#1", "marked").enter("ann#1")
			.open("bob#1", kind).enter("bob#1", 0);
		all.forEach((m) => long.say("ann#1", m));
		long.got("ann#1", all).got("bob#1", all.slice(0, 2)).close("bob#1")
			.open("bob#2", kind).enter("bob#2", kind === "resume" ? 2 : undefined);
		if (kind === "resume")
			long.add("more", { c: "bob#2", room: "den" })
				.add("resumed", { c: "bob#2", room: "den", seq: 1500, more: true });
		return long.got("bob#2", all.slice(first - 1)).end().keep(all);
	};
	for (const kind of ["plain", "marked", "resume"])
		holds(h(kind, 501));
	breaks(h("resume", 502), "return", /less than the newest 1000/);
	breaks(h("plain", 502), "return");
});

test("visit: who has entered hears all that is said from then on", () => {
	const h = () => history().open("ann#1", "hub").enter("ann#1").say("ann#1", "ann.1")
		.got("ann#1", ["ann.1"]).open("bob#1", "hub").enter("bob#1")
		.say("ann#1", "ann.2").say("ann#1", "ann.3").got("ann#1", ["ann.2", "ann.3"]);
	const kept = ["ann.1", "ann.2", "ann.3"];
	holds(h().got("bob#1", ["ann.2", "ann.3"]).end().keep(kept));
	breaks(h().got("bob#1", ["ann.3"]).end().keep(kept), "visit", /was not told 2/);
});

test("tail: at the end everybody has heard the latest", () => {
	for (const kind of ["plain", "marked", "resume", "hub", "lobby", "sealed"]) {
		breaks(talk(kind).got("bob#1", five.slice(0, 4)).end().keep(five), "tail");
		breaks(talk(kind).end().keep(five), "tail");
	}
	holds(talk().got("bob#1", five.slice(0, 3)).close("bob#1").end().keep(five));
});

test("number: other places, numbers or ids than a message has", () => {
	const h = (more) => talk().got("bob#1", five, more).end().keep(five);
	holds(h({}));
	for (const more of [{ seq: 9 }, { num: 9 }])
		breaks(h(more), "number");
	const ids = talk().got("bob#1", ["ann.1"], { id: "x" }).got("bob#1", five.slice(1))
		.open("cat#1", "plain").enter("cat#1").got("cat#1", ["ann.1"], { id: "y" })
		.got("cat#1", five.slice(1));
	breaks(ids.end().keep(five), "number");
	breaks(history().open("ann#1", "rest").say("ann#1", "ann.1")
		.add("ack", { c: "ann#1", m: "ann.1", seq: 2 }).end().keep(["ann.1"]), "number");
});

test("silent: a post is answered, unless its connection ended", () => {
	const h = () => history().open("ann#1", "hub").enter("ann#1").say("ann#1", "ann.1");
	breaks(h().end(), "silent", /ann#1 got no answer to ann.1/);
	holds(h().add("no", { c: "ann#1", m: "ann.1" }).end());
	holds(h().close("ann#1").end());
});

test("a refused post that appears later is fine, once", () => {
	const h = () => history().open("ann#1", "hub").enter("ann#1").say("ann#1", "ann.1")
		.add("no", { c: "ann#1", m: "ann.1" }).got("ann#1", ["ann.1"]);
	holds(h().end().keep(["ann.1"]));
	breaks(h().close("ann#1").end().keep(["ann.1", "ann.1"]), "doubled");
});

test("dropped: only a gateway's end, or a lobby post held too long, ends connections", () => {
	const h = (kind = "hub") => history().open("ann#1", kind).enter("ann#1")
		.open("bob#1", kind).enter("bob#1");
	const fault = (kind, name, t, until) =>
		h().add("fault", { kind, names: [name], t, until }).close("ann#1", false);
	breaks(h().close("ann#1", false).end(), "dropped", /closed with 1006/);
	breaks(fault("kill", "store", 30, 60), "dropped");
	breaks(fault("stop", "gateway", 30, 60), "dropped");
	holds(fault("kill", "gateway", 30, 60));
	holds(fault("restart", "gateway.2", 30, 60));
	breaks(fault("kill", "gateway", 80, 90), "dropped");
	holds(fault("power", "gateway", 30, 60));
	breaks(fault("power", "gateway", 80, 90), "dropped");
	const held = (waitMs, code) => {
		const lobby = h("lobby").say("ann#1", "ann.1");
		lobby.t += waitMs;
		return lobby.close("ann#1", false, code).end();
	};
	holds(held(10000, 1013));
	breaks(held(3000, 1013), "dropped");
	breaks(held(10000, 1006), "dropped");
});

test("odd: answers that should not be are told", () => {
	breaks(talk().got("bob#1", five).add("odd", { c: "bob#1", what: "NOT_A_MEMBER" })
		.end().keep(five), "odd", /NOT_A_MEMBER/);
});

test("senders' waits: from the first try to the next acknowledgement", () => {
	const checker = new Checker();
	const h = history().open("ann#1", "hub").enter("ann#1");
	h.say("ann#1", "ann.1").add("no", { c: "ann#1", m: "ann.1" });
	h.t = 2000;
	h.say("ann#1", "ann.2").got("ann#1", ["ann.2"])
		.add("fault", { kind: "kill", names: ["store"], t: 25, until: 500 });
	h.records.forEach((record) => checker.take(record));
	const { count, median, most } = checker.outages.byFault((f) => f.kind).get("kill");
	assert.deepEqual([count, median, most], [1, 1990, 1990]);
});

test("records are read back as they were written", async () => {
	const folder = mkdtempSync(join(tmpdir(), "parley-records-"));
	const recorder = new Recorder(folder);
	for (const { e, t, ...fields } of talk().got("bob#1", five).end().keep(five).records)
		recorder.add(e, fields);
	await recorder.close();
	const { violations, said } = await checkFolder(folder);
	rmSync(folder, { recursive: true });
	assert.deepEqual([violations.length, said.size], [0, 5]);
});

test("a message's name is read from its words", () => {
	assert.equal(nameOf("ann-2.17 hello"), "ann-2.17");
	for (const text of ["hello", "ann.17", " ann.1 x", "system: ann.1 joined"])
		assert.equal(nameOf(text), null);
});

test("outage: senders wait too long for a daemon that was killed alone", () => {
	const waits = (ms) => {
		const h = history().open("ann#1", "hub").enter("ann#1").open("bob#1", "hub")
			.enter("bob#1").say("ann#1", "ann.1");
		h.t += ms;
		h.got("ann#1", ["ann.1"]).got("bob#1", ["ann.1"])
			.add("fault", { kind: "kill", names: ["store"], t: 55, until: 100 });
		return h.end().keep(["ann.1"]);
	};
	const alone = (h) => {
		h.records.unshift({ e: "alone", t: 0 });
		return h;
	};
	holds(waits(4000));
	holds(alone(waits(300)));
	breaks(alone(waits(700)), "outage", /store/);
});

test("the same seed makes the same schedule, another one another", () => {
	const some = plan("7", 60, 1000), again = plan("7", 60, 1000);
	assert.ok(some.length > 30);
	assert.deepEqual(some, again);
	assert.notDeepEqual(some, plan("8", 60, 1000));
	assert.ok(plan("7", 60, 1000, new Set(["stop"])).every(({ kind }) => kind !== "stop"));
});
