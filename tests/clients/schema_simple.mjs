// SPDX-License-Identifier: MIT
// tests/clients/schema_simple.mjs - a conversation in which each message of
// docs/api/simple.yaml comes.
//
// node schema_simple.mjs HOST
import { account, Dialect, endings, play, rest, tooMany, without }
	from "./schema.mjs";

const [host] = process.argv.slice(2);
const dialect = new Dialect("simple");

const connect = (token, room = "den") =>
	dialect.open("plain", `ws://${host}/ws?token=${token}&room=${room}`);

async function talk(aliceSays, bobSays) {
	await aliceSays.expect("joined", { message: "system: bob joined" });
	await bobSays.expect("joined", { message: "system: bob joined" });
	const said = [
		[{ message: "“quoted” \\ \u0007 🦊" }, "“quoted” \\ \u0007 🦊"],
		["good morning", "good morning"],
		['{"message": 7}', '{"message": 7}'],
		['["message"]', '["message"]'],
		["system: alice left", "system: alice left"], // it has a user_id
	];
	for (const [frame, message] of said) {
		bobSays.send(frame);
		for (const speaker of [aliceSays, bobSays])
			await speaker.expect("message", { username: "bob", message });
	}
	await bobSays.leave();
	await aliceSays.expect("left", { message: "system: bob left" });
}

async function provoke(aliceSays, bob) {
	for (const wrong of ["", "x".repeat(40961)]) {
		aliceSays.sendWrong(wrong);
		await aliceSays.expect("refused");
	}
	// No schema can say of a text that it is no JSON object with a message.
	aliceSays.socket.send('{"message": ""}');
	await aliceSays.expect("refused");
	aliceSays.sendBinary([97]);
	await aliceSays.expect("refused");
	await without("store", async () => {
		aliceSays.send("is anybody there?");
		await aliceSays.expect("refused");
	});
	await tooMany((text) => aliceSays.send(text));
	await aliceSays.expect("refused");
	const outsider = await connect(bob.token, "cellar");
	await outsider.expect("refused");
	await outsider.closed(1008);
}

play(async () => {
	const alice = await account(host, "alice"), bob = await account(host, "bob");
	await rest(host, "POST", "/api/rooms", alice, { name: "cellar", kind: "private" });
	const aliceSays = await connect(alice.token);
	await aliceSays.expect("joined", { message: "system: alice joined" });
	await talk(aliceSays, await connect(bob.token));
	await provoke(aliceSays, bob);
	await endings(host, (token = alice.token) => connect(token), bob);
	return dialect.finish();
});
