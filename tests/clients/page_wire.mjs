// SPDX-License-Identifier: MIT
// tests/clients/page_wire.mjs - stands between browsers and the gateway and
// writes down all that either says, as it is before TLS and masks.
//
//   node page_wire.mjs HOST:PORT FILE
//     prints the port that it listens at, and goes on until it is killed
import { appendFileSync } from "node:fs";
import { createServer, request } from "node:http";
import WebSocket, { WebSocketServer } from "ws";

const [host, file] = process.argv.slice(2);
const note = (...words) => appendFileSync(file, `${words.join(" ")}\n`);

const server = createServer((asked, answer) => {
	note("request", asked.method, asked.url, JSON.stringify(asked.headers));
	const onward = request(`http://${host}${asked.url}`, {
		method: asked.method, headers: asked.headers,
	}, (got) => {
		answer.writeHead(got.statusCode, got.headers);
		got.pipe(answer);
	});
	onward.on("error", () => answer.destroy());
	asked.on("data", (bytes) => note("body", bytes));
	asked.pipe(onward);
});

const doors = new WebSocketServer({ noServer: true });
server.on("upgrade", (asked, socket, head) => {
	note("upgrade", asked.url, JSON.stringify(asked.headers));
	doors.handleUpgrade(asked, socket, head, (near) => join(asked, near));
});

// What the browser says before the gateway listens waits for it.
function join(asked, near) {
	const { host: name, origin, cookie = "" } = asked.headers;
	const far = new WebSocket(`ws://${host}${asked.url}`, {
		headers: { host: name, origin, cookie }, perMessageDeflate: false,
	});
	const opened = new Promise((resolve) => far.on("open", resolve));
	near.on("message", async (data) => {
		note("said", data);
		await opened;
		far.send(String(data));
	});
	far.on("message", (data) => {
		note("heard", data);
		near.send(String(data));
	});
	near.on("close", () => far.terminate());
	far.on("close", () => near.terminate());
	for (const end of [near, far])
		end.on("error", () => {});
}

server.listen(0, "127.0.0.1", () => console.log(server.address().port));
