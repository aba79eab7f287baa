// SPDX-License-Identifier: MIT
// parley_link.js - one connection at a time, and the coming back.
//
// It knows frames as JSON and nothing of what they say.

import { ParleyError } from "./parley_error.js";
import { Timers, ceilingMs } from "./parley_timers.js";

const STEADY_MS = 5000; // a connection that held so long was a good one
const CLOSE_MS = 2000; // for the server to answer our close
const PUZZLED_AT = 3; // refused upgrades in a row by a server that is well

const RESTARTS = new Set([1001, 1012, 1013]);
const REFUSALS = new Map([
  [401, "token"], [403, "forbidden"], [404, "not-found"],
]);

// Half a surrogate pair is no Unicode text: no server could read the frame.
function encode(frame) {
  return JSON.stringify(frame, (key, value) => typeof value === "string"
    ? value.replace(/\p{Surrogate}/gu, "\ufffd") : value);
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
export class Link {
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
