// SPDX-License-Identifier: MIT
// timeline.js - the open room's messages, and the place that one reads at.
//
// Whatever is drawn above or below, the message under the eye stays where it
// is; only who is at the end follows the conversation.

import { sayBan } from "./bans.js";
import { explain, report, toast } from "./dialogs.js";
import { byId, el, reconcile, setText } from "./dom.js";
import { dayKey } from "./format.js";
import {
  editMessage, makeDivider, makeMessage, updateMessage,
} from "./message.js";

const GROUP_MS = 5 * 60 * 1000; // later than that, the author is named again
const AT_END_PX = 48;
const LOAD_PX = 400;
const OFFERED = 5; // rooms to join, for whoever is in none

/** The middle of the page. */
export class TimelineView {
  #state;
  #verbs;
  #log = byId("log");
  #shown = null; // id of a room that is ours
  #wasLoading = false;
  #isAtEnd = true;
  #sought = null; // id of a message to show once it is there

  /**
   * @param {import("./state.js").State} state
   * @param {object} verbs {openDirect, go, focusComposer, askForRoom,
   *   openRooms}
   */
  constructor(state, verbs) {
    this.#state = state;
    this.#verbs = {
      ...verbs,
      nameOf: (id) => state.names.get(id),
      edit: (id, content) => state.edit(id, content),
      remove: (id) => state.remove(id),
      resend: (id) => state.resend(id),
      discard: (id) => state.discard(id),
      redraw: () => this.render(),
    };
    state.isWatched = () => this.#isAtEnd && document.hasFocus();
    this.#log.onscroll = () => this.#onScroll();
    this.#log.onkeydown = (event) => this.#onKey(event);
    this.#log.onfocus = () => this.#setStop(null);
    this.#log.onclick = (event) => this.#select(event.target);
    byId("to-newest").onclick = () => this.#goToEnd();
    this.observer = new ResizeObserver(() => {
      if (this.#isAtEnd) this.#log.scrollTop = this.#log.scrollHeight;
    });
    this.observer.observe(this.#log);
  }

  /** Whether the newest message is in view. */
  get isAtEnd() {
    return this.#isAtEnd;
  }

  /** Draws what has changed, and marks as seen what is in view. */
  render() {
    const room = this.#state.room;
    const shown = room?.member ? room.id : null;
    const isNew = this.#shown !== shown;
    const anchor = isNew ? null : this.#findAnchor();
    this.#shown = shown;
    // History that is filled in is nothing new to be read out.
    const isLoading = this.#state.isLoading;
    const isQuiet = isNew || isLoading || this.#wasLoading;
    this.#log.setAttribute("aria-live", isQuiet ? "off" : "polite");
    this.#wasLoading = isLoading;
    reconcile(this.#log, this.#items(room), {
      key: (item) => item.key,
      make: (item) => item.message
        ? makeMessage(item, this.#verbs) : makeDivider(item),
      update: (node, item) => {
        if (item.message) updateMessage(node, item, this.#verbs);
      },
    });
    this.#drawBlank(room);
    this.#place(isNew, anchor);
    this.#log.setAttribute("aria-busy", String(isLoading));
    this.#afterScroll();
  }

  #items(room) {
    if (!room?.member || !room.loaded) return [];
    const me = this.#state.me;
    const pending = room.hasNewer ? [] : this.#state.pending;
    const items = [];
    let last = null;
    for (const message of room.messages) {
      if (message.content === "" || message.deleted) continue;
      this.#addMessage(items, last, message, room);
      last = message;
    }
    for (const item of pending) {
      const message = { ...item, id: null, creator_id: me.user_id };
      this.#addMessage(items, last, message, room, item);
      last = message;
    }
    return items;
  }

  #addMessage(items, last, message, room, pending) {
    const day = dayKey(message.created_at);
    const isNewDay = !last || dayKey(last.created_at) !== day;
    const isMark = room.dividerSeq > 0 && message.seq === room.dividerSeq;
    if (isNewDay)
      items.push({ kind: "day", key: `day ${day}`, at: message.created_at });
    if (isMark) items.push({ kind: "new", key: "new" });
    const elapsedMs = last
      ? Date.parse(message.created_at) - Date.parse(last.created_at) : 0;
    items.push({
      // A pending message and what becomes of it are one element.
      key: `${message.creator_id} ${message.client_message_id ?? message.id}`,
      message, pending,
      isMine: message.creator_id === this.#state.me.user_id,
      isFirst: isNewDay || isMark || elapsedMs > GROUP_MS ||
        last.creator_id !== message.creator_id,
    });
  }

