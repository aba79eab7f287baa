// SPDX-License-Identifier: MIT
// tests/clients/pipeline.mjs - several connections that say much at once, while
// a link behind the gateway is cut again and again.
//
//   node pipeline.mjs HOST:PORT ROOM-ID RELAY-PID TOKEN…
//
// In each round everybody says a number of posts without waiting for any, and
// the relay (relay.mjs) is told to cut. Ends with 1 if a post is refused, is not
// kept once, or stands before one that its connection said earlier; prints a
// line of JSON otherwise.
import { Campfire } from "./campfire.mjs";
import { history } from "./endless.mjs";

const [host, room, relay, ...tokens] = process.argv.slice(2);
const rounds = 4;
const posts = 40; // of each connection in a round
const padding = "x".repeat(8000);

async function oneRound(clients, round) {
	const answers = clients.flatMap((client, c) => Array.from({ length: posts },
		(_, i) => client.post(room, `${c} ${round * posts + i} ${padding}`)));
	process.kill(Number(relay), "SIGUSR2");
	await Promise.all(answers);
}

// The number of each post, by connection, in the order of the room.
function said(kept) {
	const numbers = tokens.map(() => []);
	for (const { content } of kept) {
		const [c, i] = content.split(" ");
		numbers[c].push(Number(i));
	}
	return numbers;
}

const clients = [];
for (const token of tokens)
	clients.push(await Campfire.connect(`ws://${host}/ws/campfire?v=2`, token));
for (let round = 0; round < rounds; round++)
	await oneRound(clients, round);
for (const [c, numbers] of said(await history(host, room, tokens[0])).entries())
	if (numbers.length !== rounds * posts || numbers.some((n, i) => n !== i))
		throw new Error(`connection ${c}: kept in the order ${numbers.join(" ")}`);
console.log(JSON.stringify({ posts: clients.length * rounds * posts, cuts: rounds }));
for (const client of clients)
	client.close();
