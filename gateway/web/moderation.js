// SPDX-License-Identifier: MIT
// moderation.js - who has which role in the open room, and what owners and
// moderators do there.

import { ask, report, toast } from "./dialogs.js";
import { byId, el, reconcile, setText } from "./dom.js";
import { Invites } from "./invites.js";
import {
  changeRoom, findRoom, listMembers, listSanctions, moderate,
} from "./rest.js";

const RANKS = ["member", "moderator", "owner"];
const SETTLE_MS = 200; // what comes in bursts is asked for once

const PERIODS = [
  { value: "600", label: "10 minutes" },
  { value: "86400", label: "A day" },
  { value: "604800", label: "A week" },
  { value: "", label: "Until it is lifted" },
];

const VISIBILITIES = [
  { value: "public", label: "Everybody", hint: "It can be found." },
  { value: "invite", label: "Who has an invite", hint: "Nobody else sees it." },
  { value: "private", label: "Who is added", hint: "Nobody else sees it." },
];

const DEEDS = {
  promote: {
    label: "Make a moderator", hint: "May remove and silence members.",
    act: (room, id) => moderate("PATCH", room, "members", id,
      { role: "moderator" }),
  },
  demote: {
    label: "Make a member", hint: "May no longer do that.",
    act: (room, id) => moderate("PATCH", room, "members", id,
      { role: "member" }),
  },
  mute: {
    label: "Mute", hint: "Hears the room, and cannot speak in it.",
    act: (room, id, body) => moderate("PUT", room, "mutes", id, body),
  },
  kick: {
    label: "Remove", hint: "May come back.",
    act: (room, id) => moderate("DELETE", room, "members", id),
  },
  ban: {
    label: "Ban", hint: "Is removed, and cannot come back.",
    act: (room, id, body) => moderate("PUT", room, "bans", id, body),
  },
};

/** Roles in the open room. Calls `onChange` when there is more to draw. */
export class Moderation {
  #state;
  #onChange;
  #room = null; // id
  #timer = 0;
  #invites;
  #roles = new Map(); // user id -> role
  #kept = []; // who is banned or muted
  #facts = null; // visibility, slow_seconds, archived, role

  /**
   * @param {import("./state.js").State} state
   * @param {function(): void} onChange
   */
  constructor(state, onChange) {
    this.#state = state;
    this.#onChange = onChange;
    this.#invites = new Invites(state.names);
    byId("archive-room").onclick = () => this.#askToArchive();
    byId("edit-room").onclick = () => this.#askToEdit();
    byId("add-member").onclick = () => this.#askForMember();
  }

