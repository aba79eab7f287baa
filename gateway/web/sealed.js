// SPDX-License-Identifier: MIT
// sealed.js - a place in a sealed room, taken again whenever the connection was
// lost: who is there, what was said, and what waits to be sent.
//
// Speaks docs/dialects.md, section sealed, with `?v=2`. Knows no document: it
// runs in browsers and, with a WebSocket class, in Node.

import {
  decrypt, encrypt, fromBase64, importKey, makeKey, writeInvitation,
} from "./sealed_key.js";
import { Line, loss } from "./sealed_line.js";

const HISTORY = 500; // messages, the most that may be asked for
const HISTORY_BYTES = 1024 * 1024 - 40960; // nearer to its bound, it may be cut
const KEPT = 2000; // entries of the conversation
const LONG = 16384; // bytes of content; above it, only its size is to blame
const TRIES = 5; // of a message that is refused
const REFUSALS = 8; // of our coming back, until somebody has to decide
const BEAT_MS = 30000; // by then it is noticed that a connection has died
const RETRY_MS = 500;
const RETRY_MAX_MS = 15000;

let count = 0; // makes keys of entries

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * A room, as one participant has it. Tells `change` when anything did.
 *
 * `state` is `entering`, `here`, `away` (it tries again at `retryAtMs`),
 * `refused` (it waits for retry()) or `left`; `reason` says why, in the
 * server's words. `entries` are, oldest first, `{key, kind: "message", sender,
 * text, at}` with a null text if it cannot be decrypted and a null time if it
 * is from the history, and `{key, kind: "notice", text}`. `outbox` has what is
 * not confirmed: `{key, text, state: "pending"|"failed", error}`.
 */
export class SealedRoom extends EventTarget {
  #url;
  #WebSocket;
  #password;
  #joinKey;
  #keyBytes; // null while the server is the one who has it
  #key = null;
  #line = null;
  #heard = Promise.resolve(); // when all frames so far have been dealt with
  #early = null; // messages that came before the history; null once it is there
  #known = new Map(); // content -> how often it was shown
  #retries = 0;
  #refusals = 0;
  #timer = 0;
  #beat = 0;
  #isSending = false;

  /**
   * @param {object} how
   * @param {string} how.url of the WebSocket
   * @param {string} how.name how one is called in the room
   * @param {?string} [how.password]
   * @param {{joinKey: string, key: ?Uint8Array}} [how.invitation]
   * @param {object} [how.info] what is known of the room already:
   *   {id, name, description}
   * @param {Function} [how.WebSocket] a class like that of browsers
   */
  constructor({
    url, name, password = null, invitation = null, info = null,
    WebSocket = globalThis.WebSocket,
  }) {
    super();
    this.#url = url;
    this.#WebSocket = WebSocket;
    this.#password = password || null;
    this.#joinKey = invitation?.joinKey ?? null;
    this.#keyBytes = invitation?.key ?? null;
    this.name = name;
    this.info = info;
    this.state = "entering";
    this.reason = "";
    this.retryAtMs = 0;
    this.participants = new Set();
    this.entries = [];
    this.outbox = [];
    this.isCut = false; // there may be older messages than the history told
  }

  /**
   * Makes a room and enters it. Its maker is called Owner at first, a name by
   * which nobody can come back: so one joins by one's own name at once.
   * @param {object} how as for the constructor, and
   * @param {string} how.title
   * @param {string} [how.description]
   * @param {boolean} how.isOurs whether its key is made here, and kept from the
   *   server
   * @returns {Promise<SealedRoom>}
   */
  static create(how) {
    const room = new SealedRoom(how);
    return room.#begin(() => room.#make(how));
  }

  /** Enters the room of `how.invitation`. @returns {Promise<SealedRoom>} */
  static join(how) {
    const room = new SealedRoom(how);
    return room.#begin(() => {});
  }

  /** As join(), but goes on trying like after a lost connection. */
  static resume(how) {
    const room = new SealedRoom(how);
    room.#comeBack();
    return room;
  }

  /** Whether the server has never seen the key. */
  get isOurs() {
    return this.#keyBytes !== null;
  }

  /** What opens the room: {joinKey, key}. */
  get invitation() {
    return { joinKey: this.#joinKey, key: this.#keyBytes };
  }

  /** The fragment of the link that leads here. */
  get fragment() {
    return writeInvitation(this.invitation);
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }

  // --- Coming and going

  async #begin(make) {
    try {
      await this.#connect();
      await make();
      await this.#enter();
      return this;
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  async #connect() {
    const line = new Line(new this.#WebSocket(this.#url), {
      hear: (kind, fields) => this.#onFrame(kind, fields),
      end: () => this.#onEnd(line),
    });
    this.#line = line;
    this.#early = [];
    await line.opened;
  }

  async #make({ title, description = "", isOurs }) {
    const made = await this.#line.ask({ CreateRoom: {
      name: title, description, password: this.#password,
      ...(isOurs && { key: "client" }),
    } }, "RoomCreated");
    this.#joinKey = made.room_info.join_key;
    if (isOurs) this.#keyBytes = makeKey();
  }

  async #enter() {
    const joined = await this.#line.ask({ JoinRoom: {
      join_key: this.#joinKey, password: this.#password, name: this.name,
    } }, "RoomJoined");
    // A key from the server never takes the place of one from a link.
    const bytes = this.#keyBytes ?? fromBase64(joined.encryption_key);
    if (bytes.length === 0)
      throw new Error("The key of this room is not in the link. Ask for the " +
        "whole link.");
    this.info = joined.room_info;
    this.#key = await importKey(bytes);
    await this.#lookBack();
    if (!this.#line || this.#line.isOver) throw loss();
    this.state = "here";
    this.reason = "";
    this.#retries = this.#refusals = 0;
    clearInterval(this.#beat);
    this.#beat = setInterval(() => this.#askWhoIsHere(), BEAT_MS);
    this.#tell();
    this.#send();
  }

  async #lookBack() {
    await this.#line.ask({ GetHistory: { limit: HISTORY } }, "History");
    await this.#heard;
  }

  #askWhoIsHere() {
    const line = this.#line;
    line.ask("GetMembers", "RoomJoined").catch(() => line.drop());
  }

  #onEnd(line) {
    if (line !== this.#line || this.state !== "here") return;
    this.state = "away";
    this.#line = null;
    clearInterval(this.#beat);
    this.#wait();
  }

  // Many lose their connection in one moment; they need not return in one.
  #wait() {
    const ms = Math.min(RETRY_MS * 2 ** this.#retries++, RETRY_MAX_MS);
    const delayMs = ms * (0.8 + 0.4 * Math.random());
    this.retryAtMs = Date.now() + delayMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#comeBack(), delayMs);
    this.#tell();
  }

  async #comeBack() {
    this.state = "entering";
    this.#tell();
    try {
      await this.#connect();
      await this.#enter();
    } catch (error) {
      if (this.state !== "entering") return;
      this.#line?.close();
      this.#line = null;
      this.reason = error.isLost ? "" : error.message;
      // A name may be taken by our own old connection: it goes, in time.
      if (this.reason && ++this.#refusals >= REFUSALS) {
        this.state = "refused";
        this.#tell();
      } else {
        this.state = "away";
        this.#wait();
      }
    }
  }

  /**
   * Comes back now, if it is away.
   * @param {string} [name] another one to come by
   */
  retry(name = this.name) {
    if (!["away", "refused"].includes(this.state)) return;
    this.name = name;
    this.#retries = this.#refusals = 0;
    clearTimeout(this.#timer);
    this.#comeBack();
  }

  /** Leaves for good; what waits to be sent is lost. */
  leave() {
    this.state = "left";
    clearTimeout(this.#timer);
    clearInterval(this.#beat);
    this.#line?.close();
    this.#line = null;
    this.#tell();
  }

  // --- What is heard

  // Decrypting takes its time: one after the other, so that the order stays.
  #onFrame(kind, fields) {
    const act = {
      RoomJoined: ({ participants }) => this.#onMembers(participants),
      ParticipantJoined: ({ name }) => this.#onCame(name),
      ParticipantLeft: ({ name }) => this.#onWent(name),
      ChatMessage: (message) => this.#onMessage(message),
      History: ({ messages }) => this.#onHistory(messages),
    }[kind];
    if (!act) return;
    this.#heard = this.#heard.then(() => act(fields)).then(() => {
      if (this.state === "here") this.#tell();
    }).catch((error) => globalThis.reportError?.(error));
  }

  #onMembers(names) {
    this.participants = new Set(names);
  }

  #onCame(name) {
    this.participants.add(name);
    this.#notice(`${name} is here`);
  }

  #onWent(name) {
    this.participants.delete(name);
    this.#notice(`${name} has left`);
  }

  #notice(text) {
    this.#put({ key: `notice ${++count}`, kind: "notice", text });
  }

  #put(entry) {
    this.entries.push(entry);
    if (this.entries.length > KEPT) this.entries.splice(0, KEPT / 10);
  }

  async #read({ sender, content }) {
    const text = await decrypt(this.#key, content).catch(() => null);
    return { kind: "message", sender, content, text, at: null };
  }

  async #onMessage(frame) {
    if (this.#early) {
      this.#early.push({ frame, at: new Date() });
      return;
    }
    const message = await this.#read(frame);
    // What was encrypted is never twice the same: this is a repetition. Of what
    // somebody sent as it stands, every one counts.
    if (message.text !== null && this.#known.has(message.content)) return;
    this.#show({ ...message, at: new Date() });
  }

  #show(message) {
    const { content } = message;
    const own = this.outbox.find((item) => item.content === content);
    this.#known.set(content, (this.#known.get(content) ?? 0) + 1);
    if (own) this.outbox = this.outbox.filter((item) => item !== own);
    this.#put({ ...message, key: own?.key ?? `message ${++count}` });
  }

  // What is new in it comes behind what was there: nothing was missed before.
  async #onHistory(frames) {
    const messages = await Promise.all(frames.map((f) => this.#read(f)));
    const known = new Map(this.#known);
    const told = new Map();
    this.#noteHoles(frames);
    for (const message of messages) {
      const { content, text } = message;
      const times = (told.get(content) ?? 0) + 1;
      told.set(content, times);
      const before = known.get(content) ?? 0;
      if (text === null ? times > before : before + times === 1)
        this.#show(message);
    }
    const early = this.#early ?? [];
    this.#early = null;
    for (const { frame, at } of early)
      if (!told.has(frame.content))
        this.#show({ ...await this.#read(frame), at });
  }

  #noteHoles(frames) {
    const bytes = frames.reduce((sum, { content }) => sum + content.length, 0);
    if (frames.length < HISTORY && bytes <= HISTORY_BYTES) return;
    if (this.#known.size === 0) this.isCut = true;
    else if (!frames.some(({ content }) => this.#known.has(content)))
      this.#notice("What was said meanwhile was too much to be shown whole.");
  }

  // --- What is said

  /** Says something, now or as soon as one is back. @param {string} text */
  say(text) {
    this.outbox.push({
      key: `own ${++count}`, text, content: null, tries: 0,
      state: "pending", error: "",
    });
    this.#tell();
    this.#send();
  }

  /** Tries a refused message again. @param {string} key */
  resend(key) {
    const item = this.outbox.find((one) => one.key === key);
    if (item?.state !== "failed") return;
    Object.assign(item, { state: "pending", tries: 1, error: "" });
    this.#tell();
    this.#send();
  }

  /** Drops a message that was not sent. @param {string} key */
  discard(key) {
    this.outbox = this.outbox.filter((one) => one.key !== key);
    this.#tell();
  }

  // One at a time: an Error does not say which message it is about.
  async #send() {
    if (this.#isSending) return;
    this.#isSending = true;
    for (;;) {
      const item = this.outbox.find(({ state }) => state === "pending");
      if (!item || this.state !== "here") break;
      await this.#deliver(item);
    }
    this.#isSending = false;
  }

  // What was sent once may have arrived, or still arrive, whatever was said of
  // it. So the room is looked at before it is said again, in the same bytes.
  async #deliver(item) {
    try {
      item.content ??= await encrypt(this.#key, item.text);
      if (item.tries++ > 0) {
        await pause(1000 * 2 ** Math.min(item.tries - 2, 3));
        if (this.state !== "here") return;
        await this.#lookBack();
        if (!this.outbox.includes(item)) return;
      }
      await this.#line.ask({ ChatMessage: { content: item.content } },
        "ChatMessage", ({ content }) => content === item.content);
      await this.#heard;
    } catch (error) {
      if (!error.isAnswer) return; // the connection is gone: later
      if (item.tries < TRIES && item.content.length <= LONG) return;
      Object.assign(item, { state: "failed", error: error.message });
      this.#tell();
    }
  }
}
