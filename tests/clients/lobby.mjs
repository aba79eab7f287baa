// SPDX-License-Identifier: MIT
// tests/clients/lobby.mjs - a strict decoder of the lobby dialect, written from
// its document alone: the four frames, with exactly the documented fields, and
// never a token.
//
// As a program it is the cast of ws.mjs in which each lobby client (and each hub
// client) decodes what it hears, as in hub.mjs.
import { fileURLToPath } from "node:url";
import { check, decode as decodeHub, direct, isText } from "./hub.mjs";

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
export function decode(text) {
	const frame = JSON.parse(text);
	check("frame", frame, {
		message_type: (v) => isText(v) && Object.hasOwn(bodies, v),
		message_body: () => true,
	});
	const shape = { ...bodies[frame.message_type] };
	if (Object.hasOwn(frame.message_body ?? {}, "room"))
		shape.room = isOtherRoom;
	check(frame.message_type, frame.message_body, shape);
	return frame;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	await direct({ lobby: decode, hub: decodeHub }, "lobby");
