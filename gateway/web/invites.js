// SPDX-License-Identifier: MIT
// invites.js - links that let somebody into a room: making and revoking them,
// and arriving by one.
//
// The code is in the address' fragment, which no browser sends to a server; it
// is taken out of the address as soon as it is read.

import { ask, explain, report, toast } from "./dialogs.js";
import { byId, el, reconcile, setText } from "./dom.js";
import { acceptInvite, listInvites, makeInvite, revokeInvite } from "./rest.js";

const LINK = /^#\/invite\/([0-9a-f-]{36}\.[0-9a-f]{32})$/u;
const WAITING = "parley.invite"; // of the tab: one that waits for a log-in

const PERIODS = [
  { value: "86400", label: "A day" },
  { value: "604800", label: "A week" },
  { value: "", label: "Until it is revoked" },
];

const shortTime = (time) => new Date(time).toLocaleString(undefined,
  { dateStyle: "medium", timeStyle: "short" });

/** The invites of the open room, for who may make some. */
export class Invites {
  #names;
  #room = null; // id
  #invites = [];

  /** @param {import("./names.js").Names} names */
  constructor(names) {
    this.#names = names;
    byId("make-invite").onclick = () => this.#askToMake();
  }

  /** Learns them anew. @param {?string} room id; null: there are none to see */
  async show(room) {
    if (room !== this.#room) this.#invites = [];
    this.#room = room;
    if (room) {
      const { invites } = await listInvites(room);
      if (room !== this.#room) return;
      this.#invites = invites;
    }
    this.render();
  }

  /** Draws what has changed. */
  render() {
    byId("invites").hidden = this.#room === null;
    reconcile(byId("invite-list"), this.#invites, {
      key: ({ id }) => id,
      make: (invite) => this.#makeRow(invite),
      update: (node, { by, created_at, until }) => {
        const name = by ? this.#names.get(by) ?? "…" : "administration";
        setText(node.querySelector(".name"), `By ${name}`);
        setText(node.querySelector(".hint"), [
          `made ${shortTime(created_at)}`,
          until && `until ${shortTime(until)}`,
        ].filter(Boolean).join(" · "));
      },
    });
  }

  #makeRow({ id }) {
    const room = this.#room;
    return el("div", { role: "listitem", class: "kept" },
      el("span", { class: "kept-who" }, el("span", { class: "name" }),
        el("span", { class: "hint" })),
      el("button", { type: "button", class: "quiet",
        onclick: () => report(revokeInvite(room, id)
          .then(() => this.show(this.#room))) }, "Revoke"));
  }

  #askToMake() {
    const room = this.#room;
    ask({
      title: "Make an invite link", ok: "Make link",
      text: "Whoever has the link can join this room.",
      fields: [{ name: "seconds", label: "It holds for", type: "select",
        value: "604800", choices: PERIODS }],
    }, async ({ seconds }) => {
      const { code } =
        await makeInvite(room, seconds ? Number(seconds) : null);
      if (room === this.#room) await this.show(room);
      return () => showLink(code);
    });
  }
}

// The server keeps no code that could be shown again.
function showLink(code) {
  const link = `${location.origin}${location.pathname}#/invite/${code}`;
  ask({
    title: "The invite link", ok: "Copy link", cancel: "Close",
    text: "It is shown this once: pass it on to whom you invite.",
    fields: [{ name: "link", label: "Link", value: link }],
  }, async () => {
    try {
      await navigator.clipboard.writeText(link);
    } catch {
      byId("dialog-link").select();
      throw new Error("Copy it from the field, please.");
    }
    toast("The link is copied.");
  });
  byId("dialog-link").select();
}

// --- Arriving

let waiting = null; // where the tab has no storage

function keep(code) {
  waiting = code;
  try {
    if (code) sessionStorage.setItem(WAITING, code);
    else sessionStorage.removeItem(WAITING);
  } catch {
    // Then it does not outlive a reload.
  }
}

/** Takes an invite out of the address. @returns {boolean} if there is one */
export function takeInvite() {
  const code = LINK.exec(location.hash)?.[1];
  if (!code) return false;
  history.replaceState(null, "", location.pathname + location.search);
  keep(code);
  return true;
}

/** Whether one waits for somebody to be logged in. */
export function hasInvite() {
  try {
    waiting ??= sessionStorage.getItem(WAITING);
  } catch {
    // It is the one of this page, or none.
  }
  return waiting !== null;
}

/**
 * Joins the room of the invite that waits, if there is one.
 * @param {function(string): void} go with the room's id
 */
export async function followInvite(go) {
  if (!hasInvite()) return;
  const code = waiting;
  keep(null);
  try {
    const { room_id } = await acceptInvite(code);
    await go(room_id);
    toast("You have joined by an invite.");
  } catch (error) {
    toast(error.status === 404
      ? "This invite is over, or was revoked. Ask for another one."
      : explain(error));
  }
}
