// SPDX-License-Identifier: MIT
// tests/clients/endless.mjs - conversations that go on until the input of the
// program has ended, and what the room has kept of them.
const afterwardsMs = 500; // how long the talk goes on when the input has ended
const pageMax = 500;

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Each speaker says `NAME 1`, `NAME 2` … by `say(words)`, which resolves once that
// was heard and notes how long it took in `waits`. Prints `talking` once all have
// been heard.
export async function talkOn(speakers, pauseMs) {
	let over = false;
	async function talk(speaker) {
		for (let n = 1; !over; n++) {
			await speaker.say(`${speaker.name} ${n}`);
			await sleep(pauseMs);
		}
	}
	const ended = new Promise((resolve) => process.stdin.on("end", resolve).resume());
	const failed = Promise.all(speakers.map(talk));
	failed.catch(() => {});
	while (speakers.some((s) => s.waits.length < 3))
		await Promise.race([sleep(10), failed]);
	console.log("talking");
	await Promise.race([ended, failed]);
	await Promise.race([sleep(afterwardsMs), failed]);
	over = true;
	await failed;
}

// Behind a proxy that speaks TLS.
export const secure = process.env.PARLEY_TEST_TLS === undefined ? "" : "s";

async function page(host, room, token, before) {
	const response = await fetch(
		`http${secure}://${host}/api/rooms/${room}/messages?limit=${pageMax}${before}`,
		{ headers: { Authorization: `Bearer ${token}` } });
	if (!response.ok)
		throw new Error(`history: ${response.status} ${await response.text()}`);
	return response.json();
}

// All that the room has, oldest first.
export async function history(host, room, token) {
	let messages = [], before = "";
	for (;;) {
		const part = await page(host, room, token, before);
		messages = [...part.messages, ...messages];
		if (!part.has_more)
			return messages;
		before = `&before=${messages[0].seq}`;
	}
}

export const longestMs = (speakers) =>
	Math.round(Math.max(...speakers.flatMap((s) => s.waits)));

// Prints what `main` resolves to as a line of JSON; ends with 1 if it does not.
export async function report(main) {
	try {
		console.log(JSON.stringify(await main()));
		process.exit(0);
	} catch (error) {
		console.log(JSON.stringify({ error: error.message }));
		process.exit(1);
	}
}
