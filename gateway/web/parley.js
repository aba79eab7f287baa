// SPDX-License-Identifier: MIT
// parley.js - a client of parley's campfire dialect (v=2), for browsers and
// Node: one module without dependencies. docs/client.md is for its users.
//
// Parley is what an application holds. Behind it, one class for each concern:
// Link (the connection, and coming back), Requests (questions and answers),
// Feed (each message once, in order), CatchUp (what was missed), Outbox and
// Sender (what was said and is not yet acknowledged), Typing.

const MAX_CONTENT_BYTES = 40960; // the most that a server can be told to take
const MAX_NAMED = 3500; // rooms in one Resume: 256 KiB are the most in a frame
const PAGE = 500; // messages, the most that one page of a history may have
const UNREAD_PAGES = 10; // of a history, read to find where unread ones begin
const STEADY_MS = 5000; // a connection that held so long was a good one
const FIRST_RETRY_MS = 1000; // of a request that was refused for now
const TYPING_REPEAT_MS = 4000; // the server ends it after 10 s
const TYPING_IDLE_MS = 6000;
const CLOSE_MS = 2000; // for the server to answer our close
const PUZZLED_AT = 3; // refused upgrades in a row by a server that is well

const FOR_NOW = new Set(["SERVICE_UNAVAILABLE", "RATE_LIMITED", "TIMEOUT"]);
const RESTARTS = new Set([1001, 1012, 1013]);
const REFUSALS = new Map([
  [401, "token"], [403, "forbidden"], [404, "not-found"],
]);
const EVENTS = new Set([
  "status", "message", "edited", "deleted", "joined", "left", "typing",
  "presence", "member", "room", "pending", "gap", "error",
]);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/**
 * @typedef {object} Message
 * @property {string} id UUID
 * @property {string} room_id
 * @property {string} creator_id UUID of the author
 * @property {string} creator_name as it was when the message was written
 * @property {string} content
 * @property {string} client_message_id
 * @property {string} created_at RFC 3339, UTC
 * @property {number} seq place in its room: 1, 2, 3 ...
 * @property {number} number over all rooms
 */

/**
 * @typedef {object} Room
 * @property {string} id UUID
 * @property {?string} name null in a direct room
 * @property {?string} description
 * @property {"public"|"private"|"direct"} kind
 * @property {string} created_at
 * @property {boolean} member whether we are one
 * @property {{user_id: string, username: string}} [peer] in a direct room
 */

/**
 * @typedef {object} Pending what was said and is not yet acknowledged
 * @property {string} client_message_id
 * @property {string} room_id
 * @property {string} content
 * @property {string} created_at RFC 3339, when it was said
 * @property {"pending"|"failed"} state
 * @property {string} [error] why it failed, for people
 * @property {string} [code] why it failed, for programs
 */

/**
 * @typedef {object} Status
 * @property {"connecting"|"resuming"|"ready"|"waiting"|"closed"} state
 * @property {"asked"|"token"|"forbidden"|"not-found"|"refused"} [reason]
 *   of `closed`
 * @property {number} [code] of the WebSocket's close, or an HTTP status
 * @property {string} [text] the server's own words
 * @property {number} [retryInMs] of `waiting`
 */

/** What went wrong; `code` is for programs, `message` for people. */
export class ParleyError extends Error {
  /**
   * @param {string} code the server's, or one of CLOSED, DISCONNECTED, TIMEOUT,
   *   TOO_LONG, FULL, INVALID_FIELD, DISCARDED, STORAGE, TOKEN,
   *   UPGRADE_REFUSED, HTTP
   * @param {string} message
   * @param {object} [details] `item`, `status`, `cause`
   */
  constructor(code, message, details = {}) {
    super(message);
    this.name = "ParleyError";
    this.code = code;
    Object.assign(this, details);
  }
}

// Node 18 has it, but not as a global.
const { webcrypto } = globalThis.crypto
  ? { webcrypto: globalThis.crypto } : await import("node:crypto");

/**
 * Makes a UUID of version 7: they sort by the time they were made. Works where
 * crypto.randomUUID does not (a page over plain HTTP from another machine).
 * @param {number} [nowMs] milliseconds since 1970
 * @returns {string} in lower case
 */
