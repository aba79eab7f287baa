// SPDX-License-Identifier: MIT
// tests/clients/library_alone.mjs - the client library before a server that is
// played here: what a real one does too seldom, or only by chance.
//
//   node library_alone.mjs FILE
//
// Prints one line for each case, `ok NAME` or `not ok NAME: why`; ends with 1 if
// one went wrong.
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import WebSocket, { WebSocketServer } from "ws";

const { Parley, newUuid } = await import(pathToFileURL(process.argv[2]));
const ROOM = newUuid();
const ME = newUuid();
const BOB = newUuid();
const SECONDS = 10;

const message = (seq, creator_id, client_message_id = newUuid()) => ({
	id: `message-${seq}`, room_id: ROOM, creator_id, client_message_id,
	content: `text ${seq}`, creator_name: "somebody", seq, number: seq,
	created_at: "2026-01-02T03:04:05.678Z",
});

// Answers what every client asks; `plays[type](frame, socket)` comes before.
class Server {
	constructor(plays = {}) {
		this.plays = plays;
		this.heard = [];
		this.seq = 0;
		this.urls = [];
		this.server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
		this.server.on("connection", (socket, request) => {
			this.socket = socket;
			this.urls.push(request.url);
			socket.on("message", (data) => this.#hear(JSON.parse(data)));
			this.plays.connection?.(socket, this.urls.length);
		});
	}

	async listen() {
		await once(this.server, "listening");
		return `ws://127.0.0.1:${this.server.address().port}/ws`;
	}

	tell(type, fields) {
		this.socket.send(JSON.stringify({ type, ...fields }));
	}

	#hear(frame) {
		this.heard.push(frame);
		if (this.plays[frame.type]?.(frame, this))
			return;
		const { request_id } = frame;
		if (frame.type === "GetUnread")
			this.tell("Unread", { request_id,
				rooms: [{ room_id: ROOM, count: 0, last_seen: null }] });
		else if (frame.type === "Resume")
			this.resumed(frame);
	}

	resumed({ request_id, rooms }, has_more = false) {
		const ends = Object.keys(rooms).map((id) => [id, { seq: this.seq, has_more }]);
		this.tell("Resumed", { request_id, rooms: Object.fromEntries(ends) });
	}

	close() {
		for (const socket of this.server.clients)
			socket.terminate();
		this.server.close();
	}
}

// What the client tells, and how to wait for some of it.
class Witness {
	constructor(url, options = {}) {
		this.told = [];
		this.client = new Parley({
			url, userId: ME, WebSocket, baseMs: 20, timeoutMs: 2000, ...options,
		});
		for (const type of ["message", "edited", "deleted", "status", "gap", "error"])
			this.client.on(type, (detail) => this.told.push({ type, detail }));
	}

	of(type) {
		return this.told.filter((e) => e.type === type).map((e) => e.detail);
	}

