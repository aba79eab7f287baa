// SPDX-License-Identifier: MIT
// tests/clients/page_friend.mjs - somebody who was sent the page's invitation and
// uses another program: it shares no code with the page, only the link's format
// and how messages are encrypted.
//
//   node page_friend.mjs URL LINK NAME PASSWORD TEXT ANSWER
//     joins, prints what was said before, one message a line as `sender: text`;
//     says TEXT and waits until somebody says ANSWER
//
// An empty PASSWORD is none. Ends with 1 if a message cannot be decrypted, or
// nothing comes.
import WebSocket from "ws";
import { decrypt, encrypt } from "./sealed.mjs";

const [url, link, name, password, text, answer] = process.argv.slice(2);
const [, join_key, , ours] = /#sealed=([\w-]+)(\.([\w-]+))?$/u.exec(link);
let key = ours ? Buffer.from(ours, "base64url") : null;

const socket = new WebSocket(url);
const send = (frame) => socket.send(JSON.stringify(frame));
const patience = setTimeout(() => end(1, "nothing came"), 20000);

function end(status, why = "") {
	clearTimeout(patience);
	if (why)
		console.error(why);
	socket.close();
	process.exitCode = status;
}

const hear = {
	RoomJoined({ encryption_key }) {
		if (Boolean(encryption_key) === Boolean(ours))
			return end(1, "the key is in both places, or in neither");
		key ??= Buffer.from(encryption_key, "base64");
		send({ GetHistory: { limit: 500 } });
	},
	History({ messages }) {
		for (const { sender, content } of messages)
			console.log(`${sender}: ${decrypt(key, content)}`);
		send({ ChatMessage: { content: encrypt(key, text) } });
	},
	ChatMessage({ content }) {
		if (decrypt(key, content) === answer)
			end(0);
	},
	Error: ({ message }) => end(1, message),
};

socket.on("open", () =>
	send({ JoinRoom: { join_key, password: password || null, name } }));
socket.on("message", (data) => {
	const [[variant, fields]] = Object.entries(JSON.parse(data));
	try {
		hear[variant]?.(fields);
	} catch (error) {
		end(1, error.message);
	}
});
socket.on("error", (error) => end(1, error.message));
