// SPDX-License-Identifier: MIT
// tests/clients/schema_sealed.mjs - a conversation in which each message of
// docs/api/sealed.yaml comes, in both channels.
//
// node schema_sealed.mjs HOST
import { Dialect, endings, play, tooMany, without } from "./schema.mjs";

const [host] = process.argv.slice(2);
const dialect = new Dialect("sealed");
const QUERY = { plain: "", extended: "?v=2" };

const connect = (channel) =>
	dialect.open(channel, `ws://${host}/ws/sealed${QUERY[channel]}`);

const content = "5Zt3cQm1y0lq8a2fDk0nYw6vY3o6o1rO0Qd7n1H3W0s=";

async function create(speaker, wish = {}) {
	speaker.send({ CreateRoom: { name: "cellar", description: "", password: null, ...wish } });
	const { RoomCreated } = await speaker.expect("RoomCreated");
	return RoomCreated;
}

async function join(speaker, join_key, name, password = null) {
	speaker.send({ JoinRoom: { join_key, password, name } });
	const { RoomJoined } = await speaker.expect("RoomJoined");
	return RoomJoined;
}

async function talk(owner, guest) {
	const { room_info: { join_key }, encryption_key } = await create(owner);
	const joined = await join(guest, join_key, "bob");
	if (joined.encryption_key !== encryption_key)
		throw new Error("two keys for one room");
	await owner.expect("ParticipantJoined", { ParticipantJoined: { name: "bob" } });
	guest.send({ ChatMessage: { content } });
	for (const speaker of [owner, guest])
		await speaker.expect("ChatMessageOut", { ChatMessage: { sender: "bob", content } });
	for (const ask of ['"GetMembers"', { GetMembers: null }, { GetMembers: {} }]) {
		owner.send(ask);
		await owner.expect("RoomJoined", { RoomJoined: { participants: ["Owner", "bob"] } });
	}
	return join_key;
}

async function lock(owner, guest) {
	const { room_info } = await create(owner, { password: "three words here" });
	if (!room_info.has_password)
		throw new Error("no password");
	await join(guest, room_info.join_key, "bob", "three words here");
	await owner.expect("ParticipantJoined");
}

async function provoke(speaker, stranger, join_key) {
	const refusedWrong = async (frame) => {
		speaker.sendWrong(frame);
		await speaker.expect("Error");
	};
	const refused = async (who, frame) => {
		who.send(frame);
		await who.expect("Error");
	};
	for (const frame of ["{", "[]", '"Shout"', { Shout: {} }, { CreateRoom: {} },
		{ ChatMessage: {} }, { ChatMessage: { content: "" } },
		{ ChatMessage: { content: "x".repeat(40961) } },
		{ ChatMessage: { content }, GetMembers: null }])
		await refusedWrong(frame);
	await refused(stranger, { ChatMessage: { content } });
	await refused(stranger, { GetMembers: null });
	await refused(stranger,
		{ JoinRoom: { join_key: "x".repeat(join_key.length), password: null, name: "eve" } });
	await refused(stranger, { JoinRoom: { join_key, password: null, name: "Owner" } });
	speaker.sendBinary([123, 125]);
	await speaker.expect("Error");
	await without("auth", () => refused(speaker,
		{ CreateRoom: { name: "attic", description: "", password: null } }));
	await tooMany(() => speaker.send({ ChatMessage: { content } }));
	await speaker.expect("Error");
}

async function extend(owner, guest) {
	guest.send({ GetHistory: { limit: 500 } });
	await guest.expect("History", { History: { messages: [] } });
	guest.send({ ChatMessage: { content } });
	await owner.expect("ChatMessageOut");
	owner.send({ GetHistory: {} });
	await owner.expect("History", { History: { messages: [{ sender: "bob", content }] } });
	for (const limit of [0, 501]) {
		owner.sendWrong({ GetHistory: { limit } });
		await owner.expect("Error");
	}
	await guest.leave();
	await owner.expect("ParticipantLeft", { ParticipantLeft: { name: "bob" } });
	const { encryption_key, room_info } = await create(owner, { key: "client" });
	const joined = await join(await connect("extended"), room_info.join_key, "bob");
	if (encryption_key !== "" || joined.encryption_key !== "")
		throw new Error("the server has a key");
}

play(async () => {
	for (const channel of ["plain", "extended"]) {
		const owner = await connect(channel), guest = await connect(channel);
		const join_key = await talk(owner, guest);
		const other = await connect(channel);
		await create(other);
		await provoke(other, await connect(channel), join_key);
		await lock(owner, guest);
		if (channel === "extended")
			await extend(owner, guest);
	}
	await endings(host, () => connect("plain"));
	return dialect.finish();
});
