// SPDX-License-Identifier: MIT
// room.js - one room as this page knows it: a stretch of its messages, how
// much of it is unread, who is there and who is typing.
//
// Knows nothing of the network or of the document.

const KEPT = 200; // messages kept of a room that is not shown
const TYPING_MS = 16000; // the server ends it earlier, unless it was lost

/** A room's state. `messages` is a stretch without holes, oldest first. */
export class Room {
  /**
   * @param {object} entry of a `Rooms` frame
   * @param {Set<string>} [online] who is there, as far as was told
   */
  constructor(entry, online = new Set()) {
    this.id = entry.id;
    this.messages = [];
    this.loaded = false; // messages mean something
    this.hasOlder = false;
    this.hasNewer = false; // the stretch does not reach the present
    this.headSeq = 0; // the highest that was heard of
    this.isStale = false; // edits may have been missed
    this.askAgainMs = 0; // until then no more pages are asked for
    this.ban = null; // {until, reason}, if we may not come
    this.unread = 0;
    this.lastSeen = null; // a message id or a sequence number
    this.dividerSeq = 0; // where what is new began; 0 for nowhere
    this.online = online;
    this.typing = new Map(); // user id -> until when, ms since 1970
    this.lastAtMs = 0; // of the newest message, to sort by
    this.draft = "";
    this.update(entry);
  }

  /** Takes over what the server says of the room. @param {object} entry */
  update(entry) {
    if (this.member && !entry.member) this.lose();
    if (entry.member) this.ban = null;
    this.name = entry.name;
    this.description = entry.description ?? "";
    this.kind = entry.kind;
    this.member = entry.member;
    this.isArchived = entry.archived ?? false;
    this.peer = entry.peer ?? null;
    this.createdAt = entry.created_at;
  }

  /** What people call it. */
  get title() {
    if (this.kind === "direct") return this.peer?.username ?? "Direct message";
    return this.name ?? "Room";
  }

  /** The newest message of the stretch, if any. */
  get newest() {
    return this.messages.at(-1) ?? null;
  }

  /**
   * Adds a message in its place, or replaces the one that has its id.
   * @param {object} message
   * @returns {boolean} whether it is a new one
   */
  put(message) {
    this.lastAtMs = Math.max(this.lastAtMs, Date.parse(message.created_at));
    let i = this.messages.length;
    while (i > 0 && this.messages[i - 1].seq > message.seq) i--;
    if (i > 0 && this.messages[i - 1].id === message.id) {
      const isEdited = this.messages[i - 1].isEdited || message.isEdited;
      this.messages[i - 1] = { ...message, isEdited };
      return false;
    }
    this.messages.splice(i, 0, message);
    return true;
  }

  /** Takes in a page of history that joins or covers what is there. */
  merge(page) {
    for (const message of page) this.put(message);
  }

  /**
   * Takes in a page of history that is true for its whole stretch: what the
   * page does not have was deleted.
   * @param {object[]} page oldest first
   */
  refresh(page) {
    if (page.length > 0) {
      const from = page[0].seq;
      const to = page.at(-1).seq;
      const ids = new Set(page.map((message) => message.id));
      this.messages = this.messages.filter((message) =>
        message.seq < from || message.seq > to || ids.has(message.id));
    }
    this.merge(page);
  }

  /** Forgets the messages, to be loaded anew. */
  unload() {
    this.messages = [];
    this.loaded = this.hasOlder = this.hasNewer = this.isStale = false;
    this.askAgainMs = 0;
  }

  /** It is not ours any more: what was said there is nothing to be read. */
  lose() {
    this.member = false;
    this.dividerSeq = 0;
    this.typing.clear();
    this.unload();
  }

  /** Forgets most of a long conversation that is not looked at any more. */
  trim() {
    this.dividerSeq = 0;
    if (this.hasNewer) this.unload();
    if (this.messages.length <= KEPT) return;
    this.messages = this.messages.slice(-KEPT);
    this.hasOlder = true;
  }

  /** @param {string} messageId */
  find(messageId) {
    return this.messages.find((message) => message.id === messageId);
  }

  /** @param {string} messageId */
  remove(messageId) {
    this.messages = this.messages.filter((m) => m.id !== messageId);
  }

  /**
   * Puts the mark before the first unread message of others.
   * @param {string} myId
   */
  placeDivider(myId) {
    this.dividerSeq = 0;
    if (this.unread === 0) return;
    const seenSeq = typeof this.lastSeen === "number"
      ? this.lastSeen : this.find(this.lastSeen)?.seq;
    const theirs = this.messages.filter((m) => m.creator_id !== myId);
    const first = seenSeq === undefined
      ? theirs.slice(-this.unread)[0] : theirs.find((m) => m.seq > seenSeq);
    this.dividerSeq = first?.seq ?? 0;
  }

  /** @param {string} userId */
  startTyping(userId) {
    this.typing.set(userId, Date.now() + TYPING_MS);
  }

  /** Who is typing now. @returns {string[]} user ids */
  whoTypes() {
    for (const [userId, untilMs] of this.typing)
      if (untilMs < Date.now()) this.typing.delete(userId);
    return [...this.typing.keys()];
  }
}
