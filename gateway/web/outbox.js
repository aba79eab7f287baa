// SPDX-License-Identifier: MIT
// outbox.js - what was said and not acknowledged, kept over a reload.
//
// Each item has a storage key of its own, so that two tabs of one user do not
// write over each other's. Its client message id never changes: sending it
// again is harmless.

/**
 * Makes a UUID of version 7: they sort by the time they were made. Works where
 * crypto.randomUUID does not (a page over plain HTTP from another machine).
 * @param {number} [nowMs] milliseconds since 1970
 * @returns {string} in lower case
 */
export function newUuid(nowMs = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  const time = nowMs.toString(16).padStart(12, "0").slice(-12);
  const variant = (8 + (bytes[8] & 3)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-` +
    `${variant}${hex.slice(3, 6)}-${hex.slice(8, 20)}`;
}

/** What one user said and no server acknowledged yet. */
export class Outbox {
  #items = new Map();
  #prefix;
  #storage;

  /**
   * @param {?Storage} storage null: it lives as long as the page
   * @param {string} userId
   */
  constructor(storage, userId) {
    this.#storage = storage;
    this.#prefix = `parley.pending.${userId}.`;
    this.#load();
  }

  #load() {
    const found = [];
    for (let i = 0; i < (this.#storage?.length ?? 0); i++) {
      const key = this.#storage.key(i);
      if (key.startsWith(this.#prefix)) found.push(key);
    }
    for (const key of found.sort()) {
      try {
        const item = JSON.parse(this.#storage.getItem(key));
        this.#items.set(item.client_message_id, { ...item, stored: true });
      } catch {
        this.#storage.removeItem(key);
      }
    }
  }

  /** Adds or changes an item. @param {object} item */
  save(item) {
    this.#items.set(item.client_message_id, item);
    const { stored, ...kept } = item;
    try {
      this.#storage?.setItem(
        this.#prefix + item.client_message_id, JSON.stringify(kept));
      item.stored = Boolean(this.#storage);
    } catch {
      item.stored = false; // full or forbidden: it lives as long as the page
    }
  }

  /** @param {string} id client message id @returns {object|undefined} */
  get(id) {
    return this.#items.get(id);
  }

  /** @param {string} id @returns {object|undefined} what was there */
  remove(id) {
    const item = this.#items.get(id);
    this.#items.delete(id);
    this.#storage?.removeItem(this.#prefix + id);
    return item;
  }

  /** @returns {object[]} oldest first */
  all() {
    return [...this.#items.values()];
  }

  /**
   * False if another tab of the same user dropped or sent it meanwhile.
   * @param {object} item
   * @returns {boolean}
   */
  isCurrent(item) {
    return !item.stored ||
      this.#storage.getItem(this.#prefix + item.client_message_id) !== null;
  }
}
