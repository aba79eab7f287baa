// SPDX-License-Identifier: MIT
// tests/clients/schema_campfire.mjs - a conversation in which each message and
// each error code of docs/api/campfire.yaml comes, in both channels.
//
// node schema_campfire.mjs HOST
import { randomUUID } from "node:crypto";
import { account, Dialect, endings, person, play, rest, tooMany, without }
	from "./schema.mjs";

const [host] = process.argv.slice(2);
const dialect = new Dialect("campfire");
const PATH = { plain: "/ws/campfire", extended: "/ws/campfire?v=2" };

function connect(channel, who, path = PATH[channel]) {
	return dialect.open(channel, `ws://${host}${path}`,
		{ Authorization: `Bearer ${who.token}` });
}

// What the channel knows of requests and of errors.
class Script {
	constructor(channel) {
		this.channel = channel;
		this.codes = new Set();
		for (const name of ["alice", "bob", "carol"])
			this[name] = person(`${name}.${channel}`);
	}

	async begin() {
		const room = await rest(host, "POST", "/api/rooms", this.alice,
			{ name: `den.${this.channel}` });
		this.room_id = room.id;
		for (const name of ["alice", "bob", "carol"])
			this[`${name}Says`] = await connect(this.channel, this[name]);
		await this.aliceSays.expect("PresenceUpdate", { room_id: room.id });
	}

	async refused(speaker, code, send) {
		await send(speaker);
		await speaker.expect("Error", { code });
		this.codes.add(code);
	}

	finish() {
		const { enum: all } = dialect.document.components.schemas.code;
		const missing = all.filter((code) => !this.codes.has(code));
		if (missing.length > 0)
			throw new Error(`${this.channel}: never seen: ${missing}`);
	}
}

// --- What both channels have

async function converse(script) {
	const { room_id, aliceSays, bobSays, bob } = script;
	bobSays.send({ type: "JoinRoom", room_id });
	await bobSays.expect("PresenceUpdate", { room_id });
	await aliceSays.expect("UserJoined", { room_id, user_id: bob.id });
	bobSays.send({ type: "StartTyping", room_id });
	await aliceSays.expect("TypingStart", { room_id, user_id: bob.id });
	bobSays.send({ type: "StopTyping", room_id });
	await aliceSays.expect("TypingStop", { room_id, user_id: bob.id });
	const client_message_id = randomUUID().toUpperCase();
	aliceSays.send({ type: "CreateMessage", room_id, content: "good morning",
		client_message_id });
	const { message } = await bobSays.expect("NewMessage",
		{ message: { client_message_id: client_message_id.toLowerCase() } });
	await aliceSays.expect("NewMessage", { message: { id: message.id } });
	bobSays.send({ type: "UpdateLastSeen", message_id: message.id });
	aliceSays.send({ type: "CreateMessage", room_id, content: "“quoted” \\ \u0007 🦊" });
	await bobSays.expect("NewMessage",
		{ message: { content: "“quoted” \\ \u0007 🦊" } });
	return message;
}