export function newUuid(nowMs = Date.now()) {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  const time = nowMs.toString(16).padStart(12, "0").slice(-12);
  const variant = (8 + (bytes[8] & 3)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-` +
    `${variant}${hex.slice(3, 6)}-${hex.slice(8, 20)}`;
}

// Doubles with each try, up to a bound.
function ceilingMs(attempt, baseMs, maxMs) {
  return Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 20));
}

// For one request: never at once, or it would be refused again.
function pauseMs(attempt, maxMs) {
  const ceiling = ceilingMs(attempt, FIRST_RETRY_MS, maxMs);
  return ceiling * (0.5 + Math.random() / 2);
}

// Half a surrogate pair is no Unicode text: no server could read the frame.
function encode(frame) {
  return JSON.stringify(frame, (key, value) => typeof value === "string"
    ? value.replace(/\p{Surrogate}/gu, "\ufffd") : value);
}

/** Timers by name, so that all of them can be ended. */
class Timers {
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

/** Who listens to what. */
class Listeners {
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

/** Where the gateway is: the WebSocket's address, and REST beside it. */
class Address {
  #base;

  constructor(url) {
    this.socket = new URL(url, globalThis.location?.href);
    this.socket.protocol = this.socket.protocol.replace(/^http/u, "ws");
    if (!/^wss?:$/u.test(this.socket.protocol))
      throw new TypeError(`${url}: wants ws, wss, http or https`);
    if (this.socket.pathname === "/") this.socket.pathname = "/ws";
    this.socket.searchParams.set("v", "2");
    this.socket.searchParams.set("resume", "1");
    this.#base = new URL(this.socket);
    this.#base.protocol = this.socket.protocol.replace(/^ws/u, "http");
    this.#base.search = "";
    this.#base.pathname =
      this.socket.pathname.replace(/\/ws(\/campfire)?\/?$/u, "") + "/";
  }

  withToken(token) {
    const url = new URL(this.socket);
    if (token) url.searchParams.set("token", token);
    return url.href;
  }

  rest(path) {
    return new URL(path, this.#base).href;
  }
}

/** One connection at a time, and the coming back. */
class Link {
  state = "closed";
  heardAtMs = 0;
  #options;
  #address;
  #hooks; // onStatus, onOpen, onFrame, onLost, onStopped, onIdle, onError
  #timers = new Timers();
  #socket = null;
  #token = null;
  #turn = 0; // of connecting: what belongs to an earlier one is late
  #attempt = 0;
  #puzzles = 0;
  #aborter = null;
  #onOnline = () => this.#check();

  constructor(options, hooks) {
    this.#options = options;
    this.#hooks = hooks;
    this.#address = new Address(options.url);
  }

  open() {
    if (this.state !== "closed") return this.retryNow();
    this.#attempt = this.#puzzles = 0;
    globalThis.addEventListener?.("online", this.#onOnline);
    this.#connect();
  }

  retryNow() {
    if (this.state !== "waiting") return;
    this.#attempt = 0;
    this.#connect();
  }

  close() {
    if (this.state !== "closed") this.#stop({ reason: "asked", code: 1000 });
  }

  send(frame) {
    this.#socket.send(encode(frame));
  }

  becomeReady() {
    this.#timers.set("steady", STEADY_MS, () => (this.#attempt = 0));
    this.#set({ state: "ready" });
  }

  /** Gives up a connection that is dead without having said so. */
  abandon() {
    if (this.#socket) this.#wait(1006);
  }

  /** GET with our credentials. @returns {Promise<Response>} */
  async get(path) {
    this.#aborter ??= new AbortController();
    const headers = this.#token
      ? { Authorization: `Bearer ${this.#token}` } : {};
    const { signal } = this.#aborter;
    return this.#options.fetch(this.#address.rest(path), { headers, signal });
  }

  async askToken() {
    const { token } = this.#options;
    this.#token = typeof token === "function" ? await token() : token;
  }

  #set(status) {
    this.state = status.state;
    this.#hooks.onStatus(status);
  }

  async #connect() {
    const turn = ++this.#turn;
    this.#timers.clearAll();
    this.#timers.set("connect", this.#options.timeoutMs,
      () => this.#wait(1006));
    this.#set({ state: "connecting" });
    try {
      await this.askToken();
      if (turn === this.#turn) this.#dial();
    } catch (cause) {
      if (turn !== this.#turn) return;
      this.#hooks.onError(
        new ParleyError("TOKEN", `no connection: ${cause.message}`, { cause }));
      if (turn === this.#turn) this.#wait(1006);
    }
  }

  #dial() {
    const { WebSocket } = this.#options;
    const socket = new WebSocket(this.#address.withToken(this.#token));
    const on = (type, act) => socket.addEventListener(type, (event) => {
      if (socket === this.#socket) act(event);
    });
    let status = null;
    let opened = false;
    this.#socket = socket;
    on("open", () => {
      opened = true;
      this.#onOpen();
    });
    on("message", (event) => this.#onText(event.data));
    on("close", ({ code, reason }) =>
      this.#onClose(code, reason, opened, status));
    // Followed by a close; Node's `ws` alone says why an upgrade was refused.
    socket.addEventListener("error", ({ message }) => {
      status = Number(/server response: (\d{3})/u.exec(message)?.[1]) || null;
    });
  }

  #onOpen() {
    this.heardAtMs = Date.now();
    this.#puzzles = 0;
    this.#timers.clearAll();
    this.#armIdle(this.#options.idleMs);
    this.#set({ state: "resuming" });
    if (this.state === "resuming") this.#hooks.onOpen();
  }

  #onText(text) {
    this.heardAtMs = Date.now();
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return; // not for us to mend; the server only ever sends JSON
    }
    if (typeof frame?.type === "string") this.#hooks.onFrame(frame);
  }

  #onClose(code, text, opened, status) {
    if (code === 4401) this.#stop({ reason: "token", code, text });
    else if (code >= 4500 && code <= 4999)
      this.#stop({ reason: "refused", code, text });
    else if (REFUSALS.has(status))
      this.#stop({ reason: REFUSALS.get(status), code: status });
    else this.#wait(code, opened || status !== null, hintMs(text));
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#turn++;
    this.#timers.clearAll();
    if (socket) discardSocket(socket);
    this.#hooks.onLost();
  }

  #stop(status) {
    globalThis.removeEventListener?.("online", this.#onOnline);
    this.#aborter?.abort();
    this.#aborter = null;
    this.state = "closed";
    this.#drop();
    this.#hooks.onStopped();
    if (this.state === "closed") this.#set({ state: "closed", ...status });
  }

  #wait(code, isExplained = true, toldMs = 0) {
    const { baseMs, maxMs } = this.#options;
    // Full jitter: many clients of one server do not return at once.
    const jitterMs = Math.random() * ceilingMs(this.#attempt++, baseMs, maxMs);
    const leastMs = Math.min(maxMs, Math.max(toldMs,
      RESTARTS.has(code) ? baseMs * (1 + Math.random()) : 0));
    this.state = "waiting";
    this.#drop();
    if (this.state !== "waiting") return; // a listener closed it
    this.#retryIn(Math.round(Math.max(jitterMs, leastMs)), code);
    if (!isExplained && this.state === "waiting") this.#diagnose(this.#turn);
  }

  #retryIn(retryInMs, code) {
    this.#timers.set("retry", retryInMs, () => this.#connect());
    this.#set({ state: "waiting", code, retryInMs });
  }

  // A refused upgrade shows no status to a page: REST tells more. The answer
  // holds for the tries that came meanwhile, unless one of them succeeded.
  async #diagnose(turn) {
    const token = this.#token;
    let response;
    let user = null;
    try {
      response = await this.get("auth/me");
      user = await response.json();
    } catch {
      if (!response) return; // the server is away, or not to be asked
    }
    if (this.state !== "waiting" && this.state !== "connecting") return;
    if (token !== this.#token) return;
    const { userId } = this.#options;
    const isOther = response.ok && user && userId && user.user_id !== userId;
    if (response.status === 401 || isOther)
      this.#stop({ reason: "token", code: 401 });
    else if (response.ok) this.#puzzle();
    else if (turn === this.#turn) this.#obey(response);
  }

  #obey(response) {
    const ms = Number(response.headers.get("Retry-After")) * 1000;
    if (ms > 0)
      this.#retryIn(Math.min(ms, this.#options.maxMs), response.status);
  }

  #puzzle() {
    if (++this.#puzzles === PUZZLED_AT)
      this.#hooks.onError(new ParleyError("UPGRADE_REFUSED",
        "the server is well and refuses the WebSocket: is the address right, " +
        "is this origin allowed?"));
  }

  #armIdle(ms) {
    const { idleMs } = this.#options;
    this.#timers.set("idle", ms, () => {
      const leftMs = this.heardAtMs + idleMs - Date.now();
      if (leftMs <= 0) this.#hooks.onIdle();
      if (this.#socket) this.#armIdle(leftMs > 0 ? leftMs : idleMs);
    });
  }

  // The network changed: be there at once, or see whether we still are.
  #check() {
    if (this.state === "waiting") this.retryNow();
    else if (this.#socket && this.state !== "connecting") this.#hooks.onIdle();
  }
}

