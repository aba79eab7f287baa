// SPDX-License-Identifier: MIT
// tests/clients/keeper.mjs - two members and somebody with many accounts, who do
// without a pause all that is promised to be on disk once it is answered, and
// then look whether it is there.
//
//   node keeper.mjs HOST:PORT ROOM-ID TOKEN TOKEN
//
// Prints `talking` once all is under way, goes on until its input has ended, then
// prints counts as one line of JSON. What is refused as unavailable is asked for
// again until it is answered. Ends with 1 if anything that was answered or heard
// is missing, changed, or there twice.
import { randomUUID } from "node:crypto";
import { Accounts } from "./keeper_accounts.mjs";
import { Campfire } from "./campfire.mjs";
import { history, report, sleep } from "./endless.mjs";

const [host, room, ...tokens] = process.argv.slice(2);
const patienceMs = 30000;
const againMs = 20;
const padding = "x".repeat(1500); // so that there is something to checkpoint

let over = false;
const made = new Map(); // room → its name
const gone = new Map(); // message → its place, of those taken back

// Until it is answered, however often; `act` gives null to be asked again.
async function insist(act) {
	const deadline = performance.now() + patienceMs;
	for (let tries = 0; performance.now() < deadline; tries++) {
		const answer = await act(tries);
		if (answer)
			return answer;
		await sleep(againMs);
	}
	throw new Error("refused for too long");
}

export async function ask(token, method, path, body) {
	const response = await fetch(`http://${host}${path}`, { method,
		body: body && JSON.stringify(body),
		headers: token ? { Authorization: `Bearer ${token}` } : {} });
	return { status: response.status,
		body: response.status === 204 ? null : await response.json() };
}

function unless503({ status, body }, ...wanted) {
	if (status === 503)
		return null;
	if (!wanted.includes(status))
		throw new Error(`${status} ${JSON.stringify(body)}`);
	return { status, body };
}

class Member {
	words = new Map(); // message → {seq, content} as it must be by now
	mark = 0;
	member = new Map(); // room → whether
	rounds = 0;
	requests = 0;

	constructor(name, token, client) {
		Object.assign(this, { name, token, client });
	}

	static async connect(name, token) {
		return new Member(name, token,
			await Campfire.connect(`ws://${host}/ws/campfire?v=2`, token));
	}

