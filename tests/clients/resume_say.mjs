// SPDX-License-Identifier: MIT
// tests/clients/resume_say.mjs - says much at once.
//
//   resume_say.mjs HOST TOKEN ROOM COUNT [WORDS]   COUNT messages, each its number
//                                                  and the words; ends once all
//                                                  have come back
import { Connection, run } from "./connection.mjs";
import { parse } from "./strict.mjs";

const aheadMax = 200; // messages of its own that may be under way
const aheadBytesMax = 200000;

export class Saying extends Connection {
	static decode = parse;
	static patienceMs = 30000;

	// Resolves once that many of its own have come back.
	async say(room_id, count, words) {
		const bytes = JSON.stringify(words).length;
		const ahead = Math.ceil(Math.min(aheadMax, aheadBytesMax / bytes));
		for (let said = 0, back = 0; back < count;) {
			for (; said < count && said - back < ahead; said++)
				this.socket.send(JSON.stringify({
					type: "CreateMessage", room_id, content: `${said + 1}${words}`,
				}));
			const frame = await this.find((f) =>
				f.type === "Error" || f.type === "NewMessage");
			if (frame.type === "Error")
				throw new Error(JSON.stringify(frame));
			back += frame.message.room_id === room_id;
		}
	}
}

async function main(host, token, room, count, words = "") {
	const client = await Saying.open(
		`ws://${host}/ws/campfire?v=2&resume=1&token=${token}`);
	client.socket.send(JSON.stringify({ type: "Resume", rooms: {} }));
	await client.find((f) => f.type === "Resumed");
	await client.say(room, Number(count), JSON.parse(`"${words}"`));
	await client.close();
}

await run(import.meta.url, main);
