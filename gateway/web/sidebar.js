// SPDX-License-Identifier: MIT
// sidebar.js - the list of rooms and direct conversations, and finding more.

import { ask, report } from "./dialogs.js";
import { byId, el, icon, reconcile, setText } from "./dom.js";
import { setAvatar, shortCount } from "./format.js";

const SHOWN_OTHERS = 50; // rooms to join that are listed at once
const REFRESH_MS = 10000; // more or less
const PLUS = "M10 4v12M4 10h12";

const byName = (a, b) =>
  a.title.localeCompare(b.title, undefined, { sensitivity: "base" });
const byTime = (a, b) => b.lastAtMs - a.lastAtMs || byName(a, b);

/** The left column. Calls `go` with the id of a room that was picked. */
export class SidebarView {
  #state;
  #go;
  #isAsking = false;

  /**
   * @param {import("./state.js").State} state
   * @param {function(string): void} go
   */
  constructor(state, go) {
    this.#state = state;
    this.#go = go;
    for (const id of ["create-room", "new-direct"])
      byId(id).replaceChildren(icon(PLUS));
    byId("create-room").onclick = () => this.askForRoom();
    byId("new-direct").onclick = () => this.#askForUser();
    byId("find-rooms").value = "";
    byId("find-rooms").oninput = () => this.render();
    byId("find-rooms").onfocus = () => this.refresh();
    byId("archived-section").open = false;
    byId("archived-section").ontoggle = () => {
      if (byId("archived-section").open) report(state.wantArchived());
    };
    byId("sidebar").onpointerenter = () => this.refresh();
    this.#refreshLater();
    byId("find-rooms").onkeydown = (event) => this.#onFindKey(event);
    byId("room-lists").onkeydown = (event) => this.#onListKey(event);
    setText(byId("my-name"), state.me.username);
    byId("my-avatar").className = "avatar";
    setAvatar(byId("my-avatar"), state.me.username);
  }

  /** Asks for the rooms anew, if somebody looks; no event tells of new ones. */
  refresh() {
    if (this.#isAsking || document.hidden) return;
    this.#isAsking = true;
    this.#state.refreshRooms().catch(() => {})
      .finally(() => (this.#isAsking = false));
  }

  // Pages that were opened in one moment need not ask in one.
  #refreshLater() {
    this.timer = setTimeout(() => {
      this.refresh();
      this.#refreshLater();
    }, REFRESH_MS * (0.75 + Math.random() / 2));
  }

  /** Draws what has changed. */
  render() {
    const sought = byId("find-rooms").value.trim().toLocaleLowerCase();
    const rooms = [...this.#state.rooms.values()].filter((room) =>
      `${room.title}\n${room.description}`.toLocaleLowerCase()
        .includes(sought));
    const archived = rooms.filter((r) => r.isArchived);
    const mine = rooms.filter((r) =>
      r.member && r.kind !== "direct" && !r.isArchived);
    const directs = rooms.filter((r) => r.member && r.kind === "direct");
    const others = rooms.filter((r) => !r.member && r.kind === "public");
    this.#fill("my-rooms", mine.sort(byName));
    this.#fill("directs", directs.sort(byTime));
    this.#fill("archived-rooms", archived.sort(byName));
    byId("archived-empty").hidden = archived.length > 0;
    this.#fill("other-rooms", others.sort(byName).slice(0, SHOWN_OTHERS));
    byId("other-rooms-section").hidden = others.length === 0;
    byId("my-rooms-empty").hidden = mine.length > 0 || !this.#state.hasRooms;
    setText(byId("my-rooms-empty"),
      sought ? "No room is called that." : "You are in no room yet.");
  }

  #fill(id, rooms) {
    reconcile(byId(id), rooms, {
      key: (room) => room.id,
      make: (room) => this.#makeRow(room),
      update: (row, room) => this.#updateRow(row, room),
    });
  }

  #makeRow(room) {
    const sign = room.kind === "direct"
      ? el("span", { class: "avatar small", "aria-hidden": "true" })
      : el("span", { class: "hash", "aria-hidden": "true" }, "#");
    return el("button", {
      type: "button", class: "room", dataset: { room: room.id },
      onclick: () => this.#go(room.id),
    }, sign, el("span", { class: "name" }),
    el("span", { class: "count", "aria-hidden": "true" }));
  }

  #updateRow(row, room) {
    const [sign, name, count] = row.children;
    const isOnline = room.kind === "direct" &&
      room.online.has(room.peer?.user_id);
    if (room.kind === "direct") setAvatar(sign, room.title);
    sign.classList.toggle("online", isOnline);
    setText(name, room.title);
    setText(count, room.unread > 0 ? shortCount(room.unread) : "");
    row.classList.toggle("unread", room.unread > 0);
    const notes = [
      room.title, isOnline && "online",
      room.unread > 0 && `${room.unread} unread`,
      !room.member && "not joined", room.isArchived && "archived",
    ];
    row.setAttribute("aria-label", notes.filter(Boolean).join(", "));
    if (room.id === this.#state.current)
      row.setAttribute("aria-current", "page");
    else row.removeAttribute("aria-current");
  }

  #onFindKey(event) {
    const input = byId("find-rooms");
    if (event.key === "Escape" && input.value) {
      event.stopPropagation();
      input.value = "";
      this.render();
    } else if (event.key === "Enter") {
      byId("room-lists").querySelector("button.room")?.click();
      input.value = "";
      this.render();
    } else if (event.key === "ArrowDown") {
      byId("room-lists").querySelector("button.room")?.focus();
    }
  }

  #onListKey(event) {
    const rows = [...byId("room-lists").querySelectorAll("button.room")];
    const at = rows.indexOf(document.activeElement);
    const to = {
      ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1,
    }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    (rows[to] ?? (to < 0 ? byId("find-rooms") : rows[at])).focus();
  }

  /** Asks for the name of a new room, makes it and goes there. */
  askForRoom() {
    ask({
      title: "Create a room",
      text: "Everybody can find it and join it.",
      fields: [
        { name: "name", label: "Name", required: true, maxlength: 64 },
        { name: "description", label: "What it is about",
          aside: "optional" },
      ],
      ok: "Create room",
    }, async ({ name, description }) => {
      const roomId = await this.#state.create(name, description);
      return () => this.#go(roomId);
    });
  }

  #askForUser() {
    ask({
      title: "New direct message",
      fields: [{ name: "username", label: "Username", required: true }],
      ok: "Start",
    }, async ({ username }) => {
      const roomId = await this.#state.openDirect({ username });
      return () => this.#go(roomId);
    });
  }

  /** Opens the conversation with a user. @param {string} userId */
  openDirect(userId) {
    if (userId === this.#state.me.user_id) return;
    report(this.#state.openDirect({ user_id: userId })
      .then((roomId) => this.#go(roomId)));
  }
}