  #findAnchor() {
    const top = this.#log.getBoundingClientRect().top;
    for (const node of this.#log.querySelectorAll("article")) {
      const box = node.getBoundingClientRect();
      if (box.bottom > top) return { node, offset: box.top - top };
    }
    return null;
  }

  #place(isNew, anchor) {
    const log = this.#log;
    const sought = this.#sought &&
      log.querySelector(`[data-id="${CSS.escape(this.#sought)}"]`);
    if (sought) {
      this.#sought = null;
      this.#isAtEnd = false;
      sought.scrollIntoView({ block: "center" });
      sought.classList.add("found");
      setTimeout(() => sought.classList.remove("found"), 2500);
    } else if (isNew || this.#isAtEnd) {
      this.#isAtEnd = true;
      log.scrollTop = log.scrollHeight;
    } else if (anchor?.node.isConnected) {
      const top = log.getBoundingClientRect().top;
      const now = anchor.node.getBoundingClientRect().top - top;
      log.scrollTop += now - anchor.offset;
    }
  }

  #onScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < AT_END_PX;
    this.#afterScroll();
  }

  #afterScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    const room = this.#state.room;
    const below = scrollHeight - scrollTop - clientHeight;
    if (room?.loaded && !this.#state.isLoading && !this.#sought) {
      if (room.hasOlder && scrollTop < LOAD_PX) this.#state.older();
      else if (room.hasNewer && below < LOAD_PX) this.#state.newer();
    }
    this.#drawToNewest(room);
    this.markSeen();
  }

  #drawToNewest(room) {
    const button = byId("to-newest");
    button.hidden = !room?.loaded || (this.#isAtEnd && !room.hasNewer);
    button.textContent = room?.unread > 0
      ? `${room.unread} new below` : "To the newest";
  }

  /** Tells the server what has been in view, if somebody looks. */
  markSeen() {
    if (this.#isAtEnd && document.visibilityState === "visible" &&
        this.#state.room?.loaded)
      this.#state.markSeen();
  }

  async #goToEnd() {
    await this.#state.toPresent();
    this.#isAtEnd = true;
    this.render();
    this.#verbs.focusComposer();
  }

  /** Goes on following the conversation, as one does who speaks. */
  followEnd() {
    this.#isAtEnd = true;
  }

  /** Shows one message, wherever in the history it is. */
  reveal(message) {
    this.#sought = message.id;
    report(this.#state.reveal(message).then(() => this.render()).catch(
      (error) => {
        this.#sought = null;
        throw error;
      }));
  }

  /** Opens the newest own message for editing. @returns {boolean} if any */
  editLast() {
    const mine = this.#state.room?.messages.filter(
      (m) => m.creator_id === this.#state.me.user_id).at(-1);
    const node = mine &&
      this.#log.querySelector(`[data-id="${CSS.escape(mine.id)}"]`);
    if (!node) return false;
    editMessage(node, mine, this.#verbs);
    return true;
  }

  // The log is one stop for the tab key; arrows go from message to message,
  // and only the buttons of that message are stops behind it.
  #onKey(event) {
    const article = event.target.closest("article");
    const isHere = event.target === this.#log || event.target === article;
    if (!isHere || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    const articles = [...this.#log.querySelectorAll("article")];
    const at = article ? articles.indexOf(article) : articles.length;
    const next = articles[at + (event.key === "ArrowUp" ? -1 : 1)];
    if (!next) return;
    event.preventDefault();
    this.#setStop(next);
    this.#select(next);
    next.focus();
  }

  #setStop(article) {
    const buttons = ".author, .actions button";
    for (const node of this.#log.querySelectorAll(buttons))
      node.tabIndex = article?.contains(node) ? 0 : -1;
  }

  // Where nothing hovers, a tap brings up what can be done with a message, and
  // with that one alone.
  #select(target) {
    for (const node of this.#log.querySelectorAll(".selected"))
      node.classList.remove("selected");
    target.closest("article")?.classList.add("selected");
  }

  #drawBlank(room) {
    const blank = byId("blank");
    const kind = this.#whyBlank(room);
    blank.hidden = kind === "";
    const words = kind === "banned" ? this.#banWords(room) : [];
    const drawn = [kind, room?.id, room?.title, ...words].join(" ");
    if (blank.dataset.drawn !== drawn) {
      blank.dataset.drawn = drawn;
      blank.replaceChildren(...(kind ? this.#makeBlank(kind, room) : []));
    }
    if (kind === "no-room") this.#drawOffers();
  }

  #drawOffers() {
    const rooms = [...this.#state.rooms.values()]
      .filter(({ member, kind }) => !member && kind === "public")
      .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
    setText(byId("blank-lead"), rooms.length > 0
      ? "Pick a room to join, or make one of your own."
      : "There is no room to join yet. Make the first one.");
    reconcile(byId("blank-offers"), rooms.slice(0, OFFERED), {
      key: ({ id }) => id,
      make: ({ id }) => el("button", { type: "button", class: "offer",
        onclick: () => this.#verbs.go(id) }),
      update: (node, { title }) => setText(node, title),
    });
  }

  #whyBlank(room) {
    if (!room) return this.#state.hasRooms ? "no-room" : "loading";
    if (!room.member) return room.ban ? "banned" : "not-joined";
    if (!room.loaded) return "loading";
    return room.messages.length + this.#state.pending.length > 0 ? "" : "empty";
  }

  #banWords({ ban }) {
    return [sayBan(ban.until), ban.reason && `Reason: ${ban.reason}`]
      .filter(Boolean);
  }

  #makeBlank(kind, room) {
    const button = (id, text, onclick, look = "primary") =>
      el("button", { type: "button", id, class: look, onclick }, text);
    if (kind === "loading") return [el("p", { class: "faint" }, "Loading…")];
    if (kind === "empty")
      return [el("h2", {}, "Nothing here yet"),
        el("p", {}, room.kind === "direct"
          ? `Only you and ${room.title} can read what is said here.`
          : "Say something; whoever joins later can read it.")];
    if (kind === "banned")
      return [el("h2", {}, room.title),
        ...this.#banWords(room).map((text) =>
          el("p", { class: "banned" }, text))];
    if (kind === "not-joined")
      return [el("h2", {}, room.title),
        el("p", {}, room.description || "Join to read and to talk."),
        button("join-room", "Join room", (event) => this.#join(event, room))];
    return [el("h2", {}, `Hello, ${this.#state.me.username}`),
      el("p", { id: "blank-lead" }),
      el("div", { id: "blank-offers", class: "buttons" }),
      el("div", { class: "buttons" },
        button("blank-create", "Create a room", this.#verbs.askForRoom),
        button("blank-rooms", "Show rooms", this.#verbs.openRooms,
          "quiet drawer-only"))];
  }

  async #join(event, room) {
    const button = event.currentTarget;
    button.disabled = true;
    try {
      await this.#state.join(room.id);
      this.#verbs.focusComposer();
    } catch (error) {
      button.disabled = false;
      toast(explain(error));
    }
  }
}
