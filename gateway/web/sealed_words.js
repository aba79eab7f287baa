// SPDX-License-Identifier: MIT
// sealed_words.js - what people are told of sealed rooms: what each kind
// protects from, and what it does not.

import { el } from "./dom.js";

const EVERYWHERE = [
  "Whoever has the link: they can read all of it, and write. A password " +
    "keeps them out as long as the server checks it; it is no part of the key.",
  "Whoever looks on, the server above all: they see who talks when and from " +
    "where, under which name, how long messages are, and the room's name and " +
    "description.",
  "Somebody who passes for somebody else. Nothing but the server's word says " +
    "by whom a message is.",
  "A key that gets out. It is one for all of the room's life, without " +
    "forward secrecy, and opens old messages too.",
];

const TO_KNOW = [
  "A lost link is a lost room. Nobody can bring it back.",
  "A link that was opened is in that browser's history.",
];

/** The two kinds of sealed rooms, by who has the key. */
export const KINDS = {
  ours: {
    label: "Key made in this browser",
    short: "The server never sees the key; it travels in the link alone. Not " +
      "even whoever runs the server can read what is said, unless they serve " +
      "you a changed page.",
    line: "Sealed. The server never sees the key.",
    protects: [
      "Somebody who gets a copy of the server's databases, or a backup.",
      "Other users of this server, who do not have the link.",
      "Whoever runs the server, as far as the words themselves go.",
    ],
    exposes: [
      "A server that serves a changed page: this page does the encrypting, " +
        "and it comes from there.",
    ],
  },
  theirs: {
    label: "Key kept by the server",
    short: "The server gives the key to whoever has the link. Safe if only " +
      "the message database or a backup of it gets out; not from whoever " +
      "runs the server.",
    line: "Sealed. The server keeps the key.",
    protects: [
      "Somebody who gets a copy of the message database, or a backup of it, " +
        "and nothing else.",
      "Other users of this server, who do not have the link.",
    ],
    exposes: [
      "Whoever runs the server. It can derive the key, and read everything.",
    ],
  },
};

/** Which kind a room is. @param {{isOurs: boolean}} room */
export function kindOf({ isOurs }) {
  return isOurs ? KINDS.ours : KINDS.theirs;
}

/** What a kind protects from, in full. @returns {HTMLElement[]} */
export function explainKind({ protects, exposes }) {
  const list = (texts) =>
    el("ul", {}, ...texts.map((text) => el("li", {}, text)));
  return [
    el("h3", {}, "What is said here is protected from"), list(protects),
    el("h3", {}, "It is not protected from"),
    list([...exposes, ...EVERYWHERE]),
    el("h3", {}, "Good to know"), list(TO_KNOW),
  ];
}

export const REMEMBER = "Keeps the link here, and with it all that it opens. " +
  "Anybody who uses this browser can then enter, logged in or not. A " +
  "password is not kept.";

export const NO_CRYPTO = "This browser encrypts only on pages that come by " +
  "HTTPS or from its own machine. Open this page at an address that begins " +
  "with https:// for sealed rooms.";
