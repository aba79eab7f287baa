// SPDX-License-Identifier: MIT
// tests/clients/lobby.mjs - a client of the lobby dialect, such as somebody would
// write who has read its documentation and nothing else. It takes the four frames
// that the document names, with just those fields, and never a token.
//
//   node lobby.mjs URL NAME TARGET TEXT [TOKEN]
//
// enters, says the text to all and to the target, waits for an answer by the
// target in private, and leaves; prints the three frames that it heard of this as
// JSON, a line each. Shows the token, if any, on each frame. Ends with 1 if
// something is not as the document says.
import { Connection, print, run } from "./connection.mjs";
import { check, isAnything, isOneOf, isText, parse } from "./strict.mjs";

const someone = { sender_username: isText };

const bodies = {
	Enter: someone,
	Leave: someone,
	GroupChat: { ...someone, content: isText },
	PrivateChat: { ...someone, target_username: isText, content: isText },
};

// Where a client asked for another room than the lobby, its frames name it.
const isOtherRoom = (v) => isText(v) && v.toLowerCase() !== "lobby";

// The frame, or an Error that says what is wrong with it.
export function decode(data, isBinary) {
	const frame = parse(data, isBinary);
	check("frame", frame, { message_type: isOneOf(bodies), message_body: isAnything });
	const { message_type, message_body } = frame;
	const room = Object.hasOwn(message_body ?? {}, "room") && { room: isOtherRoom };
	check(message_type, message_body, { ...bodies[message_type], ...room });
	return frame;
}

export class Lobby extends Connection {
	static decode = decode;

	static async connect(url, name, token) {
		return Object.assign(await Lobby.open(url, "lobby"), { name, token });
	}

	// A token that is undefined is none.
	send(message_type, fields) {
		const message_body = { sender_username: this.name, ...fields };
		this.socket.send(JSON.stringify(
			{ message_type, message_body, token: this.token }));
	}

	// The next frame of that type for whose body `wanted` holds.
	expect(type, wanted) {
		return this.find(({ message_type, message_body }) =>
			message_type === type && wanted(message_body));
	}

	#hearMyself(type, text) {
		return this.expect(type, ({ sender_username, content }) =>
			sender_username === this.name && content === text);
	}

	say(content) {
		this.send("GroupChat", { content });
		return this.#hearMyself("GroupChat", content);
	}

	whisper(target_username, content) {
		this.send("PrivateChat", { target_username, content });
		return this.#hearMyself("PrivateChat", content);
	}
}

await run(import.meta.url, async (url, name, target, text, token) => {
	const lobby = await Lobby.connect(url, name, token);
	lobby.send("Enter");
	print(await lobby.say(text));
	print(await lobby.whisper(target, text));
	print(await lobby.expect("PrivateChat",
		({ sender_username }) => sender_username === target));
	lobby.send("Leave");
	await lobby.close();
});
