// SPDX-License-Identifier: MIT
// tests/clients/schema_hub.mjs - a conversation in which each message of
// docs/api/hub.yaml comes.
//
// node schema_hub.mjs HOST
import { account, Dialect, endings, play, rest, tooMany, without }
	from "./schema.mjs";

const [host] = process.argv.slice(2);
const dialect = new Dialect("hub");

function connect({ token }) {
	return dialect.open("plain", `ws://${host}/ws/hub?token=${token}`);
}

async function refused(speaker, frame) {
	speaker.send(frame);
	await speaker.expect("error");
}

async function refusedWrong(speaker, frame) {
	speaker.sendWrong(frame);
	await speaker.expect("error");
}

async function talk(aliceSays, bobSays, alice) {
	for (const speaker of [aliceSays, bobSays]) {
		speaker.send({ type: "join", room: "den" });
		await speaker.expect("join_ack", { data: { room: "den" } });
	}
	const content = "“quoted” \\ \u0007 🦊";
	aliceSays.send({ type: "message", room: "den", content });
	for (const speaker of [aliceSays, bobSays])
		await speaker.expect("message_out",
			{ data: { fromUser: alice.number, content } });
	bobSays.send({ type: "room_history", room: "den", limit: 20 });
	await bobSays.expect("room_history_out", { data: ({ length }) => length === 1 });
	bobSays.send({ type: "room_history", room: "den" });
	await bobSays.expect("room_history_out");
}

async function whisper(aliceSays, bobSays, alice, bob) {
	bobSays.send({ type: "dm_history", with: alice.number });
	await bobSays.expect("dm_history_out", { data: [] });
	aliceSays.send({ type: "dm", to: bob.number, content: "psst" });
	for (const speaker of [aliceSays, bobSays])
		await speaker.expect("dm_out", { data: { content: "psst" } });
	bobSays.send({ type: "dm_history", with: alice.number, limit: 500 });
	await bobSays.expect("dm_history_out", { data: ({ length }) => length === 1 });
}

async function provoke(aliceSays, alice) {
	for (const frame of ["{", "[]", { type: 7 }, { type: "shout" }, { type: "join" },
		{ type: "join", room: "" }, { type: "join", room: "x".repeat(65) },
		{ type: "message", room: "den" },
		{ type: "message", room: "den", content: "" },
		{ type: "message", room: "den", content: "x".repeat(40961) },
		{ type: "dm", to: "bob", content: "psst" },
		{ type: "dm", to: 0, content: "psst" },
		{ type: "room_history", room: "den", limit: 0 },
		{ type: "room_history", room: "den", limit: 501 }])
		await refusedWrong(aliceSays, frame);
	for (const frame of [{ type: "join", room: "nowhere" },
		{ type: "message", room: "attic", content: "not joined" },
		{ type: "dm", to: alice.number, content: "to myself" },
		{ type: "dm", to: 1000000, content: "to nobody" },
		{ type: "dm_history", with: 1000000 },
		{ type: "room_history", room: "nowhere" }])
		await refused(aliceSays, frame);
	aliceSays.sendBinary([123, 125]);
	await aliceSays.expect("error");
	await without("store", () =>
		refused(aliceSays, { type: "room_history", room: "den" }));
	await tooMany((content) => aliceSays.send({ type: "message", room: "den", content }));
	await aliceSays.expect("error");
}

play(async () => {
	const alice = await account(host, "alice"), bob = await account(host, "bob");
	for (const name of ["den", "attic"])
		await rest(host, "POST", "/api/rooms", alice, { name });
	const aliceSays = await connect(alice), bobSays = await connect(bob);
	await talk(aliceSays, bobSays, alice);
	await whisper(aliceSays, bobSays, alice, bob);
	await provoke(aliceSays, alice);
	await endings(host, (token = alice.token) => connect({ token }), bob);
	return dialect.finish();
});