  /** Learns the roles of a room anew. @param {?object} room */
  show(room) {
    const id = room?.member && room.kind !== "direct" ? room.id : null;
    clearTimeout(this.#timer);
    if (id !== this.#room) {
      this.#room = id;
      this.#roles.clear();
      this.#kept = [];
      this.#facts = null;
      this.#invites.show(null);
    }
    if (id) this.#timer = setTimeout(() => this.#load(id), SETTLE_MS);
  }

  async #load(id) {
    try {
      const [facts, { members }] = await Promise.all(
        [findRoom(id), listMembers(id)]);
      const isModerator = RANKS.indexOf(facts.role) > 0;
      const kept = isModerator ? await keptOut(id) : [];
      if (id !== this.#room) return;
      this.#facts = facts;
      this.#roles = new Map(members.map((m) => [m.user_id, m.role]));
      this.#kept = kept;
      for (const { user_id, username } of [...members, ...kept])
        this.#state.names.learn(user_id, username);
      this.#onChange();
      const hasInvites = isModerator && facts.visibility === "invite" &&
        !facts.archived;
      await this.#invites.show(hasInvites ? id : null);
    } catch {
      // The next change asks again.
    }
  }

  /** @param {string} userId @returns {?string} a word for more than a member */
  titleOf(userId) {
    const role = this.#roles.get(userId);
    return role === "member" ? null : role ?? null;
  }

  /** Who is a member, as far as that is known. @returns {string[]} user ids */
  get members() {
    return [...this.#roles.keys()];
  }

  /** Whether we may do something to that user. @param {string} userId */
  mayActOn(userId) {
    const mine = RANKS.indexOf(this.#facts?.role);
    return mine > 0 && userId !== this.#state.me.user_id &&
      RANKS.indexOf(this.#roles.get(userId)) < mine;
  }

  /** Draws what is known of the room, and who is kept from it. */
  render() {
    const facts = this.#facts;
    const words = facts ? [
      facts.visibility === "private" && "Private",
      facts.visibility === "invite" && "By invite",
      facts.slow_seconds > 0 &&
        `One message every ${facts.slow_seconds} s`,
      facts.archived && "Archived: read only",
    ].filter(Boolean) : [];
    setText(byId("room-facts"), words.join(" · "));
    const isModerator = RANKS.indexOf(facts?.role) > 0;
    byId("edit-room").hidden = !isModerator;
    byId("add-member").hidden = !isModerator || facts.archived;
    byId("archive-room").hidden = facts?.role !== "owner";
    byId("archive-room").classList.toggle("danger", !facts?.archived);
    setText(byId("archive-room"),
      facts?.archived ? "Take out of the archive" : "Archive room");
    this.#invites.render();
    byId("kept-out").hidden = this.#kept.length === 0;
    reconcile(byId("sanctions"), this.#kept, {
      key: ({ what, user_id }) => `${what} ${user_id}`,
      make: (entry) => this.#makeKept(entry),
      update: (node, { username, what, until, reason }) => {
        setText(node.querySelector(".name"), username);
        setText(node.querySelector(".hint"), [
          what === "bans" ? "Banned" : "Muted",
          until && `until ${new Date(until).toLocaleString()}`, reason,
        ].filter(Boolean).join(" · "));
      },
    });
  }

  #makeKept({ what, user_id, username }) {
    const room = this.#room;
    return el("div", { role: "listitem", class: "kept" },
      el("span", { class: "kept-who" }, el("span", { class: "name" }),
        el("span", { class: "hint" })),
      el("button", { type: "button", class: "quiet",
        "aria-label": `Lift for ${username}`,
        onclick: () => report(moderate("DELETE", room, what, user_id)
          .then(() => this.show(this.#state.room))) }, "Lift"));
  }

  /** Asks what is to be done to a user. @param {string} userId */
  askAbout(userId) {
    const room = this.#room;
    const name = this.#state.names.get(userId) ?? "this user";
    const isModerator = this.#roles.get(userId) === "moderator";
    const deeds = Object.keys(DEEDS).filter((deed) => {
      if (deed === "promote" || deed === "demote")
        return this.#facts?.role === "owner" && this.#roles.has(userId) &&
          isModerator === (deed === "demote");
      return true;
    });
    ask({
      title: name,
      fields: [
        { name: "deed", label: "What is to be done?", type: "choice",
          value: "mute", choices: deeds.map((value) =>
            ({ value, label: DEEDS[value].label, hint: DEEDS[value].hint })) },
        { name: "seconds", label: "For how long (of a mute or ban)",
          type: "select", value: "600", choices: PERIODS },
        { name: "reason", label: "Reason (optional)", maxlength: 200 },
      ],
      ok: "Do it", isDangerous: true,
    }, async ({ deed, seconds, reason }) => {
      await DEEDS[deed].act(room, userId, {
        seconds: seconds ? Number(seconds) : null, reason: reason || null,
      });
      this.show(this.#state.room);
    });
  }

  #askForMember() {
    const room = this.#room;
    ask({
      title: "Add somebody", ok: "Add",
      fields: [{ name: "username", label: "Username", required: true }],
    }, ({ username }) => moderate("PUT", room, "members", username));
  }

  #askToArchive() {
    const id = this.#room;
    const { name, archived } = this.#facts;
    ask({
      title: archived ? `Take ${name} out of the archive?`
        : `Archive ${name}?`,
      text: archived ? "Members can write in it again."
        : "Members can go on reading it. Nobody can write in it or join it, " +
          "until you take it out again.",
      ok: archived ? "Take it out" : "Archive room", isDangerous: !archived,
    }, async () => {
      await changeRoom(id, { archived: !archived });
      await this.#state.wantArchived();
      this.show(this.#state.room);
    });
  }

  #askToEdit() {
    const id = this.#room;
    const facts = this.#facts;
    const isOwner = facts.role === "owner";
    const slow = { name: "slow", label: "Seconds between messages (0: none)",
      value: String(facts.slow_seconds) };
    const fields = [
      { name: "name", label: "Name", required: true, maxlength: 64,
        value: facts.name },
      { name: "description", label: "What it is about",
        value: facts.description },
      { name: "visibility", label: "Who may join", type: "choice",
        value: facts.visibility, choices: VISIBILITIES },
      slow,
    ];
    ask({ title: `Edit ${facts.name}`, fields: isOwner ? fields : [slow],
      ok: "Save" }, async (values) => {
      const { slow: seconds, ...rest } = values;
      await changeRoom(id, { ...rest, slow_seconds: readNumber(seconds) });
      await this.#state.refreshRooms();
      this.show(this.#state.room);
    });
  }
}

/** Says what was done to us. @param {object} update of a member */
export function tellMine({ change, role, reason }, title) {
  const words = {
    role: `You are now ${role === "owner" ? "an owner" : `a ${role}`} of`,
    kicked: "You were removed from", banned: "You were banned from",
    muted: "You are muted in", unmuted: "You may speak again in",
  }[change];
  if (words) toast(`${words} ${title}${reason ? `: ${reason}` : "."}`);
}

function readNumber(text) {
  const number = Number(text);
  if (text === "" || !Number.isInteger(number) || number < 0)
    throw new Error("Seconds between messages: wants a number.");
  return number;
}

async function keptOut(room) {
  const [{ bans }, { mutes }] = await Promise.all(
    [listSanctions(room, "bans"), listSanctions(room, "mutes")]);
  return [...bans.map((entry) => ({ what: "bans", ...entry })),
    ...mutes.map((entry) => ({ what: "mutes", ...entry }))];
}
