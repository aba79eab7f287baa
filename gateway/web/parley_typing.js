// SPDX-License-Identifier: MIT
// parley_typing.js - telling that we type, and hearing who else does.

import { Timers } from "./parley_timers.js";

const TYPING_REPEAT_MS = 4000; // the server ends it after 10 s
const TYPING_IDLE_MS = 6000;

/** Telling that we type, no more often than need be; and who else does. */
export class Typing {
  #say;
  #tell;
  #timers = new Timers();
  #told = new Map(); // room id -> when StartTyping was sent, ms since 1970
  #others = new Map(); // "room user" -> their event's fields

  constructor(say, tell) {
    this.#say = say;
    this.#tell = tell;
  }

  start(roomId) {
    this.#timers.set(roomId, TYPING_IDLE_MS, () => this.stop(roomId));
    const now = Date.now();
    if (now - (this.#told.get(roomId) ?? 0) < TYPING_REPEAT_MS) return;
    if (this.#say("StartTyping", roomId)) this.#told.set(roomId, now);
  }

  stop(roomId) {
    if (this.#told.has(roomId)) this.#say("StopTyping", roomId);
    this.forget(roomId);
  }

  /** A message ends it without a word. */
  forget(roomId) {
    this.#timers.clear(roomId);
    this.#told.delete(roomId);
  }

  hear({ room_id, user_id }, typing) {
    const key = `${room_id} ${user_id}`;
    if (typing) this.#others.set(key, { room_id, user_id });
    else this.#others.delete(key);
    this.#tell({ room_id, user_id, typing });
  }

  // Who goes on typing is told of again by the next connection.
  onLost() {
    this.#timers.clearAll();
    this.#told.clear();
    const others = [...this.#others.values()];
    this.#others.clear();
    for (const other of others) this.#tell({ ...other, typing: false });
  }
}
