// SPDX-License-Identifier: MIT
// tests/clients/conversation_cast.mjs - the cast of ws.mjs in which each client
// of every dialect decodes what it hears, as in hub.mjs.
import { decode as hub, direct } from "./hub.mjs";
import { decode as lobby } from "./lobby.mjs";
import { Dialect } from "./schema.mjs";
import { decode as sealed } from "./sealed.mjs";
import { decode as simple } from "./simple.mjs";

const document = new Dialect("campfire");

// A frame with the extensions or one without; throws if it is neither.
function campfire(text) {
	const found = ["plain", "extended"]
		.map((channel) => document.identify(channel, "out", text));
	if (found.every(({ why }) => why !== undefined))
		throw new Error(found.at(-1).why);
}

await direct({ campfire, hub, lobby, simple, sealed }, "campfire");
