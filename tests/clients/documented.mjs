// SPDX-License-Identifier: MIT
// tests/clients/documented.mjs - is what a client hears a frame of its dialect?
// It must be one that the channel's document in docs/api names, and one that the
// client takes which was written without it (hub.mjs and the others).
import { readFileSync } from "node:fs";
import { decode as campfire } from "./campfire.mjs";
import { decode as hub } from "./hub.mjs";
import { decode as lobby } from "./lobby.mjs";
import { Dialect } from "./schema.mjs";
import { decode as sealed } from "./sealed.mjs";
import { decode as simple } from "./simple.mjs";

const plainDecoders = { campfire, hub, lobby, sealed, simple };
const documents = new Map(); // dialect → its Dialect, once it is spoken

function documentOf(dialect) {
	if (!documents.has(dialect))
		documents.set(dialect, new Dialect(dialect));
	return documents.get(dialect);
}

// What is spoken there where neither subprotocol nor path say so.
function dialectOfListener({ host, pathname, searchParams }) {
	const [, dialect] = readFileSync(`${process.env.PARLEY_RUN}/listen`, "utf8")
		.split("\n").map((line) => line.split("="))
		.find(([address]) => address === host) ?? [];
	if (dialect)
		return dialect;
	if (pathname === "/")
		return "lobby";
	return searchParams.has("room") ? "simple" : "campfire";
}

function dialectOf(socket, url) {
	const [, named] = url.pathname.match(/^\/ws\/(\w+)$/) ?? [];
	return socket.protocol || named || dialectOfListener(url);
}

function channelOf(dialect, url) {
	if (dialect === "lobby" && process.env.PARLEY_LOBBY_AUTH === "token")
		return "rooms";
	const isExtended = url.searchParams.get("v") === "2" &&
		documentOf(dialect).channels.has("extended");
	return isExtended ? "extended" : "plain";
}

// What is told to clients that asked for extensions, and to no others.
const toldUnasked = new Set(["NewMessage", "MessageEdited", "MessageDeleted"]);

// An answer to a request of the extensions, which needs no more asking than that.
function isExtendedAnswer(dialect, text) {
	const { name, value } = dialect === "campfire"
		? documentOf(dialect).identify("extended", "out", text) : {};
	return name !== undefined && !toldUnasked.has(name) &&
		(value.request_id !== undefined ||
		!documentOf(dialect).channels.get("plain").out.has(name));
}

// What is wrong with a frame that this connection got; undefined: nothing.
export function complaint(socket, data, isBinary) {
	const url = new URL(socket.url);
	const dialect = dialectOf(socket, url), channel = channelOf(dialect, url);
	try {
		if (isBinary)
			throw new Error("a binary frame");
		if (channel === "plain" && isExtendedAnswer(dialect, data.toString()))
			return undefined;
		if (channel !== "extended")
			plainDecoders[dialect]?.(data);
		documentOf(dialect).note(channel, "out", data.toString());
	} catch (error) {
		return `not a frame of ${dialect} (${channel}): ${error.message}: ` +
			data.toString().slice(0, 300);
	}
	return undefined;
}
