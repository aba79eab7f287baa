// SPDX-License-Identifier: MIT
// tests/clients/library_exit.mjs - uses the client library, closes it, and has
// nothing more to do: Node ends by itself, or the library has left something.
//
//   node library_exit.mjs FILE CASE URL TOKEN ROOM GATEWAY
//
// CASE is when it is closed: `ready`, `connecting`, `waiting` (for a server that
// is away), `asking` (with requests under way), `hung` (the process GATEWAY is
// stopped before, and stays so) or `stopped` (by the server).
import { pathToFileURL } from "node:url";
import WebSocket from "ws";

const [file, when, url, token, room, gateway] = process.argv.slice(2);
const { Parley } = await import(pathToFileURL(file));
const client = new Parley({ url, token, WebSocket });

const until = (state) => new Promise((resolve) => {
	const end = client.on("status", (status) => {
		if (status.state !== state)
			return;
		end();
		resolve();
	});
});

const cases = {
	async ready() {
		await client.ready();
		await client.send(room, "I shall be gone");
		client.typing(room);
	},
	async connecting() {
		client.ready().catch(() => {});
	},
	async waiting() {
		await until("waiting");
		client.send(room, "never heard").catch(() => {});
	},
	async asking() {
		await client.ready();
		client.typing(room);
		for (const promise of [client.rooms(), client.me(), client.unread(),
			client.send(room, "heard or not")])
			promise.catch(() => {});
	},
	async hung() {
		await client.ready();
		process.kill(Number(gateway), "SIGSTOP");
		client.rooms().catch(() => {});
	},
	async stopped() {
		await until("closed");
	},
};

client.open();
await cases[when]();
client.close();
console.log(`closed: ${client.state}`);