// When a server that goes wants us back: it tells each client another second.
function hintMs(reason) {
  const seconds = Number(/\bretry after (\d{1,6}) s\b/u.exec(reason)?.[1] ?? 0);
  return seconds > 0 ? (seconds + Math.random()) * 1000 : 0;
}

// A WebSocket that is closed waits for its peer, in `ws` for 30 s; a dead peer
// must not keep a program alive for so long.
function discardSocket(socket) {
  try {
    socket.close(1000);
  } catch {
    return; // a socket that never came to be
  }
  if (socket.readyState === 3 || !socket.terminate) return;
  const timer = setTimeout(() => socket.terminate(), CLOSE_MS);
  timer.unref?.();
  socket.addEventListener("close", () => clearTimeout(timer));
}

/** Questions to the server, each with an answer or an error. */
class Requests {
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

function lostError() {
  return new ParleyError("DISCONNECTED",
    "the connection was lost before the answer came");
}

function closedError() {
  return new ParleyError("CLOSED", "the client is closed");
}

/** How far each room was told: every message once, in its order. */
class Feed {
  #tell;
  #keep; // saves the places
  #places; // room id -> seq of the last message that was told
  #held = new Map(); // room id -> messages that are not to be told yet
  #copies = new Map(); // room id -> messages that came before their turn

