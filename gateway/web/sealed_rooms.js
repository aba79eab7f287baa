// SPDX-License-Identifier: MIT
// sealed_rooms.js - the sealed rooms of this browser: making one, following a
// link into one, and which of them are kept here.
//
// A tab knows the rooms that it is in until it is closed, so that it can be
// reloaded. Nothing else is kept, unless somebody who is logged in asks for it.

import { ask, toast } from "./dialogs.js";
import { byId, el, icon, reconcile, setText } from "./dom.js";
import { shortCount } from "./format.js";
import { SealedRoom } from "./sealed.js";
import { SealedKept, isOfSealed } from "./sealed_kept.js";
import {
  canEncrypt, isInvitation, readInvitation, writeInvitation,
} from "./sealed_key.js";
import { LOCK, SealedView } from "./sealed_view.js";
import { KINDS, NO_CRYPTO, REMEMBER } from "./sealed_words.js";

const PLUS = "M10 4v12M4 10h12";
const CROSS = "M6 6l8 8M14 6l-8 8";
const OWNER = /^owner$/iu; // who made a room, until they have a name
const NAME_MAX = 64;

const URL_OF_SOCKET = new URL("/ws/sealed?v=2", location.href);
URL_OF_SOCKET.protocol = location.protocol === "https:" ? "wss:" : "ws:";

/**
 * What there is of sealed rooms on the page. An entry is `{id, title, name,
 * link, hasPassword, isRemembered, isOfTab, unread, draft, room}`; its room is
 * null until it is entered, its link the fragment that leads there.
 */
export class SealedRooms {
  #entries = new Map(); // id -> entry
  #kept = new SealedKept();
  #user = null;
  #verbs;
  #view;
  #wantsDrawing = false;

