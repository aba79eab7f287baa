// SPDX-License-Identifier: MIT
// parley.js - a client for parley's campfire dialect (v=2), for browsers and
// Node, without dependencies (but outbox.js beside it).
//
// Owns one connection at a time and what must outlive it: what was said and
// not yet acknowledged, and how far each room was heard. It comes back by
// itself, resumes every room exactly, and tells each message once.
//
// Events (all CustomEvents):
//   state    {state, reason?, code?, retryInMs?}; see Parley.state
//   message  {message}: one message, each once, live or resumed
//   pending  {item, gone}: something in the outbox changed
//   lost     {roomId}: too much was missed; read that room's history anew
//   and each frame of the server under its own type, such as PresenceUpdate.

import { newUuid, Outbox } from "./outbox.js";

const RETRIED = new Set([
  "SERVICE_UNAVAILABLE", "RATE_LIMITED", "TIMEOUT", "DISCONNECTED",
]);
const MAX_CONTENT_BYTES = 40960; // the most that a server can be told to take
const MAX_PENDING = 500;
const REMEMBERED_IDS = 5000; // message ids kept to tell each message once
const FILL_PAGES = 10; // history pages read for a room that missed too much
const FILL_LIMIT = 200;

/** An error answer of the server, or TIMEOUT, DISCONNECTED, TOO_LONG, FULL. */
export class ParleyError extends Error {
  /**
   * @param {string} code one fixed word
   * @param {string} message for people
   */
  constructor(code, message) {
    super(message);
    this.name = "ParleyError";
    this.code = code;
  }
}

/**
 * How long to wait before try number `attempt` (0, 1, 2 ...): doubling, and
 * jittered so that many clients of one server do not return at once.
 * @param {number} attempt
 * @param {number} baseMs the first wait
 * @param {number} maxMs the longest wait
 * @returns {number} milliseconds
 */
export function backoffMs(attempt, baseMs, maxMs) {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 20));
  return Math.round(ceiling * (0.5 + Math.random() / 2));
}

/** One user's lasting connection. Make it, listen to it, then `open()` it. */
export class Parley extends EventTarget {
  #options;
  #outbox;
  #socket = null;
  #state = "closed";
  #attempt = 0;
  #retryTimer = 0;
  #probeTimer = 0;
  #steadyTimer = 0;
  #pumpTimer = 0;
  #pumpAttempt = 0;
  #inFlight = null; // client message id of the post that waits for its echo
  #heardAtMs = 0;
  #asked = new Map(); // request id -> {resolve, reject, match, timer}
  #lastRequest = 0;
  #marks = new Map(); // room id -> seq up to which nothing is missing
  #seen = new Map(); // the same, but not yet certain: while resuming
  #held = []; // messages of resumed rooms, to be told in order
  #told = new Set(); // ids of the messages told of, oldest first

