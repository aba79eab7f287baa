// SPDX-License-Identifier: MIT
// sealed_view.js - the sealed room that is open: its conversation, who is
// there, and what it protects from.

import { toast } from "./dialogs.js";
import { byId, el, icon, reconcile, setText } from "./dom.js";
import { avatar, dayKey, fullTimeOf, linkify, timeOf } from "./format.js";
import { fitHeight, makeDivider } from "./message.js";
import { showAbout } from "./panel.js";
import { KINDS, explainKind, kindOf } from "./sealed_words.js";

const ARROW = "M10 16V4M5 9l5-5 5 5";
const LINK = "M8.5 11.5a3 3 0 0 0 4.2 0l3-3a3 3 0 0 0-4.2-4.2l-1 1M11.5 " +
  "8.5a3 3 0 0 0-4.2 0l-3 3a3 3 0 0 0 4.2 4.2l1-1";
export const LOCK = "M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9";

const GROUP_MS = 5 * 60 * 1000; // later than that, the sender is named again
const AT_END_PX = 48;
const GRACE_MS = 1200; // a short break is not worth a word

const NO_TIMES = "The history of a sealed room tells no times. What comes " +
  "while this page is open has one.";
const UNREADABLE =
  "This message cannot be decrypted with the key of this room.";

/** The middle and the right of the page, while a sealed room is open. */
export class SealedView {
  #verbs;
  #entry = null;
  #log = byId("sealed-log");
  #input = byId("sealed-input");
  #isAtEnd = true;
  #isPanelOpen = false;
  #awaySinceMs = 0;
  #words = null; // the kind that is explained
  #copied = null; // the notice that the link was: {seen, end}

