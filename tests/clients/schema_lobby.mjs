// SPDX-License-Identifier: MIT
// tests/clients/schema_lobby.mjs - a conversation in which each message of one
// channel of docs/api/lobby.yaml comes.
//
// node schema_lobby.mjs HOST plain|rooms
import { account, Dialect, endings, play, rest, tooMany } from "./schema.mjs";

const [host, channel] = process.argv.slice(2);
const dialect = new Dialect("lobby");

const connect = (token) =>
	dialect.open(channel, `ws://${host}/${token ? `?token=${token}` : ""}`);

const frame = (type, sender, body = {}, token = undefined) => ({
	message_type: type,
	message_body: { sender_username: sender, ...body },
	...(token && { token }),
});

// `room` in what follows is {} or {room: …}; `token` may be left out.
async function talk(aliceSays, bobSays, room, token) {
	const content = "“quoted” \\ \u0007 🦊";
	aliceSays.send(frame("Enter", "alice", room, token?.alice));
	await entered(aliceSays, room, token?.alice);
	bobSays.send(frame("Enter", "bob", room, token?.bob));
	await aliceSays.expect("Entered", { message_body: { sender_username: "bob", ...room } });
	bobSays.send(frame("GroupChat", "bob", { content, ...room }, token?.bob));
	for (const speaker of [aliceSays, bobSays])
		await speaker.expect("GroupChatted",
			{ message_body: { sender_username: "bob", content, ...room } });
	aliceSays.send(frame("PrivateChat", "alice",
		{ target_username: "bob", content: "psst" }, token?.alice));
	for (const speaker of [aliceSays, bobSays])
		await speaker.expect("PrivateChatted", { message_body:
			{ sender_username: "alice", target_username: "bob", content: "psst" } });
	bobSays.send(frame("Leave", "bob", room, token?.bob));
	await aliceSays.expect("Left", { message_body: { sender_username: "bob", ...room } });
}

// No answer tells that; what one says oneself does.
async function entered(speaker, room, token) {
	speaker.send(frame("GroupChat", "alice", { content: "me", ...room }, token));
	await speaker.expect("GroupChatted", { message_body: { content: "me" } });
}

const refused = async (open, say) => {
	const speaker = await open();
	await say(speaker);
	await speaker.closed(1008);
};

async function provoke(open, token) {
	for (const wrong of ["{", "[]", frame("Shout", "zoe"), { message_type: "Enter" },
		{ message_type: "Enter", message_body: {} },
		frame("Enter", ""), frame("Enter", "x".repeat(65)),
		{ ...frame("Enter", "zoe"), token: 7 }].slice(0, token ? 8 : 7))
		await refused(open, (s) => s.sendWrong(wrong));
	await refused(open, (s) => s.send(frame("GroupChat", "zoe", { content: "hi" }, token)));
	await refused(open, (s) => s.send(frame("Leave", "zoe", {}, token)));
	await refused(open, (s) => s.sendBinary([123, 125]));
	await refused(open, (s) => {
		s.send(frame("Enter", "zoe", {}, token));
		return tooMany((content) => s.send(frame("GroupChat", "zoe", { content }, token)));
	});
}

async function plain() {
	const aliceSays = await connect(), bobSays = await connect();
	await talk(aliceSays, bobSays, {});
	await provoke(() => connect());
	await refused(() => connect(), (s) => s.send(frame("Enter", "alice")));
	await refused(() => connect(),
		(s) => s.sendWrong(frame("Enter", "zoe", { room: "den" })));
	await endings(host, () => connect());
}

async function rooms() {
	const people = {}, token = {};
	for (const name of ["alice", "bob", "zoe"]) {
		people[name] = await account(host, name);
		token[name] = people[name].token;
	}
	await rest(host, "POST", "/api/rooms", people.alice, { name: "den" });
	await talk(await connect(token.alice), await connect(token.bob), {});
	await talk(await connect(), await connect(), { room: "den" }, token);
	await provoke(() => connect(), token.zoe);
	await refused(() => connect(), (s) => s.send(frame("Enter", "zoe")));
	await refused(() => connect(),
		(s) => s.send(frame("Enter", "zoe", {}, token.alice)));
	await endings(host, connect, people.zoe);
}

play(async () => {
	await (channel === "plain" ? plain() : rooms());
	return dialect.finish([channel]);
});