async function provoke(script, direct) {
	const { room_id, aliceSays, carolSays } = script;
	const nowhere = randomUUID();
	const wrong = (code, frame) =>
		script.refused(aliceSays, code, (s) => s.sendWrong(frame));
	const refused = (code, frame) =>
		script.refused(aliceSays, code, (s) => s.send(frame));
	await wrong("INVALID_JSON", "{");
	await wrong("INVALID_JSON", "[]");
	await wrong("INVALID_FIELD", { type: 7 });
	await script.refused(aliceSays, "INVALID_JSON", (s) => s.sendBinary([123, 125]));
	await wrong("UNKNOWN_TYPE", { type: "Shout", room_id });
	await wrong("INVALID_FIELD", { type: "JoinRoom", room_id: "den" });
	await wrong("INVALID_FIELD", { type: "JoinRoom" });
	await wrong("MESSAGE_CREATION_FAILED", { type: "CreateMessage", room_id, content: "" });
	await wrong("MESSAGE_CREATION_FAILED", { type: "CreateMessage", room_id, content: "a\0b" });
	await wrong("MESSAGE_CREATION_FAILED",
		{ type: "CreateMessage", room_id, content: "x".repeat(40961) });
	await refused("ROOM_NOT_FOUND", { type: "JoinRoom", room_id: nowhere });
	await refused("MESSAGE_NOT_FOUND", { type: "UpdateLastSeen", message_id: nowhere });
	await refused("NOT_ALLOWED", { type: "LeaveRoom", room_id: direct });
	await script.refused(carolSays, "NOT_A_MEMBER",
		(s) => s.send({ type: "StartTyping", room_id }));
	await without("store", () => refused("SERVICE_UNAVAILABLE",
		{ type: "UpdateLastSeen", message_id: nowhere }));
	await script.refused(aliceSays, "RATE_LIMITED", (s) => tooMany((content) =>
		s.send({ type: "CreateMessage", room_id, content })));
}

async function part({ room_id, aliceSays, bobSays, bob }) {
	bobSays.send({ type: "LeaveRoom", room_id });
	await aliceSays.expect("UserLeft", { room_id, user_id: bob.id });
}

// --- What the extensions add

async function openDirect({ aliceSays, bob }) {
	aliceSays.send({ type: "OpenDirect", request_id: "by name", username: bob.username });
	const { room_id } =
		await aliceSays.expect("DirectOpened", { request_id: "by name" });
	aliceSays.send({ type: "OpenDirect", user_id: bob.id });
	await aliceSays.expect("DirectOpened", { room_id });
	return room_id;
}

// Each request of the plain set with a request_id.
async function echo(script, message) {
	const { room_id, aliceSays, bobSays } = script;
	bobSays.send({ type: "UpdateLastSeen", request_id: 1, message_id: message.id });
	await bobSays.expect("LastSeen", { request_id: 1, room_id });
	bobSays.send({ type: "JoinRoom", request_id: "j", room_id });
	await bobSays.expect("PresenceUpdate", { request_id: "j" });
	bobSays.send({ type: "CreateMessage", request_id: 2, room_id, content: "hello" });
	await aliceSays.expect("NewMessage", { message: { content: "hello" } });
	for (const type of ["StartTyping", "StopTyping"])
		await script.refused(bobSays, "ROOM_NOT_FOUND",
			(s) => s.send({ type, request_id: type, room_id: randomUUID() }));
	const longest = "x".repeat(126);
	await script.refused(bobSays, "ROOM_NOT_FOUND", (s) =>
		s.send({ type: "LeaveRoom", request_id: longest, room_id: randomUUID() }));
	await script.refused(bobSays, "INVALID_FIELD", (s) =>
		s.sendWrong({ type: "GetRooms", request_id: `${longest}x` }));
	await script.refused(bobSays, "INVALID_FIELD", (s) =>
		s.sendWrong({ type: "GetRooms", request_id: 1.5 }));
}

async function useRooms(script) {
	const { aliceSays, room_id } = script;
	aliceSays.send({ type: "CreateRoom", request_id: 3, name: "attic", description: "old" });
	await aliceSays.expect("RoomCreated", { request_id: 3, room: { name: "attic" } });
	await script.refused(aliceSays, "INVALID_FIELD",
		(s) => s.send({ type: "CreateRoom", name: "attic" }));
	await script.refused(aliceSays, "INVALID_FIELD",
		(s) => s.sendWrong({ type: "CreateRoom", name: "x".repeat(65) }));
	aliceSays.send({ type: "GetRooms", request_id: 4 });
	await aliceSays.expect("Rooms", { request_id: 4, rooms: (rooms) =>
		["public", "direct"].every((kind) => rooms.some((room) => room.kind === kind)) });
	aliceSays.send({ type: "GetUnread", request_id: 5 });
	await aliceSays.expect("Unread", { request_id: 5, rooms: (rooms) =>
		rooms.some((room) => room.room_id === room_id && room.last_seen !== null) &&
		rooms.some((room) => room.last_seen === null) });
}

