// SPDX-License-Identifier: MIT
// panel.js - the right column: who is in the room, online or not, or what was
// searched for.

import { ask, explain } from "./dialogs.js";
import { byId, el, icon, reconcile, setText } from "./dom.js";
import { avatar, fullTimeOf, setAvatar } from "./format.js";
import { markHits } from "./hits.js";
import { Moderation } from "./moderation.js";

const DOTS = "M4.5 10h1M9.5 10h1M14.5 10h1";
const SHOWN = 100; // people listed; a room may have many more

/** The right column. */
export class PanelView {
  #state;
  #verbs;
  #mode = null; // "people", "search" or null: closed
  #search = 0; // numbers searches, so that a late answer is known as one
  #opener = null;
  #moderation;
  #learned = null; // the room whose roles were asked for

  /**
   * @param {import("./state.js").State} state
   * @param {object} verbs {openDirect, reveal, leave, onToggle}
   */
  constructor(state, verbs) {
    this.#state = state;
    this.#verbs = verbs;
    this.#moderation = new Moderation(state, () => this.render());
    byId("open-people").onclick = () => this.toggle("people");
    byId("open-search").onclick = () => this.toggle("search");
    byId("close-panel").onclick = () => this.close();
    byId("leave-room").onclick = () => this.#askToLeave();
    byId("search-form").onsubmit = (event) => {
      event.preventDefault();
      this.#find();
    };
    byId("search-here").onchange = () => this.#find();
    byId("search-input").value = "";
    byId("search-results").replaceChildren();
    setText(byId("search-status"), "");
  }

  /** Whether it can be seen. */
  get isOpen() {
    return this.#mode !== null;
  }

