// SPDX-License-Identifier: MIT
// parley_feed.js - each message once, in the order of its room.

/** How far each room was told: every message once, in its order. */
export class Feed {
  #tell;
  #keep; // saves the places
  #places; // room id -> seq of the last message that was told
  #held = new Map(); // room id -> messages that are not to be told yet
  #copies = new Map(); // room id -> messages that came before their turn

  constructor(places, tell, keep) {
    this.#places = new Map(Object.entries(places));
    this.#tell = tell;
    this.#keep = keep;
  }

  /** Whether it is certain how far the room was told. */
  isCertain(roomId) {
    return this.#places.has(roomId) && !this.#copies.has(roomId);
  }

  placeOf(roomId) {
    return this.#places.get(roomId);
  }

  places() {
    return Object.fromEntries(this.#places);
  }

  /** Rooms that are not among these are not ours any more. */
  retain(roomIds) {
    for (const roomId of [...this.#places.keys()])
      if (!roomIds.has(roomId)) this.forget(roomId);
  }

  forget(roomId) {
    this.#held.delete(roomId);
    this.#copies.delete(roomId);
    if (this.#places.delete(roomId)) this.#keep();
  }

  hold(roomId) {
    if (!this.#held.has(roomId)) this.#held.set(roomId, []);
  }

  /** The seq of the first message held. @returns {number|undefined} */
  firstHeld(roomId) {
    return this.#held.get(roomId)?.[0]?.seq;
  }

  /** Tells what was held; all up to seq has come. */
  release(roomId, seq) {
    const held = this.#held.get(roomId);
    for (const message of held ?? []) {
      if (this.#held.get(roomId) !== held) return; // closed by a listener
      this.tell(message);
    }
    this.#held.delete(roomId);
    this.#tellCopies(roomId, seq);
    this.#moveTo(roomId, seq);
  }

  onLost() {
    this.#held.clear(); // they come again: the places have not moved
    this.#copies.clear();
  }

  hear(message) {
    const held = this.#held.get(message.room_id);
    if (held) return insertBySeq(held, message);
    this.#tellCopies(message.room_id, message.seq);
    this.tell(message);
  }

  /** Takes a message that may be out of its place; hear() it is in order. */
  hearEarly(message) {
    const copies = this.#copies.get(message.room_id) ?? [];
    this.#copies.set(message.room_id, copies);
    insertBySeq(copies, message);
  }

  tell(message) {
    if (message.seq <= (this.#places.get(message.room_id) ?? 0)) return;
    this.#places.set(message.room_id, message.seq);
    this.#tell(message);
    this.#keep();
  }

  /** @returns {boolean} whether it was not told yet, and is changed now */
  replaceHeld(message) {
    const found = this.#find(message.room_id, message.id);
    found?.list.splice(found.i, 1, message);
    return Boolean(found);
  }

  removeHeld(roomId, messageId) {
    const found = this.#find(roomId, messageId);
    found?.list.splice(found.i, 1);
  }

  #find(roomId, messageId) {
    for (const lists of [this.#held, this.#copies]) {
      const list = lists.get(roomId) ?? [];
      const i = list.findIndex(({ id }) => id === messageId);
      if (i >= 0) return { list, i };
    }
    return null;
  }

  #tellCopies(roomId, seq) {
    const copies = this.#copies.get(roomId) ?? [];
    while (copies.length > 0 && copies[0].seq <= seq) this.tell(copies.shift());
    if (copies.length === 0) this.#copies.delete(roomId);
  }

  #moveTo(roomId, seq) {
    if (this.#places.has(roomId) && seq <= this.#places.get(roomId)) return;
    this.#places.set(roomId, seq);
    this.#keep();
  }
}

function insertBySeq(messages, message) {
  let i = messages.length;
  while (i > 0 && messages[i - 1].seq > message.seq) i--;
  if (i === 0 || messages[i - 1].seq !== message.seq)
    messages.splice(i, 0, message);
}