	async until(what, wanted) {
		const deadline = Date.now() + SECONDS * 1000;
		while (!wanted()) {
			if (Date.now() > deadline)
				throw new Error(`${what}: ${JSON.stringify(this.told)}`);
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
	}
}

function same(got, wanted) {
	if (JSON.stringify(got) !== JSON.stringify(wanted))
		throw new Error(`${JSON.stringify(got)}, want ${JSON.stringify(wanted)}`);
}

// The answer to a repeated post, seq 3, overtakes what is said before it.
function refuseFirst(then) {
	let tries = 0;
	return (frame, server) => {
		if (++tries === 1)
			server.tell("Error", { request_id: frame.request_id,
				code: "SERVICE_UNAVAILABLE", message: "not now" });
		else
			then(frame, server);
		return true;
	};
}

const cases = {
	async "a copy that comes too early is told in its place"(run) {
		const { witness, server } = await run({
			CreateMessage: refuseFirst((frame, s) => {
				const own = message(3, ME, frame.client_message_id);
				s.tell("NewMessage", { message: own });
				for (const seq of [1, 2])
					s.tell("NewMessage", { message: message(seq, BOB) });
				s.tell("NewMessage", { message: own });
				s.tell("NewMessage", { message: message(4, BOB) });
			}),
		});
		same((await witness.client.send(ROOM, "text 3")).seq, 3);
		await witness.until("four", () => witness.of("message").length >= 4);
		same(witness.of("message").map((m) => m.seq), [1, 2, 3, 4]);
		await witness.until("a question", () =>
			server.heard.filter((f) => f.type === "Resume").length === 3);
	},

	async "a message behind a hole is told once the server knows of no other"(run) {
		const { witness } = await run({
			CreateMessage: refuseFirst((frame, s) => {
				s.seq = 3;
				s.tell("NewMessage", { message: message(3, ME, frame.client_message_id) });
			}),
		});
		await witness.client.send(ROOM, "text 3");
		await witness.until("one", () => witness.of("message").length === 1);
		same(witness.client.places(), { [ROOM]: 3 });
	},

	async "what changes before it is told is told as it is then"(run) {
		const { witness } = await run({
			Resume(frame, s) {
				if (!(frame.rooms[ROOM] > 0))
					return false;
				s.seq = 4;
				for (const seq of [2, 3, 4])
					s.tell("NewMessage", { message: message(seq, BOB) });
				s.tell("MessageEdited", { message: { ...message(2, BOB), content: "new" } });
				s.tell("MessageDeleted", { room_id: ROOM, message_id: "message-3" });
				s.resumed(frame);
				return true;
			},
		}, { places: { [ROOM]: 1 } });
		same(witness.of("message").map((m) => m.content), ["new", "text 4"]);
		same(witness.of("edited"), []);
	},

	async "a connection that is lost while it resumes is resumed from the same place"(run) {
		let connections = 0;
		const { witness, server } = await run({
			Resume(frame, s) {
				if (!(frame.rooms[ROOM] > 0))
					return false;
				s.seq = 3;
				s.tell("NewMessage", { message: message(2, BOB) });
				if (++connections < 3)
					return s.socket.terminate() ?? true;
				s.tell("NewMessage", { message: message(3, BOB) });
				s.resumed(frame);
				return true;
			},
		}, { places: { [ROOM]: 1 } });
		same(witness.of("message").map((m) => m.seq), [2, 3]);
		same(server.urls.length, 3);
	},

	async "a close in the range 4500 to 4999 is for good"(run) {
		const { witness, server } = await run({
			connection: (socket) => socket.close(4503, "banned"),
		}, {}, "closed");
		same(witness.of("status").at(-1),
			{ state: "closed", reason: "refused", code: 4503, text: "banned" });
		same(server.urls.length, 1);
	},

	async "1012 and 1013 are waited upon, other ends are jittered from nothing"(run) {
		const codes = [1012, 1013];
		const { witness } = await run({
			connection: (socket, n) => codes[n - 1] && socket.close(codes[n - 1]),
		}, { baseMs: 100 });
		const waits = witness.of("status").filter((s) => s.state === "waiting");
		same(waits.map((s) => s.code), codes);
		if (waits.some((s) => s.retryInMs < 100))
			throw new Error(JSON.stringify(waits));
	},

	async "a server that goes is come back to when it said so, and no later than maxMs"(run) {
		const reason = (s) => `going away; retry after ${s} s`;
		const { witness } = await run({
			connection: (socket, n) => n < 3 && socket.close(1001, reason(n === 1 ? 1 : 900)),
		}, { maxMs: 1500 });
		const waits = witness.of("status").filter((s) => s.state === "waiting");
		if (waits.length !== 2 || waits[0].retryInMs < 1000 || waits[0].retryInMs > 1500)
			throw new Error(JSON.stringify(waits));
		same(waits[1].retryInMs, 1500);
	},

	async "codes from 4000 to 4499 are come back from, whatever they are"(run) {
		const codes = [4000, 4321, 4499];
		const { witness } = await run({
			connection: (socket, n) => codes[n - 1] && socket.close(codes[n - 1]),
		});
		same(witness.of("status").filter((s) => s.state === "waiting")
			.map((s) => s.code), codes);
	},

	async "the next connection has the token of then"(run) {
		let n = 0;
		const { server } = await run({
			connection: (socket, count) => count === 1 && socket.terminate(),
		}, { token: async () => `token-${++n}` });
		same(server.urls.map((u) => new URL(u, "ws://x").searchParams.get("token")),
			["token-1", "token-2"]);
		same(new URL(server.urls[0], "ws://x").search, "?v=2&resume=1&token=token-1");
	},

	async "a server that takes connections and says nothing is given up"(run) {
		const { witness } = await run({
			GetUnread: (frame, s) => s.socket && !s.isAwake && (s.isAwake = true),
		}, { timeoutMs: 200 });
		same(witness.of("status").some((s) => s.state === "waiting"), true);
	},

	async "a silent link is tried out by a request that names no room"(run) {
		const { witness, server } = await run({}, { idleMs: 50 });
		const empty = (f) => f.type === "Resume" && Object.keys(f.rooms).length === 0;
		await witness.until("three probes", () =>
			server.heard.slice(3).filter(empty).length >= 3);
		same(witness.of("status").map((s) => s.state),
			["connecting", "resuming", "ready"]);
	},

	async "an error of a listener's does not stop the others"(run) {
		const caught = once(process, "uncaughtException");
		const { witness, server } = await run();
		const end = witness.client.on("message", () => {
			throw new Error("on purpose");
		});
		server.tell("NewMessage", { message: message(1, BOB) });
		same((await caught)[0].message, "on purpose");
		end();
		server.tell("NewMessage", { message: message(2, BOB) });
		await witness.until("two", () => witness.of("message").length === 2);
	},

	async "a listener may close the client while it is told of the past"(run) {
		const { witness } = await run({
			Resume(frame, s) {
				if (!(frame.rooms[ROOM] > 0))
					return false;
				s.seq = 4;
				for (let seq = frame.rooms[ROOM] + 1; seq <= 4; seq++)
					s.tell("NewMessage", { message: message(seq, BOB) });
				s.resumed(frame);
				return true;
			},
		}, { places: { [ROOM]: 1 } }, "connecting");
		const end = witness.client.on("message", () => {
			end();
			witness.client.close();
		});
		await witness.until("closed", () => witness.client.state === "closed");
		same(witness.of("message").map((m) => m.seq), [2]);
		witness.client.open();
		await witness.client.ready();
		same(witness.of("message").map((m) => m.seq), [2, 3, 4]);
	},

	async "half of a surrogate pair is made good before it is sent"(run) {
		const { witness, server } = await run({
			CreateMessage(frame, s) {
				const own = message(1, ME, frame.client_message_id);
				s.tell("NewMessage", { message: { ...own, content: frame.content } });
				return true;
			},
		});
		await witness.client.send(ROOM, "a \ud83d z 😀");
		same(server.heard.at(-1).content, "a \ufffd z 😀");
	},

	async "an event that does not exist is refused"(run) {
		const { witness } = await run();
		try {
			witness.client.on("mesage", () => {});
		} catch (error) {
			return same(error.message, 'no event "mesage"');
		}
		throw new Error("it was taken");
	},
};

// Runs one case with a server and a client of its own, in STATE first.
async function play(act) {
	let server;
	let witness;
	try {
		await act(async (plays, options, state = "ready") => {
			server = new Server(plays);
			witness = new Witness(await server.listen(), options);
			witness.client.open();
			await witness.until(state, () => witness.client.state === state);
			return { server, witness };
		});
	} finally {
		witness?.client.close();
		server?.close();
	}
}

let isBad = false;
for (const [name, act] of Object.entries(cases)) {
	try {
		await play(act);
		console.log(`ok ${name}`);
	} catch (error) {
		isBad = true;
		console.log(`not ok ${name}: ${error.message}`);
	}
}
process.exitCode = isBad ? 1 : 0;