  /**
   * @param {object} options
   * @param {string|function(): string} options.url with `?v=2&resume=1`
   * @param {string} options.userId UUID of the user who connects
   * @param {Function} [options.WebSocket] the browser's by default
   * @param {Storage} [options.storage] keeps what is pending; none: memory
   * @param {function(): Promise<boolean>} [options.verify] asked when an
   *   upgrade failed; resolves to false if the credentials are the cause
   * @param {number} [options.timeoutMs] for an answer; 10 s
   * @param {number} [options.probeMs] idle time before the connection is
   *   tried out; 45 s
   * @param {number} [options.baseMs] first wait before reconnecting; 0.5 s
   * @param {number} [options.maxMs] longest wait before reconnecting; 30 s
   */
  constructor(options) {
    super();
    this.#options = {
      WebSocket: globalThis.WebSocket, storage: null, verify: null,
      timeoutMs: 10000, probeMs: 45000, baseMs: 500, maxMs: 30000, ...options,
    };
    this.#outbox = new Outbox(this.#options.storage, this.#options.userId);
  }

  /**
   * `connecting`, `resuming` (connected, catching up), `ready`, `waiting` (to
   * reconnect) or `closed` (for good; until open() is called again).
   */
  get state() {
    return this.#state;
  }

  /** Whether requests can be made now. */
  get isConnected() {
    return this.#state === "ready" || this.#state === "resuming";
  }

  /** Connects, and from now on reconnects, until close(). */
  open() {
    if (this.#state === "closed" || this.#state === "waiting") this.#connect();
  }

  /** Ends the connection and the reconnecting. What is pending is kept. */
  close() {
    const socket = this.#socket;
    this.#stop("asked", 1000);
    socket?.close(1000);
  }

  /** Reconnects at once if it was waiting to: the network may be back. */
  retryNow() {
    if (this.#state !== "waiting") return;
    this.#attempt = 0;
    this.#connect();
  }

  /**
   * Asks the server and waits for the answer.
   * @param {string} type of the frame
   * @param {object} [fields] of the frame
   * @param {object} [how]
   * @param {function(object): boolean} [how.match] tells an answer that is a
   *   shared frame and so carries no request id
   * @param {boolean} [how.patient] only silence counts towards the time-out
   * @param {boolean} [how.optional] no answer resolves to null
   * @param {number} [how.timeoutMs]
   * @returns {Promise<object>} the answering frame
   * @throws {ParleyError}
   */
  request(type, fields = {}, how = {}) {
    if (!this.isConnected)
      return Promise.reject(new ParleyError("DISCONNECTED", "not connected"));
    const id = `r${++this.#lastRequest}`;
    return new Promise((resolve, reject) => {
      const timeoutMs = how.timeoutMs ?? this.#options.timeoutMs;
      const asked = { resolve, reject, match: how.match, atMs: Date.now() };
      asked.expire = () => this.#expire(id, asked, timeoutMs, how);
      asked.timer = setTimeout(asked.expire, timeoutMs);
      this.#asked.set(id, asked);
      this.tell(type, { ...fields, request_id: id });
    });
  }

  /**
   * Tells the server something that has no answer. Lost if not connected.
   * @param {string} type of the frame
   * @param {object} [fields] of the frame
   */
  tell(type, fields = {}) {
    if (!this.isConnected) return;
    this.#socket.send(JSON.stringify({ type, ...fields }));
  }

  /**
   * Reads a page of a room's history.
   * @param {string} roomId
   * @param {{before?: number, after?: number, limit?: number}} [page] sequence
   *   numbers; without either the newest
   * @returns {Promise<{messages: object[], has_more: boolean}>} oldest first
   */
  async history(roomId, page = {}) {
    const answer = await this.request(
      "GetHistory", { room_id: roomId, limit: 50, ...page });
    if (page.before === undefined && page.after === undefined)
      this.#note(roomId, answer.messages.at(-1)?.seq ?? 0);
    return answer;
  }

  /** Leaves a room out of what is resumed. @param {string} roomId */
  forget(roomId) {
    this.#marks.delete(roomId);
    this.#seen.delete(roomId);
  }

  /**
   * Says something in a room, now or as soon as that is possible, once.
   * @param {string} roomId
   * @param {string} content
   * @returns {object} the pending item: {client_message_id, room_id, content,
   *   created_at, state: "pending"|"failed", error?}
   * @throws {ParleyError} TOO_LONG or FULL; then nothing is kept
   */
  send(roomId, content) {
    if (new TextEncoder().encode(content).length > MAX_CONTENT_BYTES)
      throw new ParleyError("TOO_LONG", "this message is too long to send");
    if (this.#outbox.all().length >= MAX_PENDING)
      throw new ParleyError("FULL", "too many messages wait to be sent");
    const item = {
      client_message_id: newUuid(), room_id: roomId, content,
      created_at: new Date().toISOString(), state: "pending",
    };
    this.#outbox.save(item);
    this.#emit("pending", { item, gone: false });
    this.#pump();
    return item;
  }

  /** What is pending or failed, oldest first. @param {string} roomId */
  pending(roomId) {
    return this.#outbox.all().filter((item) => item.room_id === roomId);
  }

  /** Tries a failed item again, under its first id. @param {string} id */
  resend(id) {
    const item = this.#outbox.get(id);
    if (!item) return;
    item.state = "pending";
    this.#outbox.save(item);
    this.#emit("pending", { item, gone: false });
    this.#pump();
  }

  /** Drops an item that was not sent. @param {string} id */
  discard(id) {
    const item = this.#outbox.remove(id);
    if (item) this.#emit("pending", { item, gone: true });
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #setState(state, detail = {}) {
    this.#state = state;
    this.#emit("state", { state, ...detail });
  }

  #connect() {
    clearTimeout(this.#retryTimer);
    const { url, WebSocket } = this.#options;
    const socket = new WebSocket(typeof url === "function" ? url() : url);
    let opened = false;
    this.#socket = socket;
    this.#setState("connecting");
    socket.addEventListener("open", () => {
      opened = true;
      if (socket === this.#socket) this.#onOpen(socket);
    });
    socket.addEventListener("message", (event) => {
      if (socket === this.#socket) this.#onText(event.data);
    });
    socket.addEventListener("close", (event) => {
      if (socket === this.#socket)
        this.#onClose(event.code, event.reason, opened);
    });
    // Each error is followed by a close; without this Node's `ws` throws.
    socket.addEventListener("error", () => {});
  }

  #onOpen(socket) {
    this.#heardAtMs = Date.now();
    this.#seen = new Map(this.#marks);
    this.#setState("resuming");
    this.#armProbe();
    this.#resume(socket, 0);
  }

  #onClose(code, reason, opened) {
    this.#reset();
    if (code === 4401) this.#stop("signed-out", code);
    else if (code >= 4500 && code <= 4999) this.#stop("refused", code, reason);
    else this.#wait(code, opened);
  }

  #reset() {
    this.#socket = null;
    clearTimeout(this.#probeTimer);
    clearTimeout(this.#steadyTimer);
    clearTimeout(this.#pumpTimer);
    this.#inFlight = null;
    this.#pumpAttempt = 0;
    this.#held = []; // it comes again: the marks have not moved
    this.#state = "waiting";
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    for (const { timer, reject } of asked) {
      clearTimeout(timer);
      reject(new ParleyError("DISCONNECTED", "the connection was lost"));
    }
  }

  #stop(reason, code, text) {
    this.#reset();
    clearTimeout(this.#retryTimer);
    this.#setState("closed", { reason, code, text });
  }

  #wait(code, opened) {
    const { baseMs, maxMs, verify } = this.#options;
    const retryInMs = backoffMs(this.#attempt++, baseMs, maxMs);
    this.#retryTimer = setTimeout(() => this.#connect(), retryInMs);
    this.#setState("waiting", { code, retryInMs });
    if (opened || !verify) return;
    // A refused upgrade shows no status to a page: ask what was wrong.
    verify().then((valid) => {
      if (valid === false && this.#state !== "closed")
        this.#stop("signed-out", code);
    }, () => {});
  }

  // A connection that is dead without having said so.
  #abandon() {
    const socket = this.#socket;
    this.#onClose(1006, "", true);
    socket?.close();
  }

  #expire(id, asked, timeoutMs, how) {
    const silentMs = Date.now() - Math.max(this.#heardAtMs, asked.atMs);
    if (how.patient && silentMs < timeoutMs) {
      asked.timer = setTimeout(asked.expire, timeoutMs - silentMs);
      return;
    }
    this.#asked.delete(id);
    if (how.optional) asked.resolve(null);
    else asked.reject(new ParleyError("TIMEOUT", "the server did not answer"));
    if (!how.optional && this.#heardAtMs <= asked.atMs) this.#abandon();
  }

  #armProbe() {
    clearTimeout(this.#probeTimer);
    this.#probeTimer = setTimeout(() => {
      this.request("GetUnread").catch(() => {});
      this.#armProbe();
    }, this.#options.probeMs);
  }

  async #resume(socket, attempt) {
    const rooms = Object.fromEntries(this.#marks);
    try {
      const answer = await this.request("Resume", { rooms }, { patient: true });
      for (const [roomId, end] of Object.entries(answer.rooms ?? {})) {
        if (end.has_more) await this.#fill(roomId, rooms[roomId] ?? 0);
        this.#note(roomId, end.seq ?? 0);
      }
      if (socket === this.#socket) this.#becomeReady();
    } catch (error) {
      if (socket !== this.#socket) return;
      if (!RETRIED.has(error.code)) this.#loseAll();
      setTimeout(() => {
        if (socket === this.#socket) this.#resume(socket, attempt + 1);
      }, backoffMs(attempt, 1000, 10000));
    }
  }

  #becomeReady() {
    this.#marks = new Map(this.#seen);
    const held = this.#held.sort((a, b) => a.seq - b.seq);
    this.#held = [];
    for (const message of held) this.#tellOnce(message);
    this.#setState("ready");
    this.#steadyTimer = setTimeout(() => (this.#attempt = 0), 5000);
    this.#pump();
  }

  // More was missed than a resume brings: the rest is in the history.
  async #fill(roomId, after) {
    for (let page = 0; page < FILL_PAGES; page++) {
      const answer = await this.history(roomId, { after, limit: FILL_LIMIT });
      for (const message of answer.messages) this.#hear(message);
      if (!answer.has_more || answer.messages.length === 0) return;
      after = answer.messages.at(-1).seq;
    }
    this.#emit("lost", { roomId });
  }

  // The server knows one of our rooms no more: begin anew with all of them.
  #loseAll() {
    const lost = [...this.#marks.keys()];
    this.#marks.clear();
    this.#seen.clear();
    for (const roomId of lost) this.#emit("lost", { roomId });
  }

  #note(roomId, seq) {
    if (!Number.isFinite(seq)) return;
    const marks = this.#state === "ready" ? this.#marks : this.#seen;
    marks.set(roomId, Math.max(marks.get(roomId) ?? 0, seq));
  }

  #onText(text) {
    this.#heardAtMs = Date.now();
    this.#armProbe();
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return; // not for us to mend; the server only ever sends JSON
    }
    if (!/^[A-Z]\w*$/.test(frame?.type ?? "")) return;
    if (frame.type === "NewMessage") this.#hear(frame.message);
    this.#settle(frame);
    this.#emit(frame.type, frame);
  }

  #hear(message) {
    const mine = message.creator_id === this.#options.userId;
    if (mine && this.#outbox.get(message.client_message_id)) {
      const item = this.#outbox.remove(message.client_message_id);
      this.#emit("pending", { item, gone: true });
    }
    this.#note(message.room_id, message.seq);
    // What comes live while a room is resumed waits for what was before it.
    if (this.#state === "resuming" && this.#marks.has(message.room_id))
      this.#held.push(message);
    else this.#tellOnce(message);
  }

  #tellOnce(message) {
    if (this.#told.has(message.id)) return;
    this.#told.add(message.id);
    if (this.#told.size > REMEMBERED_IDS)
      this.#told.delete(this.#told.values().next().value);
    this.#emit("message", { message });
  }

  #settle(frame) {
    for (const [id, asked] of this.#asked) {
      if (frame.request_id !== id && !asked.match?.(frame)) continue;
      this.#asked.delete(id);
      clearTimeout(asked.timer);
      if (frame.type === "Error")
        asked.reject(new ParleyError(frame.code, frame.message));
      else asked.resolve(frame);
    }
  }

  // One post at a time, so that a refused one is not overtaken by the next.
  async #pump() {
    if (this.#state !== "ready" || this.#inFlight) return;
    const item = this.#outbox.all().find((i) => i.state === "pending");
    if (!item) return;
    const id = item.client_message_id;
    if (!this.#outbox.isCurrent(item)) {
      this.discard(id);
      this.#pump();
      return;
    }
    this.#inFlight = id;
    const { room_id, content } = item;
    const isEcho = ({ type, message }) => type === "NewMessage" &&
      message.client_message_id === id &&
      message.creator_id === this.#options.userId;
    try {
      await this.request("CreateMessage",
        { room_id, content, client_message_id: id }, { match: isEcho });
      this.#onPosted(id);
    } catch (error) {
      this.#onRefused(item, error);
    }
  }

  #onPosted(id) {
    if (this.#inFlight !== id) return;
    this.#inFlight = null;
    this.#pumpAttempt = 0;
    this.#pump();
  }

  #onRefused(item, error) {
    const id = item.client_message_id;
    if (this.#inFlight === id) this.#inFlight = null;
    if (!this.#outbox.get(id) || error.code === "DISCONNECTED") {
      this.#pump();
      return;
    }
    if (RETRIED.has(error.code)) {
      clearTimeout(this.#pumpTimer);
      // The same id stays in front: nothing may pass it while it waits.
      this.#inFlight = id;
      this.#pumpTimer = setTimeout(() => this.#onRetryDue(id),
        backoffMs(this.#pumpAttempt++, 1000, 15000));
      return;
    }
    item.state = "failed";
    item.error = error.message;
    this.#outbox.save(item);
    this.#emit("pending", { item, gone: false });
    this.#pump();
  }

  #onRetryDue(id) {
    if (this.#inFlight === id) this.#inFlight = null;
    this.#pump();
  }
}
