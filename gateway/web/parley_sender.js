// SPDX-License-Identifier: MIT
// parley_sender.js - sends what is in the outbox.

import {
  FOR_NOW, ParleyError, closedError, discardedError,
} from "./parley_error.js";
import { Timers, pauseMs } from "./parley_timers.js";

/** Sends what is in the outbox: in each room one post at a time, in order. */
export class Sender {
  #outbox;
  #requests;
  #options;
  #tell; // of changes in the outbox
  #isReady = false;
  #timers = new Timers();
  #lanes = new Map(); // room id -> {id, attempt} of the post under way
  #waiting = new Map(); // client message id -> {resolve, reject}

  constructor(outbox, requests, options, tell) {
    this.#outbox = outbox;
    this.#requests = requests;
    this.#options = options;
    this.#tell = tell;
  }

  /** @param {boolean} mayBeKnown to the server, from an earlier try */
  post(item, mayBeKnown) {
    return new Promise((resolve, reject) => {
      const id = item.client_message_id;
      this.#waiting.set(id, { resolve, reject });
      this.#change(item);
      if (mayBeKnown) this.#outbox.get(id).tries++;
      this.#pump();
    });
  }

  discard(id) {
    const item = this.#outbox.remove(id);
    if (!item) return;
    this.#tell({ item, gone: true });
    this.#settle(id, "reject", discardedError());
    this.#leaveLane(item);
  }

  /**
   * A message is heard; if it is one of ours, that one is done.
   * @returns {boolean} whether it may be a second copy, out of its place
   */
  acknowledge(message) {
    const id = message.client_message_id;
    const entry = this.#outbox.get(id);
    if (!entry) return false;
    this.#outbox.remove(id);
    this.#tell({ item: entry.item, gone: true });
    this.#requests.settle(id, { type: "NewMessage", message });
    this.#settle(id, "resolve", message);
    this.#leaveLane(entry.item);
    return entry.tries > 1;
  }

  onReady() {
    this.#isReady = true;
    this.#pump();
  }

  onLost() {
    this.#isReady = false;
    this.#timers.clearAll();
    this.#lanes.clear();
  }

  /** Nobody is to wait any more; what is pending stays so. */
  onClosed() {
    for (const id of [...this.#waiting.keys()])
      this.#settle(id, "reject", closedError());
  }

  #settle(id, how, value) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.[how](value);
  }

  #change(item) {
    this.#outbox.save(item);
    this.#tell({ item, gone: false });
  }

  #pump() {
    for (const { item } of this.#outbox.entries()) {
      const id = item.client_message_id;
      if (!this.#isReady) return;
      if (item.state !== "pending" || this.#lanes.has(item.room_id)) continue;
      if (!this.#outbox.get(id)) continue; // gone while we sent another
      if (this.#outbox.isCurrent(id)) this.#send(item, { id, attempt: 0 });
      else this.discard(id);
    }
  }

  async #send(item, lane) {
    const { client_message_id, room_id, content } = item;
    this.#lanes.set(room_id, lane);
    this.#outbox.get(client_message_id).tries++;
    try {
      await this.#requests.ask("CreateMessage",
        { room_id, content, client_message_id }, { id: client_message_id });
    } catch (error) {
      // It may be done or withdrawn by now, or the connection be lost.
      if (this.#lanes.get(room_id) === lane) this.#onRefused(item, lane, error);
    }
  }

  // What is refused for now stays in front: nothing may pass it.
  #onRefused(item, lane, error) {
    if (FOR_NOW.has(error.code)) {
      this.#timers.set(item.room_id,
        pauseMs(lane.attempt++, this.#options.maxMs),
        () => this.#send(item, lane));
    } else {
      this.#fail(item, error);
      this.#leaveLane(item);
    }
  }

  #leaveLane({ room_id, client_message_id: id }) {
    if (this.#lanes.get(room_id)?.id !== id) return;
    this.#lanes.delete(room_id);
    this.#timers.clear(room_id);
    this.#pump();
  }

  #fail(item, { code, message }) {
    const id = item.client_message_id;
    Object.assign(item, { state: "failed", error: message, code });
    if (this.#options.keepFailed) {
      this.#change(item);
    } else {
      this.#outbox.remove(id);
      this.#tell({ item, gone: true });
    }
    this.#settle(id, "reject", new ParleyError(code, message, { item }));
  }
}
