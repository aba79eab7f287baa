// SPDX-License-Identifier: MIT
// tests/clients/relay.mjs - stands between two daemons' sockets.
//
//   node relay.mjs SOCKET TARGET-SOCKET
//
// Prints `ready`. On SIGUSR2 it takes nothing for a quarter of a second, so that
// much is under way, and then cuts all connections: what it had is lost.
import { connect, createServer } from "node:net";

const [from, to] = process.argv.slice(2);
const stallMs = 250;
const sockets = new Set();

function pass(source, target) {
	source.on("data", (bytes) => target.destroyed || target.write(bytes));
	source.on("error", () => {}).on("close", () => {
		sockets.delete(source);
		target.destroy();
	});
	sockets.add(source);
}

function cut() {
	for (const socket of sockets)
		socket.destroy();
}

process.on("SIGUSR2", () => {
	for (const socket of sockets)
		socket.pause();
	setTimeout(cut, stallMs);
});

const server = createServer((near) => {
	const far = connect(to);
	pass(near, far);
	pass(far, near);
});
server.listen(from, () => console.log("ready"));
