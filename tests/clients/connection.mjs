// SPDX-License-Identifier: MIT
// tests/clients/connection.mjs - what the clients in Node have in common that is
// no dialect's own: a connection of which each frame is decoded, and a program
// that ends with 1 if something is not as the document says.
import { fileURLToPath } from "node:url";
import WebSocket from "ws";

// A class that extends this one has `static decode(data, isBinary)`.
export class Connection {
	static patienceMs = 10000;

	// Resolves once it is open; the words are those of a WebSocket.
	static open(...words) {
		const client = new this(new WebSocket(...words));
		return new Promise((resolve, reject) => {
			client.socket.once("open", () => resolve(client));
			client.socket.once("error", reject);
		});
	}

	constructor(socket) {
		this.socket = socket;
		this.heard = [];
		this.stir = () => {};
		socket.on("message", (data, isBinary) => this.#hear({ data, isBinary }));
		socket.on("close", (code) => this.#hear({ code }));
	}

	#hear(event) {
		this.heard.push(event);
		this.stir();
	}

	// The very next frame.
	async next() {
		const { decode, patienceMs } = this.constructor;
		if (this.heard.length === 0)
			await new Promise((resolve, reject) => {
				const timer = setTimeout(
					() => reject(new Error("nothing came")), patienceMs);
				this.stir = () => resolve(clearTimeout(timer));
			});
		const { code, data, isBinary } = this.heard.shift();
		if (code !== undefined)
			throw new Error(`closed with ${code}`);
		return decode(data, isBinary);
	}

	// The next frame for which `wanted(frame)` holds; what is skipped is decoded.
	async find(wanted) {
		for (;;) {
			const frame = await this.next();
			if (wanted(frame))
				return frame;
		}
	}

	// Resolves once the server has read all that was sent.
	close() {
		this.socket.close();
		return new Promise((resolve) => this.socket.once("close", resolve));
	}
}

export const print = (value) => console.log(JSON.stringify(value));

// Runs `main` if the module of that URL is the program.
export async function run(url, main) {
	if (process.argv[1] !== fileURLToPath(url))
		return;
	try {
		await main(...process.argv.slice(2));
		process.exit(0);
	} catch (error) {
		console.error(error.message);
		process.exit(1);
	}
}
