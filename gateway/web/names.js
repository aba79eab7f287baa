// SPDX-License-Identifier: MIT
// names.js - which user is called what.
//
// Presence and typing name users by UUID alone. Names are learned from what
// else the server says; the rest are asked for, many at a time.

import { findUsers } from "./rest.js";

const BATCH = 100; // the most that one request may ask for
const GATHER_MS = 60;
const RETRY_MS = 10000;

/** The names of users that were heard of. Tells `names` when it grew. */
export class Names extends EventTarget {
  #known = new Map();
  #wanted = new Set();
  #timer = 0;

  /** @param {string} userId @param {?string} name */
  learn(userId, name) {
    if (!userId || !name || this.#known.get(userId) === name) return;
    this.#known.set(userId, name);
    this.#wanted.delete(userId);
    this.dispatchEvent(new Event("names"));
  }

  /** The name, or null; then it is asked for. @param {string} userId */
  get(userId) {
    const name = this.#known.get(userId);
    if (name !== undefined) return name;
    this.#wanted.add(userId);
    this.#timer ||= setTimeout(() => this.#ask(), GATHER_MS);
    return null;
  }

  async #ask() {
    const ids = [...this.#wanted].slice(0, BATCH);
    ids.forEach((id) => this.#wanted.delete(id));
    this.#timer = 0;
    if (ids.length === 0) return; // all were learned meanwhile
    try {
      const users = await findUsers(ids);
      for (const user of users) this.#known.set(user.user_id, user.username);
      // Who is known to nobody is not asked for again.
      for (const id of ids)
        if (!this.#known.has(id)) this.#known.set(id, null);
    } catch {
      ids.forEach((id) => this.#wanted.add(id));
      this.#timer ||= setTimeout(() => this.#ask(), RETRY_MS);
      return;
    }
    if (this.#wanted.size > 0)
      this.#timer ||= setTimeout(() => this.#ask(), GATHER_MS);
    this.dispatchEvent(new Event("names"));
  }
}