  constructor(places, tell, keep) {
    this.#places = new Map(Object.entries(places));
    this.#tell = tell;
    this.#keep = keep;
  }

  /** Whether it is certain how far the room was told. */
  isCertain(roomId) {
    return this.#places.has(roomId) && !this.#copies.has(roomId);
  }

  placeOf(roomId) {
    return this.#places.get(roomId);
  }

  places() {
    return Object.fromEntries(this.#places);
  }

  /** Rooms that are not among these are not ours any more. */
  retain(roomIds) {
    for (const roomId of [...this.#places.keys()])
      if (!roomIds.has(roomId)) this.forget(roomId);
  }

  forget(roomId) {
    this.#held.delete(roomId);
    this.#copies.delete(roomId);
    if (this.#places.delete(roomId)) this.#keep();
  }

  hold(roomId) {
    if (!this.#held.has(roomId)) this.#held.set(roomId, []);
  }

  /** The seq of the first message held. @returns {number|undefined} */
  firstHeld(roomId) {
    return this.#held.get(roomId)?.[0]?.seq;
  }

  /** Tells what was held; all up to seq has come. */
  release(roomId, seq) {
    const held = this.#held.get(roomId);
    for (const message of held ?? []) {
      if (this.#held.get(roomId) !== held) return; // closed by a listener
      this.tell(message);
    }
    this.#held.delete(roomId);
    this.#tellCopies(roomId, seq);
    this.#moveTo(roomId, seq);
  }

  onLost() {
    this.#held.clear(); // they come again: the places have not moved
    this.#copies.clear();
  }

  hear(message) {
    const held = this.#held.get(message.room_id);
    if (held) return insertBySeq(held, message);
    this.#tellCopies(message.room_id, message.seq);
    this.tell(message);
  }

  /** Takes a message that may be out of its place; hear() it is in order. */
  hearEarly(message) {
    const copies = this.#copies.get(message.room_id) ?? [];
    this.#copies.set(message.room_id, copies);
    insertBySeq(copies, message);
  }

  tell(message) {
    if (message.seq <= (this.#places.get(message.room_id) ?? 0)) return;
    this.#places.set(message.room_id, message.seq);
    this.#tell(message);
    this.#keep();
  }

  /** @returns {boolean} whether it was not told yet, and is changed now */
  replaceHeld(message) {
    const found = this.#find(message.room_id, message.id);
    found?.list.splice(found.i, 1, message);
    return Boolean(found);
  }

  removeHeld(roomId, messageId) {
    const found = this.#find(roomId, messageId);
    found?.list.splice(found.i, 1);
  }

  #find(roomId, messageId) {
    for (const lists of [this.#held, this.#copies]) {
      const list = lists.get(roomId) ?? [];
      const i = list.findIndex(({ id }) => id === messageId);
      if (i >= 0) return { list, i };
    }
    return null;
  }

  #tellCopies(roomId, seq) {
    const copies = this.#copies.get(roomId) ?? [];
    while (copies.length > 0 && copies[0].seq <= seq) this.tell(copies.shift());
    if (copies.length === 0) this.#copies.delete(roomId);
  }

  #moveTo(roomId, seq) {
    if (this.#places.has(roomId) && seq <= this.#places.get(roomId)) return;
    this.#places.set(roomId, seq);
    this.#keep();
  }
}

function insertBySeq(messages, message) {
  let i = messages.length;
  while (i > 0 && messages[i - 1].seq > message.seq) i--;
  if (i === 0 || messages[i - 1].seq !== message.seq)
    messages.splice(i, 0, message);
}

/** JSON values in an application's storage, which may be missing or fail. */
class Store {
  #storage;
  #prefix;
  #onError;
  #hasFailed = false;

  constructor(storage, prefix, onError) {
    this.#storage = storage;
    this.#prefix = prefix;
    this.#onError = onError;
  }

  get isThere() {
    return this.#storage !== null;
  }

  read(name, otherwise) {
    try {
      const text = this.#storage?.getItem(this.#prefix + name);
      return text ? JSON.parse(text) : otherwise;
    } catch {
      return otherwise; // what cannot be read is as good as nothing
    }
  }

  /** @returns {boolean} whether it is kept */
  write(name, value) {
    try {
      this.#storage?.setItem(this.#prefix + name, JSON.stringify(value));
      this.#hasFailed = false;
      return this.isThere;
    } catch (cause) {
      if (!this.#hasFailed) this.#onError(new ParleyError("STORAGE",
        `cannot be kept over a restart: ${cause.message}`, { cause }));
      this.#hasFailed = true;
      return false;
    }
  }
}

/**
 * What was said and is not yet acknowledged, oldest first. Several tabs of one
 * user may share what is stored: each changes its own items in it alone.
 */
class Outbox {
  #store;
  #items = new Map(); // client message id -> {item, isStored, tries}

  constructor(store) {
    this.#store = store;
    for (const item of store.read("outbox", []))
      this.#items.set(item.client_message_id,
        { item, isStored: true, tries: 1 }); // it may have been sent
  }

  get size() {
    return this.#items.size;
  }

  /** @returns {Array<{item: Pending, tries: number}>} */
  entries() {
    return [...this.#items.values()];
  }

  get(id) {
    return this.#items.get(id);
  }

  save(item) {
    const id = item.client_message_id;
    const entry = this.#items.get(id) ?? { tries: 0 };
    this.#items.set(id, entry);
    entry.item = item;
    entry.isStored = this.#rewrite(id, item);
  }

  /** @returns {Pending|undefined} what was there */
  remove(id) {
    const entry = this.#items.get(id);
    this.#items.delete(id);
    if (entry?.isStored) this.#rewrite(id, null);
    return entry?.item;
  }

  /** False if another tab of the same user dropped or sent it meanwhile. */
  isCurrent(id) {
    return !this.#items.get(id).isStored ||
      this.#store.read("outbox", []).some((i) => i.client_message_id === id);
  }

  #rewrite(id, item) {
    if (!this.#store.isThere) return false;
    const all = this.#store.read("outbox", []);
    const at = all.findIndex((i) => i.client_message_id === id);
    if (at >= 0) all.splice(at, 1, ...item ? [item] : []);
    else if (item) all.push(item);
    return this.#store.write("outbox", all);
  }
}

/** Sends what is in the outbox: in each room one post at a time, in order. */
class Sender {
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

function discardedError() {
  return new ParleyError("DISCARDED", "the message was withdrawn");
}

/** Telling that we type, no more often than need be; and who else does. */
class Typing {
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

/**
 * One connection's way to the present: asks for what was missed in each room,
 * holds back what comes meanwhile, and finds out how far the other rooms are.
 * All that it awaits is in vain once the connection is lost.
 */
class CatchUp {
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

/** One user's lasting connection. Make it, listen to it, then `open()` it. */
export class Parley {
  #options;
  #listeners = new Listeners();
  #link;
  #requests;
  #store;
  #feed;
  #outbox;
  #sender;
  #typing;
  #catchUp = null; // of the connection
  #wasReady = false; // this client, or the one whose places it goes on from

  /**
   * @param {object} options
   * @param {string} options.url such as `wss://chat.example.org/ws`; in a page,
   *   it may be relative
   * @param {string|function(): (string|Promise<string>)} [options.token] a
   *   function is asked before each connecting; none: the page's cookie
   * @param {string} [options.userId] our own UUID, where it is known
   * @param {Function} [options.WebSocket] the environment's by default
   * @param {Function} [options.fetch] the environment's by default
   * @param {{getItem: Function, setItem: Function}} [options.storage] such as
   *   localStorage; none: nothing outlives this object
   * @param {string} [options.storageKey] what its keys begin with
   * @param {boolean} [options.keepPlaces] also stores how far each room was
   *   told, to go on from there; true
   * @param {Object<string, number>} [options.places] seq by room id, as
   *   places() gave it: instead of what is stored
   * @param {"now"|"unread"} [options.start] where a room begins that was never
   *   heard before; now
   * @param {boolean} [options.fillGaps] reads all of the history where too much
   *   was missed; false
   * @param {boolean} [options.keepFailed] refused messages stay, for resend()
   *   or discard(); false
   * @param {number} [options.maxPending] messages that may wait; 500
   * @param {number} [options.timeoutMs] for an answer or a connection; 10 s
   * @param {number} [options.idleMs] silence before the connection is tried
   *   out; 25 s
   * @param {number} [options.baseMs] longest first wait to reconnect; 0.5 s
   * @param {number} [options.maxMs] longest wait to reconnect; 30 s
   */
  constructor(options) {
    this.#options = {
      token: null, userId: null, WebSocket: globalThis.WebSocket,
      fetch: (...words) => globalThis.fetch(...words), storage: null,
      storageKey: `parley.${options.userId ?? "me"}.`, keepPlaces: true,
      start: "now", fillGaps: false, keepFailed: false, maxPending: 500,
      timeoutMs: 10000, idleMs: 25000, baseMs: 500, maxMs: 30000,
      ...withoutUndefined(options),
    };
    if (!this.#options.WebSocket)
      throw new TypeError("no WebSocket here: give one in `WebSocket`");
    const tell = (type) => (detail) => this.#listeners.tell(type, detail);
    this.#link = new Link(this.#options, {
      onStatus: tell("status"), onError: tell("error"),
      onOpen: () => this.#onOpen(), onFrame: (frame) => this.#onFrame(frame),
      onLost: () => this.#onLost(), onIdle: () => this.#onIdle(),
      onStopped: () => this.#requests.onStopped(),
    });
    this.#requests = new Requests(this.#link, this.#options.timeoutMs);
    this.#store = new Store(this.#options.storage, this.#options.storageKey,
      tell("error"));
    const places = this.#oldPlaces();
    this.#wasReady = Object.keys(places).length > 0;
    this.#feed = new Feed(places, tell("message"), () => this.#keepPlaces());
    this.#outbox = new Outbox(this.#store);
    this.#sender = new Sender(this.#outbox, this.#requests, this.#options,
      tell("pending"));
    this.#typing = new Typing((type, room_id) => this.#say(type, { room_id }),
      tell("typing"));
  }

  /** @returns {Status["state"]} what the connection is doing */
  get state() {
    return this.#link.state;
  }

  /** Whether requests are answered now; those made otherwise wait. */
  get isConnected() {
    return this.#link.state === "ready";
  }

  /** Our own UUID, once it is known. @returns {?string} */
  get userId() {
    return this.#options.userId;
  }

  /**
   * Listens.
   * @param {"status"|"message"|"edited"|"deleted"|"joined"|"left"|"typing"|
   *   "presence"|"member"|"room"|"pending"|"gap"|"error"} type
   * @param {function(any): void} act
   * @returns {function(): void} ends it
   */
  on(type, act) {
    return this.#listeners.add(type, act);
  }

  /**
   * Connects, and from now on reconnects, until close() or until the server
   * says that it is in vain.
   * @param {string|function(): (string|Promise<string>)} [token] a new one
   * @returns {this}
   */
  open(token) {
    if (token !== undefined) this.#options.token = token;
    this.#link.open();
    return this;
  }

  /**
   * Resolves once everything missed has been told.
   * @returns {Promise<void>}
   * @throws {ParleyError} CLOSED if it is, or closes before
   */
  ready() {
    if (this.state === "ready") return Promise.resolve();
    if (this.state === "closed") return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      const end = this.on("status", ({ state, reason }) => {
        if (state !== "ready" && state !== "closed") return;
        end();
        if (state === "ready") resolve();
        else reject(Object.assign(closedError(), { reason }));
      });
    });
  }

  /** Ends the connection and all timers. What is pending stays so. */
  close() {
    this.#link.close();
    this.#sender.onClosed();
  }

  /** Reconnects at once if it was waiting to: the network may be back. */
  retryNow() {
    this.#link.retryNow();
  }

  /* --- what one says */

  /**
   * Says something, now or as soon as that is possible, once.
   * @param {string} roomId
   * @param {string} content
   * @param {object} [how]
   * @param {string} [how.clientMessageId] a UUID; one is made otherwise
   * @returns {Promise<Message>} once the server has it on disk
   * @throws {ParleyError} with `item` if it was kept (see keepFailed)
   */
  async send(roomId, content, how = {}) {
    const id = (how.clientMessageId ?? newUuid()).toLowerCase();
    if (!UUID.test(id) || !UUID.test(roomId))
      throw new ParleyError("INVALID_FIELD", "ids are UUIDs");
    if (this.#outbox.get(id))
      throw new ParleyError("INVALID_FIELD", "this message waits already");
    if (new TextEncoder().encode(content).length > MAX_CONTENT_BYTES)
      throw new ParleyError("TOO_LONG", "this message is too long to send");
    if (this.#outbox.size >= this.#options.maxPending)
      throw new ParleyError("FULL", "too many messages wait to be sent");
    this.#typing.forget(roomId);
    return this.#sender.post({
      client_message_id: id, room_id: roomId.toLowerCase(), content,
      created_at: new Date().toISOString(), state: "pending",
    }, how.clientMessageId !== undefined);
  }

  /**
   * What is pending or failed, oldest first.
   * @param {string} [roomId] only there
   * @returns {Pending[]}
   */
  pending(roomId) {
    return this.#outbox.entries().map(({ item }) => item)
      .filter((item) => roomId === undefined || item.room_id === roomId);
  }

  /**
   * Tries a failed message again, under its first id.
   * @param {string} id client message id
   * @returns {Promise<Message>}
   */
  async resend(id) {
    const entry = this.#outbox.get(id);
    if (entry?.item.state !== "failed") throw discardedError();
    const { error, code, ...item } = entry.item;
    return this.#sender.post({ ...item, state: "pending" }, true);
  }

  /** Drops a message that was not sent. @param {string} id */
  discard(id) {
    this.#sender.discard(id);
  }

  /**
   * Changes a message of ours.
   * @param {string} messageId
   * @param {string} content
   * @returns {Promise<Message>} as it is now
   */
  async edit(messageId, content) {
    const fields = { message_id: messageId, content };
    return (await this.#ask("EditMessage", fields)).message;
  }

  /** Takes back a message of ours. @param {string} messageId */
  async delete(messageId) {
    await this.#requests.ask("DeleteMessage", { message_id: messageId });
  }

  /**
   * Tells the others that we type. To be called at every key: it says so only
   * as often as need be, and that it ended when there was none for 6 s.
   * @param {string} roomId
   * @param {boolean} [isTyping] false: not any more
   */
  typing(roomId, isTyping = true) {
    if (!this.isConnected) return;
    if (isTyping) this.#typing.start(roomId);
    else this.#typing.stop(roomId);
  }

  /* --- rooms and what is in them */

  /** @returns {Promise<Room[]>} all public rooms, and our own others */
  async rooms() {
    return (await this.#ask("GetRooms", { peers: true })).rooms;
  }

  /**
   * Makes a public room; we are in it.
   * @param {string} name
   * @param {string} [description]
   * @returns {Promise<Room>}
   */
  async createRoom(name, description) {
    const fields = description ? { name, description } : { name };
    const { room } = await this.#requests.ask("CreateRoom", fields);
    this.#place(room.id);
    return room;
  }

  /**
   * Becomes a member, for good.
   * @param {string} roomId
   * @returns {Promise<string[]>} UUIDs of who is online there
   */
  async join(roomId) {
    const answer = await this.#ask("JoinRoom", { room_id: roomId });
    this.#place(answer.room_id);
    return answer.online_users;
  }

  /** Ends the membership. @param {string} roomId */
  async leave(roomId) {
    await this.#requests.ask("LeaveRoom", { room_id: roomId });
    this.#forget(roomId.toLowerCase());
  }

  /**
   * The direct room with somebody, made if need be.
   * @param {{user_id: string}|{username: string}} who
   * @returns {Promise<string>} its id
   */
  async direct(who) {
    const { room_id } = await this.#ask("OpenDirect", who);
    this.#place(room_id);
    return room_id;
  }

  /**
   * A page of a room's history.
   * @param {string} roomId
   * @param {{before?: number, after?: number, limit?: number}} [page] sequence
   *   numbers, one of them or none for the newest; limit is 1 to 500, or 50
   * @returns {Promise<{messages: Message[], has_more: boolean}>} oldest first
   */
  async history(roomId, page = {}) {
    const { messages, has_more } =
      await this.#ask("GetHistory", { room_id: roomId, ...page });
    return { messages, has_more };
  }

  /**
   * Messages that have all the words, newest first.
   * @param {string} query
   * @param {{roomId?: string, limit?: number}} [where] limit is 1 to 100, or 50
   * @returns {Promise<Message[]>}
   */
  async search(query, { roomId, limit } = {}) {
    const fields = withoutUndefined({ query, room_id: roomId, limit });
    return (await this.#ask("SearchMessages", fields)).messages;
  }

  /**
   * How much of each of our rooms is unread.
   * @returns {Promise<Array<{room_id: string, count: number,
   *   last_seen: ?string}>>}
   */
  async unread() {
    return (await this.#ask("GetUnread")).rooms;
  }

  /**
   * Everything in a room up to a message has been seen, on all devices.
   * @param {string} messageId
   * @returns {Promise<{room_id: string, message_id: string, seq: number}>}
   *   where the mark is now
   */
  async seen(messageId) {
    const { room_id, message_id, seq } =
      await this.#ask("UpdateLastSeen", { message_id: messageId });
    return { room_id, message_id, seq };
  }

  /**
   * Who we are, by REST.
   * @returns {Promise<{user_id: string, id: number, username: string}>}
   */
  async me() {
    await this.#link.askToken();
    const response = await this.#link.get("auth/me");
    if (!response.ok)
      throw new ParleyError("HTTP", `the server answered ${response.status}`,
        { status: response.status });
    const user = await response.json();
    this.#options.userId ??= user.user_id;
    return user;
  }

  /**
   * How far each room was told, for an application that keeps that itself.
   * @returns {Object<string, number>} seq by room id
   */
  places() {
    return this.#feed.places();
  }

  /* --- behind it */

  #ask(type, fields = {}) {
    return this.#requests.ask(type, fields, { again: true });
  }

  // Before it has caught up, that asks for all rooms by itself.
  #place(roomId) {
    if (this.isConnected) this.#catchUp.place(roomId);
  }

  // What has no answer, and is of no use later. Returns whether it is said.
  #say(type, fields) {
    if (this.isConnected) this.#link.send({ type, ...fields });
    return this.isConnected;
  }

  #oldPlaces() {
    const { places, keepPlaces } = this.#options;
    return places ?? (keepPlaces ? this.#store.read("places", {}) : {});
  }

  #keepPlaces() {
    if (this.#options.keepPlaces && this.#store.isThere)
      this.#store.write("places", this.#feed.places());
  }

  async #onOpen() {
    const catchUp = new CatchUp({
      requests: this.#requests, feed: this.#feed, sender: this.#sender,
      options: this.#options, isNew: !this.#wasReady,
      tell: (type, detail) => this.#listeners.tell(type, detail),
      findUserId: () => this.me().then((user) => user.user_id, () => null),
      fail: () => this.#link.abandon(),
    });
    this.#catchUp = catchUp;
    if (await catchUp.run()) this.#onReady();
  }

  #forget(roomId) {
    this.#catchUp?.forget(roomId);
    this.#feed.forget(roomId);
    this.#typing.forget(roomId);
  }

  #onReady() {
    this.#wasReady = true;
    this.#link.becomeReady();
    if (!this.isConnected) return;
    this.#requests.flush();
    this.#sender.onReady();
  }

