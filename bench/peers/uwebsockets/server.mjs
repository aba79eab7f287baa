// SPDX-License-Identifier: MIT
// bench/peers/uwebsockets/server.mjs - rooms on uWebSockets.js: what a member of
// the room that the path names says is published to all of its members, the
// sender too.
//
//   node server.mjs PORT
import uWS from "@trufflesuite/uws-js-unofficial";

// Without a binary for this Node the package brings `ws` in its stead.
if (uWS.DISABLED === undefined) {
	console.error("uWebSockets.js has no binary for this Node");
	process.exit(1);
}

const app = uWS.App().ws("/*", {
	compression: uWS.DISABLED,
	maxPayloadLength: 64 * 1024,
	maxBackpressure: 1024 * 1024,
	idleTimeout: 120,
	sendPingsAutomatically: true,
	upgrade(response, request, context) {
		response.upgrade({ room: request.getUrl() },
			request.getHeader("sec-websocket-key"),
			request.getHeader("sec-websocket-protocol"),
			request.getHeader("sec-websocket-extensions"), context);
	},
	open(socket) {
		socket.subscribe(socket.getUserData().room);
	},
	message(socket, message, isBinary) {
		app.publish(socket.getUserData().room, message, isBinary);
	},
});

app.listen("127.0.0.1", Number(process.argv[2]), (listener) => {
	if (!listener) {
		console.error(`cannot listen on 127.0.0.1:${process.argv[2]}`);
		process.exit(1);
	}
});
