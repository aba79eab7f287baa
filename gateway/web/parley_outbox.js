// SPDX-License-Identifier: MIT
// parley_outbox.js - what was said and is not yet acknowledged, and what is kept
// of it in an application's storage.

import { ParleyError } from "./parley_error.js";

/** JSON values in an application's storage, which may be missing or fail. */
export class Store {
  #storage;
  #prefix;
  #onError;
  #hasFailed = false;

  constructor(storage, prefix, onError) {
    this.#storage = storage;
    this.#prefix = prefix;
    this.#onError = onError;
  }

  get isThere() {
    return this.#storage !== null;
  }

  read(name, otherwise) {
    try {
      const text = this.#storage?.getItem(this.#prefix + name);
      return text ? JSON.parse(text) : otherwise;
    } catch {
      return otherwise; // what cannot be read is as good as nothing
    }
  }

  /** @returns {boolean} whether it is kept */
  write(name, value) {
    try {
      this.#storage?.setItem(this.#prefix + name, JSON.stringify(value));
      this.#hasFailed = false;
      return this.isThere;
    } catch (cause) {
      if (!this.#hasFailed) this.#onError(new ParleyError("STORAGE",
        `cannot be kept over a restart: ${cause.message}`, { cause }));
      this.#hasFailed = true;
      return false;
    }
  }
}

/**
 * What was said and is not yet acknowledged, oldest first. Several tabs of one
 * user may share what is stored: each changes its own items in it alone.
 */
export class Outbox {
  #store;
  #items = new Map(); // client message id -> {item, isStored, tries}

  constructor(store) {
    this.#store = store;
    for (const item of store.read("outbox", []))
      this.#items.set(item.client_message_id,
        { item, isStored: true, tries: 1 }); // it may have been sent
  }

  get size() {
    return this.#items.size;
  }

  /** @returns {Array<{item: Pending, tries: number}>} */
  entries() {
    return [...this.#items.values()];
  }

  get(id) {
    return this.#items.get(id);
  }

  save(item) {
    const id = item.client_message_id;
    const entry = this.#items.get(id) ?? { tries: 0 };
    this.#items.set(id, entry);
    entry.item = item;
    entry.isStored = this.#rewrite(id, item);
  }

  /** @returns {Pending|undefined} what was there */
  remove(id) {
    const entry = this.#items.get(id);
    this.#items.delete(id);
    if (entry?.isStored) this.#rewrite(id, null);
    return entry?.item;
  }

  /** False if another tab of the same user dropped or sent it meanwhile. */
  isCurrent(id) {
    return !this.#items.get(id).isStored ||
      this.#store.read("outbox", []).some((i) => i.client_message_id === id);
  }

  #rewrite(id, item) {
    if (!this.#store.isThere) return false;
    const all = this.#store.read("outbox", []);
    const at = all.findIndex((i) => i.client_message_id === id);
    if (at >= 0) all.splice(at, 1, ...item ? [item] : []);
    else if (item) all.push(item);
    return this.#store.write("outbox", all);
  }
}