  /**
   * @param {object} verbs {leave, remember, rename} of an entry of SealedRooms;
   *   `copy`, which offers its link; `onToggle`, when the panel comes or goes
   */
  constructor(verbs) {
    this.#verbs = verbs;
    byId("sealed-send").replaceChildren(icon(ARROW));
    byId("sealed-lock").replaceChildren(icon(LOCK));
    byId("sealed-copy").replaceChildren(icon(LINK),
      el("span", {}, "Copy link"));
    byId("sealed-copy").onclick = () => verbs.copy(this.#entry);
    byId("sealed-open-people").onclick = () => this.#togglePanel();
    byId("sealed-close-panel").onclick = () => this.closePanel();
    byId("sealed-leave").onclick = () => verbs.leave(this.#entry);
    byId("sealed-retry").onclick = () => this.#room.retry();
    byId("sealed-rename").onclick = () => verbs.rename(this.#entry);
    byId("sealed-remember").onchange = ({ target }) =>
      verbs.remember(this.#entry, target.checked);
    byId("sealed-composer").onsubmit = (event) => {
      event.preventDefault();
      this.#say();
    };
    this.#input.oninput = () => this.#onInput();
    this.#input.onkeydown = (event) => this.#onKey(event);
    this.#log.onscroll = () => this.#onScroll();
    new ResizeObserver(() => this.#follow()).observe(this.#log);
    this.#fitWhenSeen();
    setInterval(() => this.#drawStatus(), 1000);
  }

  get #room() {
    return this.#entry?.room;
  }

  /** The entry that is shown, or null. */
  get entry() {
    return this.#entry;
  }

  /** Whether its right column is open. */
  get isPanelOpen() {
    return this.#isPanelOpen;
  }

  /** Shows a room, or none. @param {?object} entry one that has a room */
  show(entry) {
    if (entry !== this.#entry) {
      this.#endCopied();
      this.#isPanelOpen = false;
      this.#isAtEnd = true;
      byId("sealed-kind").open = false;
      this.#log.setAttribute("aria-live", "off");
    }
    this.#entry = entry;
    byId("sealed").hidden = entry === null;
    byId("app").classList.toggle("in-sealed", entry !== null);
    this.#input.value = entry?.draft ?? "";
    this.render();
    this.#fit();
  }

  /** Puts the cursor into the message box, if that brings up no keyboard. */
  focus() {
    if (matchMedia("(hover: hover)").matches) this.#input.focus();
  }

  /** Draws what has changed. */
  render() {
    byId("sealed-panel").hidden = !this.#entry || !this.#isPanelOpen;
    byId("sealed-open-people").setAttribute(
      "aria-expanded", String(this.#isPanelOpen));
    if (!this.#entry) return;
    this.#drawBar();
    this.#drawLog();
    this.#drawPanel();
    if (this.#room.entries.length !== this.#copied?.seen) this.#endCopied();
    this.#drawStatus();
  }

  // --- Above

  #drawBar() {
    const { title } = this.#entry;
    const { info, participants, state } = this.#room;
    const people = byId("sealed-open-people");
    const isHere = state === "here"; // else nobody knows who is
    const label = isHere
      ? `Participants, ${participants.size} here` : "Participants";
    setText(byId("sealed-title"), title);
    setText(byId("sealed-description"), info?.description ?? "");
    if (!people.firstChild) people.append(icon(this.#verbs.peopleIcon));
    people.dataset.count = isHere ? String(participants.size) : "";
    people.title = label;
    people.setAttribute("aria-label", label);
    this.#input.placeholder = `Message ${title}`;
    this.#input.setAttribute("aria-label", `Message ${title}`);
    this.#drawKind(kindOf(this.#room));
  }

  #drawKind(kind) {
    if (this.#words === kind) return;
    this.#words = kind;
    setText(byId("sealed-kind-line"), kind.line);
    byId("sealed-kind-words").replaceChildren(...explainKind(kind));
    byId("sealed-lock").classList.toggle("ours", kind === KINDS.ours);
  }

  #drawStatus() {
    const room = this.#room;
    const isAway = room && room.state !== "here";
    this.#awaySinceMs = isAway ? this.#awaySinceMs || Date.now() : 0;
    const isLong = Date.now() - this.#awaySinceMs > GRACE_MS;
    byId("sealed-status").hidden = !isAway || !(isLong || room.reason);
    if (!isAway) return;
    byId("sealed-rename").hidden = room.reason === "";
    byId("sealed-retry").hidden = room.state === "entering";
    setText(byId("sealed-status-text"), describe(room));
  }

  // --- The conversation

  #drawLog() {
    const room = this.#room;
    reconcile(this.#log, itemsOf(room), {
      key: (item) => item.key,
      make: (item) => MAKERS[item.kind](item),
      update: (node, item) => {
        if (item.kind === "message") this.#update(node, item);
      },
    });
    const isEmpty = this.#log.childElementCount === 0;
    byId("sealed-blank").hidden = !isEmpty;
    byId("sealed-blank").replaceChildren(
      ...(isEmpty ? makeBlank(room.state) : []));
    this.#follow();
    // History that is filled in is nothing new to be read out.
    if (room.state === "here")
      setTimeout(() => this.#log.setAttribute("aria-live", "polite"), 200);
  }

  #update(node, item) {
    const drawn = JSON.stringify(
      [item.text, item.at, item.state, item.error, item.isFirst]);
    if (node.drawn === drawn) return;
    node.drawn = drawn;
    node.className = ["message", item.isFirst && "first",
      item.text === null && "is-unreadable", item.state && `is-${item.state}`,
    ].filter(Boolean).join(" ");
    const text = node.querySelector(".text");
    text.replaceChildren(...linkify(item.text ?? UNREADABLE));
    if (!item.isFirst)
      text.prepend(el("span", { class: "unseen" }, `${item.sender}: `));
    for (const time of node.querySelectorAll("time")) {
      setText(time, item.at ? timeOf(item.at) : "");
      time.title = item.at ? fullTimeOf(item.at) : "";
      if (item.at) time.dateTime = item.at.toISOString();
    }
    this.#drawNote(node.querySelector(".note"), item);
  }

  #drawNote(note, { key, state, error }) {
    const room = this.#room;
    const button = (text, onclick) =>
      el("button", { type: "button", class: "link", onclick }, text);
    note.replaceChildren();
    if (state === "pending") note.append("Waiting to be sent");
    if (state === "failed")
      note.append(`Not sent: ${error} `,
        button("Try again", () => room.resend(key)), " ",
        button("Discard", () => room.discard(key)));
  }

  #onScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < AT_END_PX;
  }

  #follow() {
    if (this.#isAtEnd) this.#log.scrollTop = this.#log.scrollHeight;
  }

  // --- Below

  #onKey(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#say();
  }

  #onInput() {
    this.#entry.draft = this.#input.value;
    this.#fit();
  }

  #say() {
    const text = this.#input.value.trim();
    if (!text) return;
    this.#isAtEnd = true;
    this.#input.value = "";
    this.#onInput();
    this.#room.say(text);
  }

  // A room is shown before the page is, and the width decides on the lines. In
  // a frame of its own: an observer must not change what it observes.
  #fitWhenSeen() {
    let width = 0;
    new ResizeObserver(() => {
      if (this.#input.clientWidth === width) return;
      width = this.#input.clientWidth;
      requestAnimationFrame(() => this.#fit());
    }).observe(this.#input);
  }

  #fit() {
    fitHeight(this.#input);
    byId("sealed-send").disabled = this.#input.value.trim() === "";
  }

  // --- The right column

  #togglePanel() {
    this.#isPanelOpen = !this.#isPanelOpen;
    this.render();
    this.#verbs.onToggle();
    byId(this.#isPanelOpen ? "sealed-close-panel" : "sealed-open-people")
      .focus();
  }

  /** Closes the right column, and gives the focus back. */
  closePanel() {
    if (this.#isPanelOpen) this.#togglePanel();
  }

  #drawPanel() {
    const { participants, name, state } = this.#room;
    const there = state === "here" ? [...participants] : [];
    const people = there.map((who) => ({ who }))
      .sort((a, b) => (b.who === name) - (a.who === name) ||
        a.who.localeCompare(b.who));
    showAbout(byId("sealed-about"), byId("sealed-description"));
    setText(byId("sealed-count"),
      state === "here" ? `Here: ${people.length}` : "Here: not known now");
    reconcile(byId("sealed-people"), people, {
      key: ({ who }) => who,
      make: ({ who }) => makePerson(who, who === name),
    });
    byId("sealed-keep").hidden = !this.#verbs.canRemember();
    byId("sealed-remember").checked = this.#entry.isRemembered;
  }

  /** Says that the link was copied, where one looks. */
  tellCopied() {
    const label = byId("sealed-copy").lastChild;
    label.textContent = "Copied";
    setTimeout(() => (label.textContent = "Copy link"), 2500);
    this.#copied = {
      seen: this.#room.entries.length,
      end: toast("The link is copied. Whoever has it can enter."),
    };
  }

  // Once somebody came or spoke, it would only be in the way.
  #endCopied() {
    this.#copied?.end();
    this.#copied = null;
  }
}

function describe(room) {
  const { state, reason, retryAtMs } = room;
  if (state === "refused")
    return `Not in the room: ${reason}. What you write is kept in this tab.`;
  const seconds = Math.ceil((retryAtMs - Date.now()) / 1000);
  const why = reason ? `Not in the room: ${reason}.` : "Offline.";
  if (state === "entering") return reason ? why : "Connecting…";
  return `${why} What you write is kept in this tab and sent later.` +
    (seconds > 1 ? ` Trying again in ${seconds} s.` : "");
}

function makeBlank(state) {
  if (state === "entering")
    return [el("p", { class: "faint" }, "Connecting…")];
  if (state !== "here") return [];
  return [el("h2", {}, "Nothing here yet"),
    el("p", {}, "Copy the link and give it to those whom you want here. Keep " +
      "it: it is the only way back.")];
}

function itemsOf(room) {
  const pending = room.outbox.map((item) =>
    ({ ...item, kind: "message", sender: room.name, at: null }));
  const items = [];
  if (room.isCut)
    items.push({ key: "cut", kind: "notice", text: "There may be older " +
      "messages: a sealed room shows its newest 500 at most." });
  let last = null; // entry
  let lastDay = null; // of a message; "" if that has no time
  for (const entry of [...room.entries, ...pending]) {
    const day = entry.kind === "message" ? dayOf(entry) : lastDay;
    if (day !== lastDay) {
      items.push(lineBefore(entry, lastDay));
      last = null;
    }
    items.push({ ...entry, isFirst: isApart(entry, last) });
    last = entry;
    lastDay = day;
  }
  return items;
}

// What waits to be sent is of now; what is from the history, of no time.
function dayOf({ at, state }) {
  return at || state ? dayKey(at ?? new Date()) : "";
}

function lineBefore({ key, at, state }, lastDay) {
  if (at || state)
    return { key: `day ${key}`, kind: "day", at: at ?? new Date() };
  return { key: `untimed ${key}`, kind: "untimed",
    text: lastDay === null ? "Earlier" : "While you were away" };
}

function isApart(entry, last) {
  if (last?.kind !== "message" || last.sender !== entry.sender) return true;
  return Boolean(entry.at && last.at) && entry.at - last.at > GROUP_MS;
}

function makeUntimed({ text }) {
  return el("p", { class: "divider", role: "separator", "aria-label": text,
    title: NO_TIMES }, el("span", {}, text), el("small", {}, "without times"));
}

function makeMessage({ sender }) {
  const node = el("article", { class: "message" },
    el("div", { class: "gutter" }, avatar(sender),
      el("time", { class: "aside", "aria-hidden": "true" })),
    el("div", { class: "content" },
      el("div", { class: "head" },
        el("span", { class: "author" }, sender),
        el("time", { class: "when" })),
      el("div", { class: "text" }),
      el("div", { class: "note" })));
  node.drawn = "";
  return node;
}

const MAKERS = {
  message: makeMessage, day: makeDivider, untimed: makeUntimed,
  notice: ({ text }) => el("p", { class: "notice-line" }, text),
};

function makePerson(who, isMe) {
  const sign = avatar(who);
  sign.classList.add("small");
  return el("div", { role: "listitem" },
    el("span", { class: "person" }, sign,
      el("span", { class: "name" }, who + (isMe ? " (you)" : ""))));
}
