// SPDX-License-Identifier: MIT
// bench/peers/ws/server.mjs - rooms on Node's `ws`: what a member of the room
// that the path names says goes to all of its members, the sender too.
//
//   node server.mjs PORT
import { createRequire } from "node:module";

// Not imported, so that NODE_PATH counts: tests have a copy of their own.
const { WebSocketServer } = createRequire(import.meta.url)("ws");

const rooms = new Map();
const server = new WebSocketServer({
	host: "127.0.0.1", port: Number(process.argv[2]), backlog: 4096,
	perMessageDeflate: false, maxPayload: 64 * 1024, clientTracking: false,
});

function enter(name, client) {
	let room = rooms.get(name);
	if (!room)
		rooms.set(name, room = new Set());
	room.add(client);
	return room;
}

function leave(name, room, client) {
	room.delete(client);
	if (room.size === 0)
		rooms.delete(name);
}

server.on("connection", (client, request) => {
	const name = request.url;
	const room = enter(name, client);
	client.on("message", (data, isBinary) => {
		for (const member of room)
			member.send(data, { binary: isBinary });
	});
	client.on("close", () => leave(name, room, client));
	client.on("error", () => {});
});