async function useHistory(script, message) {
	const { aliceSays, bobSays, room_id } = script;
	for (const place of [{ limit: 1 }, { before: 2 }, { after: 0, limit: 500 }]) {
		aliceSays.send({ type: "GetHistory", room_id, ...place });
		await aliceSays.expect("History", { messages: ({ length }) => length > 0 });
	}
	for (const place of [{ limit: 0 }, { limit: 501 }, { before: 0 }, { before: 2, after: 1 }])
		await script.refused(aliceSays, "INVALID_FIELD",
			(s) => s.sendWrong({ type: "GetHistory", room_id, ...place }));
	const search = { type: "SearchMessages", request_id: 6, query: "morn", room_id };
	aliceSays.send(search);
	for (let tries = 0; tries < 100; tries++) { // the index is a moment behind
		const { messages } = await aliceSays.expect("SearchResults", { request_id: 6 });
		if (messages.length > 0)
			break;
		aliceSays.send(search);
	}
	aliceSays.send({ type: "EditMessage", request_id: 7, message_id: message.id, content: "good night" });
	await aliceSays.expect("MessageEdited", { request_id: 7 });
	await bobSays.expect("MessageEdited", { message: { content: "good night" } });
	await script.refused(bobSays, "NOT_ALLOWED", (s) => s.send(
		{ type: "EditMessage", message_id: message.id, content: "mine" }));
	aliceSays.send({ type: "DeleteMessage", request_id: 8, message_id: message.id });
	await aliceSays.expect("MessageDeleted", { request_id: 8 });
	await bobSays.expect("MessageDeleted", { message_id: message.id });
}

async function resume({ bob, room_id }) {
	const bobSays = await connect("extended", bob, `${PATH.extended}&resume=1`);
	bobSays.send({ type: "Resume", request_id: 9, rooms: { [room_id]: 1 } });
	await bobSays.expect("NewMessage", { message: { seq: 2 } });
	await bobSays.expect("Resumed", { request_id: 9, rooms: {
		[room_id]: { has_more: false } } });
	bobSays.sendWrong({ type: "Resume", rooms: { den: 1 } });
	await bobSays.expect("Error", { code: "INVALID_FIELD" });
	await bobSays.leave();
}

