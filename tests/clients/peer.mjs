// SPDX-License-Identifier: MIT
// tests/clients/peer.mjs - a word in a room of one of the servers that parley is
// compared with (bench/peers).
//
//   node peer.mjs PROTOCOL HOST:PORT PATH
//
// Two members of one room and one of another: what the first says is heard by both
// of its room, once, and not in the other one. Prints `heard`.
import WebSocket from "ws";

const [protocol, host, path] = process.argv.slice(2);
const patienceMs = 20000;

function bytes(...parts) {
	return Buffer.concat(parts.map((part) => typeof part === "string"
		? Buffer.concat([Buffer.from([part.length >> 8, part.length & 255]),
			Buffer.from(part)])
		: Buffer.from(part)));
}

// MQTT 3.1.1: type, length of the rest (here always below 128), rest.
function packet(type, ...parts) {
	const rest = bytes(...parts);
	return Buffer.concat([Buffer.from([type, rest.length]), rest]);
}

const stream = "xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'";

// How to get into a room: what to send, and what then comes. How to say something.
const protocols = {
	raw: { steps: () => [], say: (room, text) => text },
	mqtt: {
		subprotocol: "mqtt",
		steps: (room) => [
			[packet(0x10, "MQTT", [4, 2, 0, 0], ""), "\x20\x02\x00\x00"],
			[packet(0x82, [0, 1], room, [0]), "\x90\x03\x00\x01\x00"],
		],
		say: (room, text) => packet(0x30, room, Buffer.from(text)),
	},
	nats: {
		steps: (room) => [
			["", "INFO "],
			['CONNECT {"verbose":false,"pedantic":false}\r\nSUB ' +
				`${room} 1\r\nPING\r\n`, "PONG\r\n"],
		],
		say: (room, text) => `PUB ${room} ${text.length}\r\n${text}\r\n`,
	},
	socketio: {
		steps: (room) => [["", "0{"], [`40${JSON.stringify({ room })}`, "40{"]],
		say: (room, text) => `42${JSON.stringify(["say", text])}`,
	},
	xmpp: {
		subprotocol: "xmpp",
		steps: (room, name) => [
			[`<open ${stream}/>`, "</stream:features>"],
			["<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>",
				"<success"],
			[`<open ${stream}/>`, "</stream:features>"],
			["<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
				"</jid>"],
			[`<presence to='${room}@conference.localhost/${name}'>` +
				"<x xmlns='http://jabber.org/protocol/muc'/></presence>", "code='110'"],
		],
		say: (room, text) => `<message to='${room}@conference.localhost' ` +
			`type='groupchat'><body>${text}</body></message>`,
	},
};

class Member {
	constructor(name, room) {
		const { subprotocol } = protocols[protocol];
		this.room = room;
		this.name = name;
		this.heard = "";
		this.socket = new WebSocket(`ws://${host}${path.replace("%r", room)}`,
			subprotocol ? [subprotocol] : [], { perMessageDeflate: false });
		this.socket.on("message", (data) => {
			this.heard += data.toString("latin1");
			this.stir?.();
		});
		this.socket.on("close", () => fail(`${name} was hung up on`));
		this.socket.on("error", (e) => fail(`${name}: ${e.message}`));
	}

	async hears(text) {
		while (!this.heard.includes(text))
			await new Promise((stir) => { this.stir = stir; });
	}

	async enter() {
		await new Promise((opened) => this.socket.once("open", opened));
		for (const [out, answer] of protocols[protocol].steps(this.room, this.name)) {
			if (out !== "") {
				this.heard = "";
				this.socket.send(out);
			}
			await this.hears(answer);
		}
		this.heard = "";
		return this;
	}

	says(text) {
		this.socket.send(protocols[protocol].say(this.room, text));
	}
}

function fail(why) {
	console.error(`${protocol} ${host}${path}: ${why}`);
	process.exit(1);
}

setTimeout(() => fail("was silent"), patienceMs);
const [alice, bob, carol] = await Promise.all([["alice", "den"], ["bob", "den"],
	["carol", "attic"]].map(([name, room]) => new Member(name, room).enter()));
alice.says("a word in the den");
await Promise.all([alice.hears("a word in the den"), bob.hears("a word in the den")]);
for (const member of [alice, carol])
	member.says("and a last one");
for (const member of [alice, bob, carol])
	await member.hears("and a last one");
for (const [member, times] of [[alice, 1], [bob, 1], [carol, 0]])
	if (member.heard.split("a word in the den").length !== times + 1)
		fail(`${member.name} heard ${JSON.stringify(member.heard)}`);
console.log("heard");
process.exit(0);
