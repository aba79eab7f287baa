// SPDX-License-Identifier: MIT
// tests/clients/hub.mjs - a client of the hub dialect, such as somebody would
// write who has read its documentation and nothing else. It takes the six frames
// that the document names, with just those fields.
//
//   node hub.mjs URL TOKEN ROOM NUMBER TEXT
//
// joins the room, says the text there and to the user of that number, asks for
// both histories and for a room that is not there, and prints the six answers as
// JSON, a line each. Ends with 1 if something is not as the document says.
import { Connection, print, run } from "./connection.mjs";
import { check, isAnything, isIntegerFrom, isOneOf, isText, isTime, parse }
	from "./strict.mjs";

const said = {
	username: isText,
	fromUser: isIntegerFrom(0), // a guest has none, and shows 0
	content: isText,
	timestamp: isTime,
};

const frames = {
	join_ack: { room: isText, status: (v) => v === "ok" },
	message: { ...said, id: isIntegerFrom(1), room: isText },
	dm: { ...said, id: isIntegerFrom(1) },
	room_history: [said],
	dm_history: [said],
	error: { message: isText },
};

// The frame, or an Error that says what is wrong with it.
export function decode(data, isBinary) {
	const frame = parse(data, isBinary);
	check("frame", frame, { type: isOneOf(frames), data: isAnything });
	check(frame.type, frame.data, frames[frame.type]);
	return frame;
}

export class Hub extends Connection {
	static decode = decode;

	static connect(url, token) {
		return Hub.open(url, "hub", { headers: { Authorization: `Bearer ${token}` } });
	}

	send(type, fields) {
		this.socket.send(JSON.stringify({ type, ...fields }));
	}

	// The next frame of that type for whose data `wanted` holds.
	expect(type, wanted = () => true) {
		return this.find((frame) => {
			if (frame.type === "error" && type !== "error")
				throw new Error(frame.data.message);
			return frame.type === type && wanted(frame.data);
		});
	}

	join(room) {
		this.send("join", { room });
		return this.expect("join_ack");
	}

	say(room, content) {
		this.send("message", { room, content });
		return this.expect("message", (said) => said.content === content);
	}

	whisper(to, content) {
		this.send("dm", { to, content });
		return this.expect("dm", (said) => said.content === content);
	}

	roomHistory(room, limit) {
		this.send("room_history", { room, limit });
		return this.expect("room_history");
	}

	dmHistory(number, limit) {
		this.send("dm_history", { with: number, limit });
		return this.expect("dm_history");
	}
}

await run(import.meta.url, async (url, token, room, number, text) => {
	const hub = await Hub.connect(url, token);
	print(await hub.join(room));
	print(await hub.say(room, text));
	print(await hub.whisper(Number(number), text));
	print(await hub.roomHistory(room, 10));
	print(await hub.dmHistory(Number(number), 10));
	hub.send("join", { room: "a room that is not there" });
	print(await hub.expect("error"));
});
