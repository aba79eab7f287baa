// SPDX-License-Identifier: MIT
// bans.js - whether we are banned from a room that is not ours, and the words
// for that.

import { dayKey, fullTimeOf, timeOf } from "./format.js";
import { findRoom } from "./rest.js";

const SLACK_MS = 500; // the server's clock says when a ban is over
const LONGEST_MS = 24 * 60 * 60 * 1000; // of a timer; browsers have a bound

/** Keeps `ban` of rooms true: nobody is told that a ban was lifted. */
export class Bans {
  #tell;
  #timer = 0;
  #asked = null; // the room that is being asked about

  /** @param {function(): void} tell there is something to draw */
  constructor(tell) {
    this.#tell = tell;
  }

  /**
   * Learns anew whether we may join the open room.
   * @param {?import("./room.js").Room} room
   */
  async learn(room) {
    if (room === this.#asked && room) return;
    clearTimeout(this.#timer);
    this.#asked = room?.member === false ? room : null;
    if (!this.#asked) return;
    try {
      const { banned } = await findRoom(room.id);
      if (room !== this.#asked) return;
      room.ban = banned ?? null;
      this.#asked = null;
      this.#waitForEnd(room);
      this.#tell();
    } catch {
      if (room === this.#asked) this.#asked = null; // as each list is: again
    }
  }

  // Where our clock is ahead, the next list of rooms asks instead.
  #waitForEnd(room) {
    if (!room.ban?.until) return;
    const leftMs = Date.parse(room.ban.until) - Date.now();
    if (leftMs > 0)
      this.#timer = setTimeout(() => this.learn(room),
        Math.min(leftMs + SLACK_MS, LONGEST_MS));
  }

  /** Ends what would go on by itself. */
  end() {
    clearTimeout(this.#timer);
    this.#asked = null;
  }
}

/**
 * How long a ban lasts.
 * @param {?string} until RFC 3339; null: it has no end
 */
export function sayBan(until) {
  if (!until) return "You are banned for ever.";
  const isToday = dayKey(until) === dayKey(new Date().toISOString());
  return `You are banned until ${isToday ? timeOf(until) : fullTimeOf(until)}.`;
}
