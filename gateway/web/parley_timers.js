// SPDX-License-Identifier: MIT
// parley_timers.js - timers by name, and how long to wait before another try.

const FIRST_RETRY_MS = 1000; // of a request that was refused for now

// Doubles with each try, up to a bound.
export function ceilingMs(attempt, baseMs, maxMs) {
  return Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 20));
}

// For one request: never at once, or it would be refused again.
export function pauseMs(attempt, maxMs) {
  const ceiling = ceilingMs(attempt, FIRST_RETRY_MS, maxMs);
  return ceiling * (0.5 + Math.random() / 2);
}

/** Timers by name, so that all of them can be ended. */
export class Timers {
  #running = new Map();

  set(name, ms, act) {
    this.clear(name);
    this.#running.set(name, setTimeout(() => {
      this.#running.delete(name);
      act();
    }, ms));
  }

  clear(name) {
    clearTimeout(this.#running.get(name));
    this.#running.delete(name);
  }

  clearAll() {
    for (const name of [...this.#running.keys()]) this.clear(name);
  }
}