  #onLost() {
    this.#catchUp?.end();
    this.#feed.onLost();
    this.#requests.onLost();
    this.#sender.onLost();
    this.#typing.onLost();
  }

  // A request that the gateway answers by itself. Before we have resumed it
  // must be another: this one would say that nothing was missed.
  #onIdle() {
    const [type, fields] =
      this.isConnected ? ["Resume", { rooms: {} }] : ["GetUnread"];
    // Silence ends the connection, an error does not.
    this.#requests.ask(type, fields, { now: true }).catch(() => {});
  }

  #onFrame(frame) {
    const tell = (type) => {
      const { type: name, request_id, ...detail } = frame;
      this.#listeners.tell(type, detail);
    };
    switch (frame.type) {
      case "NewMessage": return this.#onMessage(frame.message);
      case "MessageEdited": this.#onEdited(frame); break;
      case "MessageDeleted":
        this.#feed.removeHeld(frame.room_id, frame.message_id);
        if (frame.request_id === undefined) tell("deleted");
        break;
      case "MemberUpdated":
        if (frame.request_id === undefined) tell("member");
        break;
      case "RoomUpdated":
        if (frame.request_id === undefined) tell("room");
        break;
      case "UserJoined": tell("joined"); break;
      case "UserLeft": this.#onLeft(frame, tell); break;
      case "TypingStart": this.#typing.hear(frame, true); break;
      case "TypingStop": this.#typing.hear(frame, false); break;
      case "PresenceUpdate":
        this.#place(frame.room_id);
        tell("presence");
        break;
    }
    const isAnswer = frame.request_id !== undefined &&
      this.#requests.settle(frame.request_id, frame);
    if (frame.type === "Error" && !isAnswer)
      this.#listeners.tell("error", new ParleyError(frame.code, frame.message));
  }

  // The answer to a repeated post comes anywhere in the stream; its own place
  // is certain once the server has said how far the room is.
  #onMessage(message) {
    const place = this.#feed.placeOf(message.room_id) ?? 0;
    const isOurs = !this.userId || message.creator_id === this.userId;
    const mayBeCopy = isOurs && this.#sender.acknowledge(message);
    if (mayBeCopy && message.seq > place + 1 && this.isConnected) {
      this.#feed.hearEarly(message);
      this.#place(message.room_id);
    } else {
      this.#feed.hear(message);
    }
  }

  #onEdited({ message, request_id }) {
    if (request_id === undefined && !this.#feed.replaceHeld(message))
      this.#listeners.tell("edited", message);
  }

  #onLeft({ room_id, user_id, request_id }, tell) {
    if (request_id !== undefined) return;
    if (user_id === this.userId) this.#forget(room_id);
    tell("left");
  }
}

function withoutUndefined(fields) {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined));
}