	// A request that is answered under its own id; {type: "Error"} too if that is
	// not for want of a daemon.
	#request(type, fields) {
		return insist(async () => {
			const request_id = ++this.requests;
			const answer = this.#answerTo((f) => f.request_id === request_id);
			this.client.send(type, { ...fields, request_id });
			const frame = await answer;
			return frame.code === "SERVICE_UNAVAILABLE" ? null : frame;
		});
	}

	#answerTo(isIt) {
		const { client } = this;
		return new Promise((resolve, reject) => {
			const listener = (frame) => {
				if (!isIt(frame) && frame.type !== "(closed)")
					return;
				client.listeners.delete(listener);
				clearTimeout(timer);
				if (frame.type === "(closed)")
					reject(new Error(`${this.name} was closed`));
				resolve(frame);
			};
			const timer = setTimeout(() => reject(new Error("no answer")), patienceMs);
			client.listeners.add(listener);
		});
	}

	async #wants(type, fields, wanted) {
		const frame = await this.#request(type, fields);
		if (frame.type !== wanted)
			throw new Error(`${type}: ${JSON.stringify(frame)}`);
		return frame;
	}

	// Answered by the message itself, or by an error under the request's id.
	post(content) {
		const client_message_id = randomUUID();
		return insist(async () => {
			const request_id = ++this.requests;
			const answer = this.#answerTo((f) => f.request_id === request_id ||
				f.message?.client_message_id === client_message_id);
			this.client.send("CreateMessage", { room_id: room, content,
				client_message_id, request_id });
			const frame = await answer;
			if (frame.type === "NewMessage")
				return this.#keep(frame.message);
			if (frame.code !== "SERVICE_UNAVAILABLE")
				throw new Error(JSON.stringify(frame));
			return null;
		});
	}

	async postByRest(content) {
		const client_message_id = randomUUID();
		const { body } = await insist(async () => unless503(await ask(this.token, "POST",
			`/api/rooms/${room}/messages`, { content, client_message_id }), 201));
		return this.#keep(body);
	}

	#keep({ id, seq, content }) {
		const before = this.words.get(id);
		if (before && before.seq !== seq)
			throw new Error(`${content}: ${seq} was ${before.seq}`);
		this.words.set(id, { seq, content });
		return { id, seq, content };
	}

	async edit({ id, seq }, content) {
		await this.#wants("EditMessage", { message_id: id, content }, "MessageEdited");
		this.words.set(id, { seq, content });
	}

	// Said again it may find nothing there any more.
	async erase({ id, seq }) {
		await this.#request("DeleteMessage", { message_id: id });
		this.words.delete(id);
		gone.set(id, seq);
	}

	// The latest that others said, unless it is marked already.
	async see() {
		const latest = this.client.messages(room).findLast(({ id }) => !this.words.has(id));
		if (!(latest?.seq > this.mark) || gone.has(latest.id))
			return;
		const { seq } = await this.#wants("UpdateLastSeen", { message_id: latest.id },
			"LastSeen");
		this.mark = Math.max(this.mark, seq);
	}

	async makeRoom(name) {
		const { status, body } = await insist(async () => unless503(
			await ask(this.token, "POST", "/api/rooms", { name }), 201, 409));
		if (status === 409) // a try that had no answer
			return;
		made.set(body.id, name);
		this.member.set(body.id, true);
	}

	async join(room_id) {
		await this.#wants("JoinRoom", { room_id }, "PresenceUpdate");
		this.member.set(room_id, true);
	}

	async leave(room_id) {
		await this.#wants("LeaveRoom", { room_id }, "UserLeft");
		this.member.set(room_id, false);
	}

	async round() {
		const n = ++this.rounds, word = (what) => `${this.name}-${what}-${n}. ${padding}`;
		const first = await this.post(word("says"));
		const second = await this.postByRest(word("writes"));
		await this.edit(first, word("edits"));
		await this.see();
		if (n % 2 === 0)
			await this.erase(second);
		if (n % 4 === 1)
			await this.makeRoom(`${this.name}-makes-${n}.`);
		const [other] = [...made.keys()].filter((id) => !this.member.has(id));
		if (other)
			await this.join(this.visited = other);
		if (n % 3 === 0 && this.member.get(this.visited))
			await this.leave(this.visited);
	}

	// --- In the end

	checkWords(kept) {
		const places = new Map(kept.map(({ id, seq, content }) => [id, { seq, content }]));
		for (const [id, { seq, content }] of this.words) {
			const is = places.get(id);
			if (is?.seq !== seq || is?.content !== content)
				throw new Error(`${seq} "${content.slice(0, 30)}" is ` +
					`${is?.seq} "${is?.content.slice(0, 30)}"`);
		}
		for (const { id, seq, content } of this.client.messages(room))
			if ((places.get(id)?.seq ?? gone.get(id)) !== seq)
				throw new Error(`${this.name} heard ${seq} "${content.slice(0, 30)}"`);
	}

	async checkMark(seqOf) {
		const { rooms } = await this.#wants("GetUnread", {}, "Unread");
		const { last_seen } = rooms.find(({ room_id }) => room_id === room);
		if (!(seqOf.get(last_seen) >= this.mark))
			throw new Error(`${this.name} had marked ${this.mark}, ` +
				`and ${seqOf.get(last_seen)} is marked`);
	}

	async checkRooms() {
		const { body } = unless503(await ask(this.token, "GET", "/api/rooms"), 200);
		const listed = new Map(body.rooms.map((r) => [r.id, r]));
		for (const [id, name] of made)
			if (listed.get(id)?.name !== name)
				throw new Error(`${name} is ${JSON.stringify(listed.get(id))}`);
		for (const [id, member] of this.member)
			if (listed.get(id)?.member !== member)
				throw new Error(`${this.name} is a member of ${made.get(id)}: ${!member}`);
	}
}

// Each place is taken once, by what was said or by what was taken back.
function checkPlaces(kept) {
	const places = [...kept.map(({ seq }) => seq), ...gone.values()].sort((a, b) => a - b);
	places.forEach((seq, i) => {
		if (seq !== i + 1)
			throw new Error(`place ${i + 1} is ${seq}`);
	});
}

async function actOn(actors) {
	const ended = new Promise((resolve) => process.stdin.on("end", resolve).resume());
	const all = Promise.all(actors.map(async (actor) => {
		while (!over)
			await actor.round();
	}));
	all.catch(() => {});
	while (actors.some(({ rounds }) => rounds < 2))
		await Promise.race([sleep(10), all]);
	console.log("talking");
	await Promise.race([ended, all]);
	over = true;
	await all;
}

async function main() {
	const members = [];
	for (const [i, token] of tokens.entries())
		members.push(await Member.connect(`keeper${i}`, token));
	const accounts = new Accounts({ ask, insist, unless503 });
	await actOn([...members, accounts]);
	await sleep(300); // what others said may still be on its way
	const kept = await history(host, room, tokens[0]);
	checkPlaces(kept);
	const seqOf = new Map([...kept.map(({ id, seq }) => [id, seq]), ...gone]);
	for (const member of members) {
		member.checkWords(kept);
		await member.checkMark(seqOf);
		await member.checkRooms();
	}
	await accounts.check();
	return { messages: seqOf.size, taken_back: gone.size, rooms: made.size,
		accounts: accounts.users.size, sessions: accounts.sessions.size };
}

await report(main);
