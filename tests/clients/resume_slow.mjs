// SPDX-License-Identifier: MIT
// tests/clients/resume_slow.mjs - resumes, and then reads nothing until the input
// says `read`.
//
//   resume_slow.mjs HOST TOKEN ROOM …   from the first message of each room on;
//                                       prints `asked`, and in the end how much it
//                                       was told, or what was wrong with it
import { once } from "node:events";
import { Resuming } from "./resume.mjs";
import { report } from "./endless.mjs";

const [host, token, ...rooms] = process.argv.slice(2);

await report(async () => {
	const client = await Resuming.at(
		host, token, Object.fromEntries(rooms.map((room) => [room, 0])));
	await client.find((f) => f.type === "PresenceUpdate");
	const resumed = client.resume();
	client.socket.pause();
	console.log("asked");
	await Promise.race([once(process.stdin, "data"), resumed]);
	client.socket.resume();
	await resumed;
	return { told: client.messages.length };
});
