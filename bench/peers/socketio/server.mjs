// SPDX-License-Identifier: MIT
// bench/peers/socketio/server.mjs - rooms on socket.io, WebSocket alone: who
// connects names a room, and what he says goes to all who are in it, himself too.
//
//   node server.mjs PORT
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, {
	transports: ["websocket"], serveClient: false, perMessageDeflate: false,
	maxHttpBufferSize: 64 * 1024,
});

// As its page on memory says: the request is not needed any more.
io.engine.on("connection", (socket) => { socket.request = null; });

io.on("connection", (socket) => {
	const { room } = socket.handshake.auth;
	socket.join(room);
	socket.on("say", (text) => io.to(room).emit("say", text));
});

http.listen({ host: "127.0.0.1", port: Number(process.argv[2]), backlog: 4096 });
