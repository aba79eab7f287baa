// SPDX-License-Identifier: MIT
// parley_pacing.js - what a room refuses is not asked for over and over.

import { FOR_NOW } from "./parley_error.js";
import { pauseMs } from "./parley_timers.js";

const REFUSALS = new Set([...FOR_NOW, "NOT_A_MEMBER", "ROOM_NOT_FOUND"]);

/**
 * Lets questions about rooms through. Who was refused and asks again waits a
 * while, longer each time: an application may ask whenever it draws.
 */
export class Pacing {
  #maxMs;
  #refused = new Map(); // room id -> {times, untilMs}
  #waits = new Set(); // {id, end}

  /** @param {number} maxMs the longest wait */
  constructor(maxMs) {
    this.#maxMs = maxMs;
  }

  /**
   * @param {string} roomId
   * @param {function(): Promise} act asks
   * @returns {Promise} what that resolves to
   */
  async ask(roomId, act) {
    const id = String(roomId).toLowerCase();
    await this.#wait(id);
    try {
      const answer = await act();
      this.#refused.delete(id);
      return answer;
    } catch (error) {
      if (REFUSALS.has(error.code)) this.#note(id);
      throw error;
    }
  }

  /** The room is ours, perhaps anew: nobody need wait. */
  lift(roomId) {
    this.#refused.delete(roomId.toLowerCase());
    this.#wake((id) => id === roomId.toLowerCase());
  }

  /** The client is closed: who waits asks, and hears that. */
  end() {
    this.#wake(() => true);
  }

  // What was refused at one time counts once.
  #note(id) {
    const { times = 0, untilMs = 0 } = this.#refused.get(id) ?? {};
    const nowMs = Date.now();
    if (nowMs < untilMs) return;
    this.#refused.set(id,
      { times: times + 1, untilMs: nowMs + pauseMs(times, this.#maxMs) });
  }

  #wait(id) {
    const leftMs = (this.#refused.get(id)?.untilMs ?? 0) - Date.now();
    if (leftMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const wait = { id, end: () => {
        clearTimeout(timer);
        this.#waits.delete(wait);
        resolve();
      } };
      const timer = setTimeout(wait.end, Math.min(leftMs, this.#maxMs));
      this.#waits.add(wait);
    });
  }

  #wake(isMeant) {
    for (const { id, end } of [...this.#waits])
      if (isMeant(id)) end();
  }
}
