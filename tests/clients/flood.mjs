// SPDX-License-Identifier: MIT
// tests/clients/flood.mjs - several connections that post as fast as they are
// answered, and a file that says which of it was acknowledged.
//
//   node flood.mjs HOST:PORT ROOM-ID FILE TOKEN…
//
// Each has a window of posts under way. A line of FILE is the text of a post
// that was acknowledged, written at once. Prints `flooding` when the first one
// was, posts until its input has ended, and prints how many there were.
import { appendFileSync } from "node:fs";
import { Campfire } from "./campfire.mjs";

const [host, room, file, ...tokens] = process.argv.slice(2);
const underWay = 16; // of each connection
let over = false;
let acknowledged = 0;

async function post(client, lane) {
	for (let n = 1; !over; n++) {
		const text = `${lane} ${n}`;
		await client.post(room, text);
		appendFileSync(file, `${text}\n`);
		if (++acknowledged === 1)
			console.log("flooding");
	}
}

process.stdin.on("end", () => { over = true; }).resume();
const clients = await Promise.all(tokens.map((token) =>
	Campfire.connect(`ws://${host}/ws/campfire?v=2`, token)));
await Promise.all(clients.flatMap((client, c) => Array.from({ length: underWay },
	(_, lane) => post(client, `${c}.${lane}`))));
for (const client of clients)
	client.close();
console.log(acknowledged);