  /**
   * @param {object} verbs
   * @param {function(string): void} verbs.go opens the room of this id
   * @param {function(): void} verbs.onGone the open room was left
   * @param {function(): void} verbs.onToggle its panel came or went
   * @param {function(): void} verbs.onChange what is unread, or open, changed
   * @param {string} verbs.peopleIcon
   */
  constructor(verbs) {
    this.#verbs = verbs;
    this.#view = new SealedView({
      ...verbs,
      leave: (entry) => this.#askToLeave(entry),
      remember: (entry, isWanted) => this.#remember(entry, isWanted),
      rename: (entry) => this.#askForName(entry),
      copy: (entry) => this.#copy(entry),
      canRemember: () => this.#user !== null,
    });
    byId("create-sealed").replaceChildren(icon(PLUS));
    byId("create-sealed").onclick = () => this.askToCreate();
    byId("login-sealed").onclick = () => this.askToCreate();
    setText(byId("sealed-remember-hint"), REMEMBER);
    for (const kept of this.#kept.ofTab())
      this.#add({ ...kept, isOfTab: true });
    addEventListener("beforeunload", (event) => {
      if (this.#all().some(({ room }) => room?.outbox.length > 0))
        event.preventDefault();
    });
    addEventListener("online", () => this.retry());
    addEventListener("storage", (event) => {
      if (isOfSealed(event)) this.setUser(this.#user);
    });
  }

  #all() {
    return [...this.#entries.values()];
  }

  #add(kept) {
    const entry = {
      unread: 0, draft: "", room: null, isRemembered: false, isOfTab: false,
      ...kept,
    };
    this.#entries.set(entry.id, entry);
    return entry;
  }

  #keepInTab() {
    this.#kept.keepInTab(this.#all().filter(({ isOfTab }) => isOfTab));
  }

  #keepOnDevice(entry) {
    return this.#kept.keepOnDevice(this.#user, entry);
  }

  /** The open room's entry, or null. */
  get open() {
    return this.#view.entry;
  }

  /** The view of the open room. */
  get view() {
    return this.#view;
  }

  /** How much is unread, in all of them. */
  get unread() {
    return this.#all().reduce((sum, { unread }) => sum + unread, 0);
  }

  /** Whether this tab can go there. @param {string} id */
  has(id) {
    return this.#entries.has(id);
  }

  /** How many there are to which only this tab has the link. */
  get unkept() {
    return this.#all().filter((entry) => !entry.isRemembered).length;
  }

  /**
   * Who is logged in now: what they had remembered is there.
   * @param {?{user_id: string, username: string}} user null: nobody any more
   */
  setUser(user) {
    this.#user = user;
    for (const { id, isOfTab } of this.#all())
      if (!isOfTab) this.#entries.delete(id);
    for (const kept of this.#kept.ofDevice(user))
      (this.#entries.get(kept.id) ?? this.#add(kept)).isRemembered = true;
    this.#draw();
  }

  /** This tab leaves all rooms, and forgets them. */
  end() {
    this.hide();
    for (const { room } of this.#all()) room?.leave();
    this.#entries.clear();
    this.#kept.keepInTab([]);
    this.setUser(null);
  }

  /** Comes back at once where it would have waited. */
  retry() {
    for (const { room } of this.#all())
      if (room?.state === "away") room.retry();
  }

  // --- Which one is seen

  /** Shows a room, which is entered if need be. @param {string} id */
  show(id) {
    const entry = this.#entries.get(id);
    if (!entry.room && entry.hasPassword)
      return this.#askToJoin(readInvitation(entry.link), entry);
    if (!entry.room) {
      const { name, title } = entry;
      this.#take(entry, SealedRoom.resume({
        url: URL_OF_SOCKET, name, invitation: readInvitation(entry.link),
        info: { id, name: title, description: "" },
      }));
    }
    this.#view.show(entry);
    this.#see(entry);
    this.#draw();
  }

  /** Shows none of them; they go on being heard. */
  hide() {
    if (!this.open) return;
    this.#view.show(null);
    this.#draw();
  }

  /** What is open has been in view. */
  markSeen() {
    if (this.open) this.#see(this.open);
  }

  #see(entry) {
    if (document.visibilityState !== "visible") return;
    entry.unread = 0;
    this.#drawLater();
  }

  #take(entry, room) {
    let read = room.entries.length;
    entry.room = room;
    entry.isOfTab = true;
    room.addEventListener("change", () => {
      if (entry.room !== room) return;
      const added = room.entries.slice(read);
      read = room.entries.length;
      entry.unread += added.filter(({ kind, sender, at }) =>
        kind === "message" && at && sender !== room.name).length;
      if (entry === this.open) this.#see(entry);
      this.#drawLater();
    });
    this.#keepInTab();
  }

  // Changes come in bursts, and are drawn once for all of them.
  #drawLater() {
    if (this.#wantsDrawing) return;
    this.#wantsDrawing = true;
    const draw = () => {
      this.#wantsDrawing = false;
      this.#draw();
    };
    if (document.hidden) setTimeout(draw, 200);
    else requestAnimationFrame(draw);
  }

  #draw() {
    const entries = this.#all().sort((a, b) => a.title.localeCompare(b.title));
    reconcile(byId("sealed-rooms"), entries, {
      key: ({ id }) => id,
      make: (entry) => this.#makeRow(entry),
      update: (row, entry) => this.#updateRow(row, entry),
    });
    byId("sealed-rooms-empty").hidden = entries.length > 0;
    byId("login-back").hidden = entries.length === 0;
    reconcile(byId("login-rooms"), entries, {
      key: ({ id }) => id,
      make: ({ id, title }) => el("button", {
        type: "button", class: "link", onclick: () => this.#verbs.go(id),
      }, title),
    });
    this.#view.render();
    this.#verbs.onChange();
  }

  #makeRow({ id, title }) {
    return el("div", { class: "sealed-row" },
      el("button", {
        type: "button", class: "room sealed-room", dataset: { sealed: id },
        onclick: () => this.#verbs.go(id),
      }, el("span", { class: "hash", "aria-hidden": "true" }, icon(LOCK)),
      el("span", { class: "name" }),
      el("span", { class: "count", "aria-hidden": "true" })),
      el("button", {
        type: "button", class: "tool", title: "Leave and forget",
        "aria-label": `Leave and forget ${title}`,
        onclick: () => this.#askToLeave(this.#entries.get(id)),
      }, icon(CROSS)));
  }

  #updateRow({ firstChild: row }, entry) {
    const [, name, count] = row.children;
    const { title, unread, room } = entry;
    setText(name, title);
    setText(count, unread > 0 ? shortCount(unread) : "");
    row.classList.toggle("unread", unread > 0);
    row.classList.toggle("not-entered", room === null);
    row.setAttribute("aria-label", ["Sealed room", title,
      unread > 0 && `${unread} unread`, !room && "not entered",
    ].filter(Boolean).join(", "));
    if (entry === this.open) row.setAttribute("aria-current", "page");
    else row.removeAttribute("aria-current");
  }

  // --- Entering

  #rememberField() {
    return this.#user ? [{
      name: "remember", label: "Remember on this device", type: "check",
      hint: REMEMBER,
    }] : [];
  }

  #entered(room, { remember = false, password }) {
    const { id, name: title } = room.info;
    const entry = this.#entries.get(id) ?? this.#add({ id, title });
    entry.room?.leave();
    Object.assign(entry, {
      title, name: room.name, link: room.fragment,
      hasPassword: Boolean(password),
      isRemembered: entry.isRemembered || remember,
    });
    this.#take(entry, room);
    if (entry.isRemembered) this.#keepOnDevice(entry);
    return () => this.#verbs.go(id);
  }

  /** Asks what a new room is to be, makes it and goes there. */
  askToCreate() {
    if (!canEncrypt) return toast(NO_CRYPTO);
    ask({
      title: "Create a sealed room",
      text: "What is said in it is encrypted. It is listed nowhere: only its " +
        "link leads there, with or without an account.",
      fields: [
        { name: "name", label: "Name of the room", required: true,
          maxlength: NAME_MAX },
        { name: "description", label: "What it is about",
          aside: "optional" },
        { name: "kind", label: "Who has the key", type: "choice",
          value: "ours",
          choices: Object.entries(KINDS).map(([value, { label, short }]) =>
            ({ value, label, hint: short })) },
        { name: "password", label: "Password", aside: "optional",
          type: "password",
          hint: "Asked for beside the link. The server checks it." },
        { name: "me", label: "Your name there", required: true,
          maxlength: NAME_MAX, value: this.#user?.username ?? "" },
        ...this.#rememberField(),
      ],
      ok: "Create room",
    }, async (wanted) => {
      refuseOwner(wanted.me);
      const { name, description, password, me, kind } = wanted;
      return this.#entered(await SealedRoom.create({
        url: URL_OF_SOCKET, title: name, description, password, name: me,
        isOurs: kind === "ours",
      }), wanted);
    });
  }

  /**
   * Takes an invitation from the address, where nobody needs to see it.
   * @returns {boolean} whether there was one
   */
  takeInvitation() {
    if (!isInvitation(location.hash)) return false;
    this.#kept.invitation = location.hash;
    history.replaceState(null, "", location.pathname + location.search);
    return true;
  }

  /** Asks whoever followed a link to enter, if that is still to be done. */
  askInvited() {
    const link = this.#kept.invitation;
    if (!link) return;
    const invitation = readInvitation(link);
    if (!invitation) {
      this.#kept.invitation = null;
      toast("This link to a sealed room is not whole. Ask for it again.");
      return;
    }
    const known = this.#all().find((entry) =>
      entry.link === writeInvitation(invitation));
    if (known && (known.room || !known.hasPassword)) {
      this.#kept.invitation = null;
      this.#verbs.go(known.id);
    } else {
      this.#askToJoin(invitation, known);
    }
  }

  #askToJoin(invitation, known) {
    if (!canEncrypt) return toast(NO_CRYPTO);
    const kind = invitation.key ? KINDS.ours : KINDS.theirs;
    ask({
      title: known ? `Enter ${known.title}` : "Enter a sealed room",
      text: "You have a link to a room whose messages are encrypted. " +
        kind.short,
      fields: [
        { name: "me", label: "Your name there", required: true,
          maxlength: NAME_MAX,
          value: known?.name ?? this.#user?.username ?? "" },
        { name: "password", type: "password", label: "Password",
          aside: known?.hasPassword ? "" : "if the room has one" },
        ...(known?.isRemembered ? [] : this.#rememberField()),
      ],
      ok: "Enter",
      cancel: "Not now",
      // Who is about to log in first is asked again then.
      onCancel: () => {
        if (this.#user) this.#kept.invitation = null;
      },
    }, async (wanted) => {
      const room = await SealedRoom.join({
        url: URL_OF_SOCKET, name: wanted.me, password: wanted.password,
        invitation,
      });
      this.#kept.invitation = null;
      return this.#entered(room, wanted);
    });
  }

  #askForName(entry) {
    ask({
      title: "Enter by another name",
      text: `The server says: ${entry.room.reason}.`,
      fields: [{ name: "me", label: "Your name there", required: true,
        maxlength: NAME_MAX, value: entry.name }],
      ok: "Enter",
    }, async ({ me }) => {
      entry.name = me;
      entry.room.retry(me);
      this.#keepInTab();
      if (entry.isRemembered) this.#keepOnDevice(entry);
    });
  }

  // --- Keeping and leaving

  async #copy(entry) {
    const link = location.origin + location.pathname + entry.link;
    try {
      await navigator.clipboard.writeText(link);
      this.#view.tellCopied();
    } catch {
      ask({
        title: "The link to this room",
        text: "Copy it from here. Whoever has it can enter.",
        fields: [{ name: "link", label: "Link", value: link }],
        ok: "Done",
      }, async () => {});
      byId("dialog-link").select();
    }
  }

  #remember(entry, isWanted) {
    entry.isRemembered = isWanted;
    if (this.#keepOnDevice(entry)) return this.#keepInTab();
    entry.isRemembered = false;
    this.#draw();
    toast("This browser does not let the page keep anything.");
  }

  #askToLeave(entry) {
    ask({
      title: `Leave ${entry.title}?`,
      text: entry.isRemembered
        ? "The link is forgotten on this device too: keep it elsewhere if " +
          "you want to come back."
        : "Only the link leads back here. If nobody has it, the room is lost.",
      ok: "Leave room", isDangerous: true,
    }, async () => {
      const wasOpen = entry === this.open;
      this.#entries.delete(entry.id);
      entry.room?.leave();
      this.#keepInTab();
      if (entry.isRemembered)
        this.#keepOnDevice({ ...entry, isRemembered: false });
      if (wasOpen) this.hide();
      this.#draw();
      if (wasOpen) this.#verbs.onGone();
    });
  }
}

function refuseOwner(name) {
  if (OWNER.test(name))
    throw new Error("Owner is a name that nobody can come back by. " +
      "Choose another one.");
}
