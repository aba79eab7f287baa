// SPDX-License-Identifier: MIT
// tests/clients/deflate.mjs - clients that ask for compression in every way that
// `ws` has, and some that do not, in one room of the simple dialect.
//
//   deflate.mjs URL
//
// Each says a long text, and each must hear all of them as they were said. Ends
// with 1 if that is not so, or if the answer to an offer is not as it should be.
import { Connection, print, run } from "./connection.mjs";

const AGREED =
	"permessage-deflate; server_no_context_takeover; client_no_context_takeover";
const TEXT_BYTES = 12000;

// The option of `ws`, and what must have been agreed on.
const OFFERS = [
	[false, ""],
	[true, AGREED],
	[{ threshold: 0 }, AGREED],
	[{ serverNoContextTakeover: true }, AGREED],
	[{ clientNoContextTakeover: true }, AGREED],
	[{ serverNoContextTakeover: true, clientNoContextTakeover: true }, AGREED],
	[{ clientMaxWindowBits: 9 }, AGREED],
	[{ clientMaxWindowBits: 15, threshold: 0 }, AGREED],
	[{ serverMaxWindowBits: 8 }, ""],
	...[9, 10, 11, 12, 13, 14, 15].map((bits) => [
		{ serverMaxWindowBits: bits }, `${AGREED}; server_max_window_bits=${bits}`,
	]),
	[{
		serverNoContextTakeover: true, clientNoContextTakeover: true,
		serverMaxWindowBits: 9, clientMaxWindowBits: 9, threshold: 0,
	}, `${AGREED}; server_max_window_bits=9`],
];

class Talker extends Connection {
	static decode = (data) => JSON.parse(data);

	constructor(socket) {
		super(socket);
		socket.once("upgrade", (response) => {
			this.agreed = response.headers["sec-websocket-extensions"] ?? "";
		});
	}
}

// Its second half repeats the first: too far away for a small window.
function textOf(number) {
	let half = `${number}: `;
	for (let seed = number + 1; half.length < TEXT_BYTES / 2;)
		half += String.fromCharCode(
			97 + (seed = seed * 48271 % 0x7fffffff) % 26);
	return half + half;
}

async function enter(url, [option, agreed]) {
	const talker = await Talker.open(url, { perMessageDeflate: option });
	if (talker.agreed !== agreed)
		throw new Error(`${JSON.stringify(option)}: ${talker.agreed}`);
	return talker;
}

function must(isSo, ...words) {
	if (!isSo)
		throw new Error(words.join(" "));
}

run(import.meta.url, async (url) => {
	const talkers = [];
	for (const offer of OFFERS)
		talkers.push(await enter(url, offer));
	for (const [number, speaker] of talkers.entries()) {
		speaker.socket.send(textOf(number));
		for (const [other, talker] of talkers.entries()) {
			const { message } = await talker.find((frame) => frame.user_id);
			must(message === textOf(number), other, "heard", message);
		}
	}
	const all = talkers.length * TEXT_BYTES;
	for (const [number, { socket, agreed }] of talkers.entries()) {
		const bytes = socket._socket.bytesRead;
		must(agreed === "" ? bytes > all : bytes < 0.75 * all,
			number, "read", bytes, "bytes of", all);
	}
	print({ texts: talkers.length });
});
