// SPDX-License-Identifier: MIT
// parley_catch_up.js - what was missed, on each new connection.

import { FOR_NOW, lostError } from "./parley_error.js";
import { withoutUndefined } from "./parley_requests.js";
import { Timers, pauseMs } from "./parley_timers.js";

const MAX_NAMED = 3500; // rooms in one Resume: 256 KiB are the most in a frame
const PAGE = 500; // messages, the most that one page of a history may have
const UNREAD_PAGES = 10; // of a history, read to find where unread ones begin

/**
 * One connection's way to the present: asks for what was missed in each room,
 * holds back what comes meanwhile, and finds out how far the other rooms are.
 * All that it awaits is in vain once the connection is lost.
 */
export class CatchUp {
  #parts;
  #timers = new Timers();
  #isOver = false;
  #unplaced = new Set(); // rooms of which we do not know how far they are
  #isPlacing = false;

  /**
   * @param {object} parts requests, feed, sender, options; `isNew`: nothing was
   *   ever told; tell(event, detail); findUserId(); fail(): ends the connection
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** The connection is lost. */
  end() {
    this.#isOver = true;
    this.#timers.clearAll();
  }

  /** @returns {Promise<boolean>} false if the connection was lost before */
  async run() {
    for (let attempt = 0; !this.#isOver; attempt++) {
      try {
        const { rooms } = await this.#ask("GetUnread");
        const places = await this.#startingPlaces(rooms);
        return await this.#resume(places, rooms);
      } catch (error) {
        if (this.#isOver) break;
        this.#parts.tell("error", error);
        await this.#pause(attempt);
      }
    }
    return false;
  }

  /** A room was heard of: finds out how far it is, unless that is known. */
  async place(roomId) {
    if (this.#isOver || this.#parts.feed.isCertain(roomId)) return;
    this.#unplaced.add(roomId);
    if (this.#isPlacing) return;
    try {
      await this.#askPlaces();
    } catch {
      this.#fail();
    }
  }

  forget(roomId) {
    this.#unplaced.delete(roomId);
  }

  async #ask(type, fields, how) {
    const answer = await this.#parts.requests.ask(type, fields,
      { now: true, ...how });
    if (this.#isOver) throw lostError();
    return answer;
  }

  // What was told before a refusal is not told again on this connection.
  async #askResume(rooms) {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#ask("Resume", { rooms }, { patient: true });
      } catch (error) {
        if (this.#isOver || !FOR_NOW.has(error.code)) throw error;
        this.#parts.tell("error", error);
        await this.#pause(attempt);
      }
    }
  }

  #pause(attempt) {
    const ms = pauseMs(attempt, this.#parts.options.maxMs);
    return new Promise((resolve) => this.#timers.set("pause", ms, resolve));
  }

  #fail() {
    if (!this.#isOver) this.#parts.fail();
  }

  // Rooms that are not among these go on from now.
  async #startingPlaces(rows) {
    const { feed, isNew, options } = this.#parts;
    const goesOn = isNew && options.start === "now";
    const places = new Map();
    feed.retain(new Set(rows.map((row) => row.room_id)));
    for (const row of rows) {
      const seq = feed.placeOf(row.room_id) ??
        (goesOn || row.count === 0 ? undefined : await this.#unreadFrom(row));
      if (seq !== undefined) places.set(row.room_id, seq);
    }
    return places;
  }

  // Where what was never seen begins: at the mark, or so many of others ago.
  async #unreadFrom({ room_id, count, last_seen }) {
    const userId =
      this.#parts.options.userId ?? await this.#parts.findUserId();
    let before;
    let others = 0;
    for (let page = 0; page < UNREAD_PAGES; page++) {
      const { messages, has_more } = await this.#ask("GetHistory",
        withoutUndefined({ room_id, before, limit: PAGE }));
      for (const message of messages.reverse()) {
        if (message.id === last_seen) return message.seq;
        if (message.creator_id !== userId && ++others === count)
          return message.seq - 1;
      }
      before = messages.at(-1)?.seq ?? (before ?? 0) - PAGE;
      if (!has_more || before <= 1) break;
    }
    return Math.max((before ?? 1) - 1, 0);
  }

  // Once this is asked, a failure can only be mended by a new connection: what
  // was told on this one is not told again, and what was held is lost with it.
  async #resume(places, rows) {
    const { feed } = this.#parts;
    const named = Object.fromEntries([...places].slice(0, MAX_NAMED));
    for (const roomId of places.keys()) feed.hold(roomId);
    try {
      const { rooms } = await this.#askResume(named);
      for (const [roomId, seq] of places) {
        if (this.#isOver) break;
        if (rooms[roomId]) await this.#finish(roomId, seq, rooms[roomId]);
        else this.#giveUp(roomId, seq, roomId in named);
      }
      for (const { room_id } of rows)
        if (!feed.isCertain(room_id)) this.#unplaced.add(room_id);
      if (!this.#isOver) await this.#askPlaces();
    } catch {
      this.#fail();
    }
    return !this.#isOver;
  }

  // What came may be the newest only; then some lie between it and the place.
  async #finish(roomId, after, { seq, has_more }) {
    const { feed, options, tell } = this.#parts;
    const before = feed.firstHeld(roomId) ?? seq + 1;
    const isFilled = options.fillGaps;
    if (has_more) tell("gap", { room_id: roomId, after, before, isFilled });
    if (has_more && isFilled) await this.#fill(roomId, after, before);
    this.#release(roomId, seq);
  }

  // A listener may have closed the client meanwhile; then it all comes again.
  #release(roomId, seq) {
    if (!this.#isOver) this.#parts.feed.release(roomId, seq);
  }

  async #fill(room_id, from, before) {
    for (let after = from; after + 1 < before;) {
      const { messages, has_more } = await this.#ask("GetHistory",
        { room_id, after, limit: PAGE });
      for (const message of messages) {
        if (message.seq >= before) return;
        this.#parts.sender.acknowledge(message);
        this.#parts.feed.tell(message);
      }
      if (!has_more) return;
      after = messages.at(-1)?.seq ?? after + PAGE;
    }
  }

  // Not resumed: it is not ours any more, or there were too many to name.
  #giveUp(roomId, after, wasNamed) {
    const { feed, tell } = this.#parts;
    feed.forget(roomId);
    if (!wasNamed)
      tell("gap", { room_id: roomId, after, before: null, isFilled: false });
  }

  // Asks how far the rooms are that nothing was heard of yet: else what comes
  // while we are away could not be told from what was before. Asking with 0
  // brings nothing twice: it says how far this connection is.
  async #askPlaces() {
    this.#isPlacing = true;
    try {
      while (this.#unplaced.size > 0) {
        const some = [...this.#unplaced].slice(0, MAX_NAMED);
        for (const roomId of some) this.#unplaced.delete(roomId);
        const { rooms } = await this.#askResume(
          Object.fromEntries(some.map((roomId) => [roomId, 0])));
        for (const roomId of some)
          if (rooms[roomId]) this.#release(roomId, rooms[roomId].seq);
      }
    } finally {
      this.#isPlacing = false;
    }
  }
}