  /** Opens the panel, or closes it if it shows that already. */
  toggle(mode) {
    this.#mode = this.#mode === mode ? null : mode;
    this.#opener = byId(mode === "people" ? "open-people" : "open-search");
    this.render();
    this.#verbs.onToggle();
    if (this.#mode === "search") byId("search-input").focus();
    if (this.#mode === "people") byId("close-panel").focus();
    if (this.#mode === null) this.#opener.focus();
  }

  /** Closes it, and gives the focus back. */
  close() {
    if (!this.isOpen) return;
    this.#mode = null;
    this.render();
    this.#verbs.onToggle();
    this.#opener?.focus();
  }

  /** Draws what has changed. */
  render() {
    const room = this.#state.room;
    const isPeople = this.#mode === "people";
    byId("panel").hidden = !this.isOpen;
    byId("people-panel").hidden = !isPeople;
    byId("search-panel").hidden = this.#mode !== "search";
    byId("people-count").hidden = !isPeople;
    byId("panel-title").hidden = isPeople;
    for (const mode of ["people", "search"])
      byId(`open-${mode}`).setAttribute(
        "aria-expanded", String(this.#mode === mode));
    byId("open-people").hidden = !room?.member;
    if (isPeople) this.#drawPeople(room);
    const learned = isPeople && room?.member ? room.id : null;
    if (learned === this.#learned) return;
    this.#learned = learned;
    this.learnRoles();
  }

  /** Something was done in the room: its roles are asked for anew. */
  learnRoles() {
    this.#moderation.show(this.#learned ? this.#state.room : null);
  }

  #drawPeople(room) {
    const online = [...(room?.online ?? [])];
    const away = !room || room.kind === "direct" ? []
      : this.#moderation.members.filter((id) => !room.online.has(id));
    showAbout(byId("about"), byId("room-description"));
    setText(byId("people-count"), `Online: ${online.length}`);
    this.#drawList(byId("people"), byId("people-more"), online);
    byId("away").hidden = away.length === 0;
    setText(byId("away-title"), `Offline: ${away.length}`);
    this.#drawList(byId("people-away"), byId("away-more"), away);
    this.#moderation.render();
    byId("leave-room").hidden = !room?.member || room.kind === "direct";
  }

  #drawList(list, more, ids) {
    const people = ids.slice(0, SHOWN).map((id) => this.#person(id));
    people.sort((a, b) => b.isMe - a.isMe ||
      (a.name ?? "\uffff").localeCompare(b.name ?? "\uffff"));
    reconcile(list, people, {
      key: (person) => person.id,
      make: (person) => this.#makePerson(person),
      update: updatePerson,
    });
    more.hidden = ids.length <= SHOWN;
    setText(more, `and ${ids.length - SHOWN} more`);
  }

  #person(id) {
    const { me, names } = this.#state;
    return {
      id, isMe: id === me.user_id, name: names.get(id),
      role: this.#moderation.titleOf(id),
      isBelow: this.#moderation.mayActOn(id),
    };
  }

  #makePerson({ id, isMe }) {
    const parts = [avatar(null), el("span", { class: "name" }),
      el("span", { class: "role" })];
    const row = isMe
      ? el("span", { class: "person" }, ...parts)
      : el("button", { type: "button", class: "person",
        onclick: () => this.#verbs.openDirect(id) }, ...parts);
    const act = el("button", { type: "button", class: "tool act",
      onclick: () => this.#moderation.askAbout(id) }, icon(DOTS));
    return el("div", { role: "listitem", class: "person-row",
      dataset: { user: id } }, row, act);
  }

  #askToLeave() {
    const room = this.#state.room;
    ask({
      title: `Leave ${room.title}?`,
      text: "You hear nothing from it any more, until you join again.",
      ok: "Leave room", isDangerous: true,
    }, async () => {
      await this.#state.leave(room.id);
      this.close();
    });
  }

  async #find() {
    const query = byId("search-input").value.trim();
    const here = byId("search-here").checked ? this.#state.current : null;
    const number = ++this.#search;
    byId("search-results").replaceChildren();
    if (!query) return setText(byId("search-status"), "");
    setText(byId("search-status"), "Searching…");
    let found = [];
    let status;
    try {
      found = await this.#state.search(query, here);
      status = found.length === 0 ? "Nothing was found."
        : `${found.length} message${found.length > 1 ? "s" : ""} found`;
    } catch (error) {
      status = explain(error);
    }
    if (number !== this.#search) return;
    setText(byId("search-status"), status);
    byId("search-results").replaceChildren(
      ...found.map((message) => this.#makeResult(message, query)));
  }

  #makeResult(message, query) {
    const room = this.#state.rooms.get(message.room_id);
    const name = this.#state.names.get(message.creator_id) ?? "…";
    const where = room?.kind === "direct"
      ? room.title : `#${room?.title ?? "?"}`;
    return el("button", { type: "button", class: "result",
      onclick: () => this.#verbs.reveal(message) },
    el("span", { class: "result-head" },
      el("strong", {}, name), ` in ${where}`),
    el("span", { class: "result-text" }, ...markHits(message.content, query)),
    el("time", { datetime: message.created_at },
      fullTimeOf(message.created_at)));
  }
}

/**
 * Repeats the description in the bar if that has no room for all of it.
 * @param {HTMLElement} about
 * @param {HTMLElement} bar the element of the bar
 */
export function showAbout(about, bar) {
  setText(about, bar.scrollWidth > bar.clientWidth ? bar.textContent : "");
}

function updatePerson(node, { name, isMe, role, isBelow }) {
  setAvatar(node.querySelector(".avatar"), name);
  node.querySelector(".avatar").classList.add("small");
  setText(node.querySelector(".name"),
    (name ?? "…") + (isMe ? " (you)" : ""));
  setText(node.querySelector(".role"), role ?? "");
  const act = node.querySelector(".act");
  act.hidden = !isBelow;
  act.title = `Moderate ${name ?? "this user"}`;
  act.setAttribute("aria-label", act.title);
  const button = node.querySelector("button.person");
  if (button) button.title = `Message ${name ?? "this user"}`;
}
