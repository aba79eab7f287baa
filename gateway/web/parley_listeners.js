// SPDX-License-Identifier: MIT
// parley_listeners.js - who listens to which event of the client.

const EVENTS = new Set([
  "status", "message", "edited", "deleted", "joined", "left", "typing",
  "presence", "member", "room", "pending", "gap", "error",
]);

/** Who listens to what. */
export class Listeners {
  #byType = new Map();

  add(type, act) {
    if (!EVENTS.has(type)) throw new TypeError(`no event "${type}"`);
    if (typeof act !== "function") throw new TypeError("wants a function");
    const entry = { act };
    const entries = this.#byType.get(type) ?? new Set();
    this.#byType.set(type, entries.add(entry));
    return () => void entries.delete(entry);
  }

  // An error of the application's is not ours to swallow, nor to stop at.
  tell(type, detail) {
    for (const { act } of [...this.#byType.get(type) ?? []]) {
      try {
        act(detail);
      } catch (error) {
        if (globalThis.reportError) globalThis.reportError(error);
        else queueMicrotask(() => { throw error; });
      }
    }
  }
}
