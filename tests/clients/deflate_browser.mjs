// SPDX-License-Identifier: MIT
// tests/clients/deflate_browser.mjs - Chromium, which offers compression to every
// server, in a room of the simple dialect.
//
//   deflate_browser.mjs URL WEBSOCKET-URL agreed|ignored
//
// From a page of URL, a WebSocket says texts of many sizes and must hear them as
// they were said. Prints as JSON how many, and the answer to the offer. Ends with
// 1 if that answer is not as it should be.
import { chromium } from "playwright-core";

import { print, run } from "./connection.mjs";

const AGREED =
	"permessage-deflate; server_no_context_takeover; client_no_context_takeover";
const SIZES = [1, 16, 100, 1000, 4000, 16000];

// In the page: says each, and resolves with what came back and what was agreed.
function converse([url, texts]) {
	return new Promise((resolve, reject) => {
		const socket = new WebSocket(url);
		const heard = [];
		const say = () => socket.send(texts[heard.length]);
		socket.onopen = say;
		socket.onmessage = ({ data }) => {
			const frame = JSON.parse(data);
			if (!frame.user_id)
				return;
			heard.push(frame.message);
			if (heard.length < texts.length)
				return say();
			resolve({ heard, extensions: socket.extensions });
			socket.close();
		};
		socket.onclose = ({ code }) => reject(new Error(`closed with ${code}`));
	});
}

// The answer's field as it came, which a page cannot see.
async function listen(page) {
	const wire = await page.context().newCDPSession(page);
	const seen = { request: undefined, answer: undefined };
	wire.on("Network.webSocketHandshakeResponseReceived", ({ response }) => {
		const field = (headers) => Object.entries(headers).find(
			([name]) => name.toLowerCase() === "sec-websocket-extensions")?.[1];
		seen.request = field(response.requestHeaders);
		seen.answer = field(response.headers) ?? "";
	});
	await wire.send("Network.enable");
	return seen;
}

run(import.meta.url, async (page_url, url, wanted) => {
	const browser = await chromium.launch({
		executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
		headless: true, args: ["--no-sandbox", "--disable-gpu"],
	});
	try {
		const page = await browser.newPage();
		await page.goto(page_url);
		const seen = await listen(page);
		const texts = SIZES.map((n) => "ab c".repeat(n / 4).padEnd(n, "x"));
		const { heard, extensions } = await page.evaluate(converse, [url, texts]);
		const answer = wanted === "agreed" ? AGREED : "";
		if (JSON.stringify(heard) !== JSON.stringify(texts))
			throw new Error(`heard ${heard}`);
		if (!seen.request?.startsWith("permessage-deflate"))
			throw new Error(`offered ${seen.request}`);
		if (seen.answer !== answer || extensions !== answer)
			throw new Error(`agreed on ${seen.answer}, ${extensions}`);
		print({ texts: heard.length, extensions });
	} finally {
		await browser.close();
	}
});
