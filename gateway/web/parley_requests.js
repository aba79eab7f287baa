// SPDX-License-Identifier: MIT
// parley_requests.js - questions to the server, and their answers.

import { ParleyError, closedError, lostError } from "./parley_error.js";

/** Questions to the server, each with an answer or an error. */
export class Requests {
  #link;
  #timeoutMs;
  #asked = new Map(); // request id -> what was asked
  #last = 0;

  constructor(link, timeoutMs) {
    this.#link = link;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * @param {string} type
   * @param {object} [fields]
   * @param {object} [how]
   * @param {boolean} [how.now] does not wait until the link is ready
   * @param {boolean} [how.again] asking twice is harmless: a lost connection
   *   only means to ask the next one
   * @param {boolean} [how.patient] the end of the connection is its time-out
   * @param {string} [how.id] request id
   * @returns {Promise<object>} the answering frame
   */
  ask(type, fields = {}, how = {}) {
    const id = how.id ?? `r${++this.#last}`;
    const { state } = this.#link;
    if (state === "closed") return Promise.reject(closedError());
    if (how.now && state !== "ready" && state !== "resuming")
      return Promise.reject(lostError());
    return new Promise((resolve, reject) => {
      const asked = { resolve, reject, how, sentAtMs: 0,
        frame: { type, ...fields, request_id: id } };
      if (!how.patient)
        asked.timer = setTimeout(() => this.#expire(id), this.#timeoutMs);
      this.#asked.set(id, asked);
      if (state === "ready" || how.now)
        this.#send(asked);
    });
  }

  /** Gives the answer to whoever asked. @returns {boolean} whether one did */
  settle(id, frame) {
    const asked = this.#take(id);
    if (!asked) return false;
    if (frame.type === "Error")
      asked.reject(new ParleyError(frame.code, frame.message));
    else asked.resolve(frame);
    return true;
  }

  /** The link is ready: asks what waited for that. */
  flush() {
    for (const asked of this.#asked.values())
      if (!asked.sentAtMs) this.#send(asked);
  }

  /** The connection is lost. */
  onLost() {
    for (const [id, asked] of [...this.#asked]) {
      if (!asked.sentAtMs) continue;
      if (asked.how.again) asked.sentAtMs = 0;
      else this.#take(id).reject(lostError());
    }
  }

  onStopped() {
    for (const id of [...this.#asked.keys()])
      this.#take(id).reject(closedError());
  }

  #send(asked) {
    asked.sentAtMs = Date.now();
    this.#link.send(asked.frame);
  }

  #take(id) {
    const asked = this.#asked.get(id);
    clearTimeout(asked?.timer);
    this.#asked.delete(id);
    return asked;
  }

  #expire(id) {
    const asked = this.#take(id);
    const isDead = asked.sentAtMs && this.#link.heardAtMs <= asked.sentAtMs;
    asked.reject(new ParleyError("TIMEOUT", "the server did not answer"));
    if (isDead) this.#link.abandon();
  }
}

export function withoutUndefined(fields) {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined));
}
