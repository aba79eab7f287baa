// SPDX-License-Identifier: MIT
// tests/clients/trace_test.mjs - what proves the order of system calls sees each
// way to break it: forged traces, as strace would have written them.
//
//   node --test trace_test.mjs
import assert from "node:assert/strict";
import test from "node:test";
import { Calls, Proof, Wal, firstTold } from "./trace.mjs";

const hex = (data) => [...Buffer.from(data, "latin1")]
	.map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
const link = "UNIX-STREAM:[10->11,\"\\x73\"]";
const client = "TCP:[127.0.0.1:1->127.0.0.1:2]";
const file = hex("/data/chat.db-wal");

// A frame of the bus as it stands in a ZeroMQ message.
const frame = (kind, id, more = "") =>
	`\x83\xa5frame${String.fromCharCode(0xa0 + kind.length)}${kind}` +
	`\xa2id${String.fromCharCode(id)}${more}`.padEnd(20, "\xc0");

// Lines, each a microsecond after the one before.
class Trace {
	lines = [];

	say(thread, rest) {
		this.lines.push(`${thread} ${(100 + this.lines.length / 1000).toFixed(6)} ${rest}`);
		return this;
	}

	call(thread, name, path, data, result) {
		const words = data === null ? "" : `, "${hex(data)}", ${data.length}, 0`;
		return this.say(thread, `${name}(7<${path}>${words}) = ${result} <0.000100>`);
	}

	hear(data) {
		return this.call(1, "recvfrom", link, data, data.length);
	}

	tell(data, path = link) {
		return this.call(2, "sendto", path, data, data.length);
	}

	page(data, isCommit, path = file) {
		const head = `\0\0\0\x01\0\0\0${isCommit ? "\x05" : "\0"}`.padEnd(24, "s");
		return this.call(1, "pwrite64", path, head, 24)
			.call(1, "pwrite64", path, data.padEnd(512, "\0"), 512);
	}

	sync(result = 0, path = file) {
		return this.call(1, "fdatasync", path, null, result === 0 ? "0"
			: "-1 EIO (Input/output error)");
	}

	calls() {
		const calls = new Calls();
		this.lines.forEach((line) => calls.take(line));
		return calls.list.filter(({ call }) => call);
	}
}

const word = "keeper0-says-1";
const told = frame("message", 5, `\xa4text\xae${word}`);
const asked = frame("post", 5, word);
const begin = () => new Trace().hear(asked);

function judge(trace) {
	const proof = new Proof(), synced = new Map();
	proof.checkKeeper("store", trace.calls(), "chat.db-wal", synced);
	return { ...proof, synced };
}

test("an answer after write, commit and sync is right", () => {
	const { broken, counts } = judge(begin().page(word, false).page("x", true)
		.sync().tell(told));
	assert.deepEqual(broken, []);
	assert.deepEqual(counts, { "store words": 1, "store post": 1 });
});

const breaches = {
	"an answer before the write": () => begin().tell(told).page(word, true).sync(),
	"an answer before the sync": () => begin().page(word, true).tell(told).sync(),
	"an answer without a sync": () => begin().page(word, true).tell(told),
	"an answer without anything": () => begin().tell(told),
	"a sync that fails": () => begin().page(word, true).sync(-1).tell(told),
	"a sync of another file": () => begin().page(word, true)
		.sync(0, hex("/data/auth.db-wal")).tell(told),
	"a sync before the commit's last page": () => begin().page(word, false).sync()
		.page("x", true).tell(told),
	"a commit that never comes": () => begin().page(word, false).sync().tell(told),
	"words in another file": () => begin().page(word, true, hex("/data/search.db-wal"))
		.sync().tell(told),
	"a longer word on disk": () => begin().page(`${word}0`, true).sync().tell(told),
	"a sync that has begun and not ended": () => begin().page(word, true)
		.say(1, `fdatasync(7<${file}> <unfinished ...>`).tell(told)
		.say(1, "<... fdatasync resumed>) = 0 <0.003000>"),
	"a sync that began before the write ended": () => begin().page(word, false)
		.call(1, "pwrite64", file, "\0\0\0\x01\0\0\0\x05".padEnd(24, "s"), 24)
		.say(1, `pwrite64(7<${file}>, "${hex("x".repeat(512))}", 512, 9 <unfinished ...>`)
		.call(3, "fdatasync", file, null, 0)
		.say(1, "<... pwrite64 resumed>) = 512 <0.001000>").tell(told),
};

for (const [name, forge] of Object.entries(breaches))
	test(`${name} is seen`, () => assert.ok(judge(forge()).broken.length > 0));

test("an answer without words is judged by what was written since the request", () => {
	const before = () => new Trace().page("old", true).sync()
		.hear(frame("erase", 9)).hear(frame("edit", 8));
	const answer = frame("erased", 9);
	assert.deepEqual(judge(before().page("new", true).sync().tell(answer)).broken, []);
	assert.equal(judge(before().tell(answer)).broken.length, 1);
	assert.equal(judge(before().page("new", true).tell(answer).sync()).broken.length, 1);
});

test("an answer that tells what was so before needs no write", () => {
	const calls = () => new Trace().hear(frame("join", 3));
	assert.deepEqual(judge(calls().tell(frame("joined", 3))).broken, []);
	assert.equal(judge(calls().tell(frame("joined", 3, "\xa6change\x01"))).broken.length, 1);
});

test("a frame that comes in two pieces is put together", () => {
	const trace = new Trace().hear(asked.slice(0, 9)).hear(asked.slice(9))
		.page(word, true).sync().tell(told);
	assert.equal(judge(trace).counts["store post"], 1);
});

test("a call that strace tells in two lines is one, with what came in the second", () => {
	const [call] = new Trace().say(1, `recvfrom(7<${link}>,  <unfinished ...>`)
		.say(2, `fdatasync(8<${file}>) = 0 <0.000100>`)
		.say(1, `<... recvfrom resumed>"${hex("abc")}", 8192, 0, NULL, NULL) = 3 <0.001>`)
		.calls();
	assert.deepEqual([call.call, call.path, call.data.toString(), call.result, call.begin,
		call.end], ["recvfrom", link, "abc", 3, 1, 3]);
});

test("a client that is told before the store's sync is seen", () => {
	const { synced } = judge(begin().page(word, true).sync().tell(told));
	const check = (at) => {
		const proof = new Proof();
		proof.checkGateway(new Trace().tell(word, client).calls()
			.map((call) => ({ ...call, beganAt: at })), synced);
		return proof.broken.length;
	};
	assert.equal(check(100.0001), 1);
	assert.equal(check(101), 0);
});

test("what goes to other daemons is not what a client is told", () => {
	const calls = new Trace().tell(word).calls();
	assert.equal(firstTold(calls, ({ path }) => path.startsWith("TCP")).size, 0);
});

test("a trace without what the rules are about is refused", () => {
	const proof = new Proof();
	proof.checkCounts();
	assert.ok(proof.broken.length > 10);
});

test("the head of the wal is no page", () => {
	const wal = new Wal(new Trace().call(1, "pwrite64", file, "h".repeat(32), 32)
		.sync().calls(), "chat.db-wal");
	assert.equal(wal.syncAfter(0), undefined);
});