// What owners and moderators ask, in a room of its own.
async function moderate({ aliceSays, bobSays, bob, carol }) {
	aliceSays.send({ type: "CreateRoom", request_id: 20, name: "court" });
	const { room: { id: room_id } } =
		await aliceSays.expect("RoomCreated", { request_id: 20 });
	const ask = async (answer, type, rest = {}, more = {}) => {
		aliceSays.send({ type, request_id: 21, room_id, ...rest });
		return aliceSays.expect(answer, { request_id: 21, ...more });
	};
	const toBob = { user_id: bob.id }, named = { username: bob.username };
	await ask("Room", "GetRoom", {}, { room: { role: "owner" } });
	await ask("UserJoined", "AddMember", toBob);
	await ask("MemberUpdated", "SetRole", { ...named, role: "moderator" },
		{ role: "moderator" });
	await bobSays.expect("MemberUpdated", { change: "role", user_id: bob.id });
	await ask("Members", "GetMembers", { limit: 1 }, { next: (n) => n > 0 });
	await ask("MemberUpdated", "Mute", { ...toBob, seconds: 60, reason: "hush" },
		{ change: "muted" });
	await ask("Mutes", "GetMutes", {}, { mutes: ({ length }) => length === 1 });
	bobSays.send({ type: "CreateMessage", request_id: 22, room_id, content: "why?" });
	await bobSays.expect("Error", { request_id: 22, code: "NOT_ALLOWED",
		retry_after: (n) => n > 50 });
	await ask("MemberUpdated", "Unmute", named, { change: "unmuted" });
	await ask("MemberUpdated", "Kick", { ...toBob, reason: "out" });
	await bobSays.expect("UserLeft", { room_id, user_id: bob.id });
	await ask("MemberUpdated", "Ban", { username: carol.username });
	await ask("Bans", "GetBans", {}, { bans: ({ length }) => length === 1 });
	await ask("MemberUpdated", "Unban", { user_id: carol.id });
	await ask("RoomUpdated", "UpdateRoom", { description: "law", slow_seconds: 5,
		visibility: "invite" });
	const { invite } = await ask("InviteCreated", "CreateInvite", { seconds: 60 });
	bobSays.send({ type: "AcceptInvite", request_id: 23, code: invite.code });
	await bobSays.expect("PresenceUpdate", { request_id: 23, room_id });
	await ask("Invites", "GetInvites", {}, { invites: ({ length }) => length === 1 });
	await ask("InviteRevoked", "RevokeInvite", { invite_id: invite.id });
	aliceSays.send({ type: "GetRooms", request_id: 24, details: true });
	await aliceSays.expect("Rooms", { request_id: 24, rooms: (rooms) =>
		rooms.some(({ slow_seconds }) => slow_seconds === 5) });
	await ask("RoomUpdated", "UpdateRoom", { name: "yard", archived: true });
	aliceSays.send({ type: "GetRooms", request_id: 25, archived: true });
	await aliceSays.expect("Rooms", { request_id: 25,
		rooms: ([{ name }]) => name === "yard" });
	for (const wrong of [{ type: "UpdateRoom", room_id },
		{ type: "UpdateRoom", room_id, visibility: "hidden" },
		{ type: "UpdateRoom", room_id, slow_seconds: 86401 },
		{ type: "UpdateRoom", room_id, archived: "yes" },
		{ type: "SetRole", room_id, ...toBob, role: "king" },
		{ type: "SetRole", room_id, ...toBob },
		{ type: "Ban", room_id, ...toBob, seconds: 0 },
		{ type: "Mute", room_id, ...toBob, reason: "x".repeat(1025) },
		{ type: "Kick", room_id },
		{ type: "GetMembers", room_id, limit: 1001 },
		{ type: "AcceptInvite", code: "open sesame" }]) {
		aliceSays.sendWrong(wrong);
		await aliceSays.expect("Error", { code: "INVALID_FIELD" });
	}
}

// What asks without `?v=2` is answered in the words of the extensions.
async function askPlainly() {
	const speaker = await connect("extended", person("erin"), PATH.plain);
	speaker.send({ type: "CreateRoom", request_id: 1, name: "cellar" });
	const { room } = await speaker.expect("RoomCreated", { request_id: 1 });
	await speaker.expect("PresenceUpdate", { room_id: room.id });
	speaker.send({ type: "GetHistory", request_id: 2, room_id: room.id });
	await speaker.expect("History", { request_id: 2, messages: [], has_more: false });
	await speaker.leave();
}

async function leaveByAnswer({ bobSays, aliceSays, room_id }) {
	bobSays.send({ type: "LeaveRoom", request_id: 10, room_id });
	await bobSays.expect("UserLeft", { request_id: 10, room_id });
	await aliceSays.expect("UserLeft", { room_id });
}

play(async () => {
	const extended = new Script("extended");
	await extended.begin();
	const message = await converse(extended);
	const direct = await openDirect(extended);
	await echo(extended, message);
	await useRooms(extended);
	await useHistory(extended, message);
	await resume(extended);
	await moderate(extended);
	await askPlainly();
	await provoke(extended, direct);
	await leaveByAnswer(extended);
	extended.finish();

	const plain = new Script("plain");
	await plain.begin();
	await converse(plain);
	const host = await connect("extended", plain.alice);
	await provoke(plain, await openDirect({ aliceSays: host, bob: plain.bob }));
	await part(plain);
	plain.finish();

	const dora = await account(process.argv[2], "dora");
	await endings(process.argv[2],
		(token = plain.alice.token) => connect("plain", { token }), dora);
	return dialect.finish();
});
