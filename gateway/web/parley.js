// SPDX-License-Identifier: MIT
// parley.js - a client of parley's campfire dialect (v=2), for browsers and
// Node, without dependencies. docs/client.md is for its users.
//
// Parley is what an application holds. Behind it, one module for each concern:
// parley_link.js (the connection, and coming back), _requests (questions and
// answers), _feed (each message once, in order), _catch_up (what was missed),
// _outbox and _sender (what was said and is not yet acknowledged), _typing,
// _pacing (what a room refuses).

import { CatchUp } from "./parley_catch_up.js";
import { ParleyError, closedError, discardedError } from "./parley_error.js";
import { Feed } from "./parley_feed.js";
import { Link } from "./parley_link.js";
import { Listeners } from "./parley_listeners.js";
import { Outbox, Store } from "./parley_outbox.js";
import { Pacing } from "./parley_pacing.js";
import { Requests, withoutUndefined } from "./parley_requests.js";
import { Sender } from "./parley_sender.js";
import { Typing } from "./parley_typing.js";
import { UUID, newUuid } from "./parley_uuid.js";

export { ParleyError, newUuid };

const MAX_CONTENT_BYTES = 40960; // the most that a server can be told to take

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

/** One user's lasting connection. Make it, listen to it, then `open()` it. */
export class Parley {
  #options;
  #listeners = new Listeners();
  #link;
  #requests;
  #pacing; // of questions about rooms
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
      onStopped: () => this.#onStopped(),
    });
    this.#requests = new Requests(this.#link, this.#options.timeoutMs);
    this.#pacing = new Pacing(this.#options.maxMs);
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

  /**
   * @param {{archived?: boolean}} [which] our archived ones instead
   * @returns {Promise<Room[]>} all public rooms, and our own others
   */
  async rooms({ archived } = {}) {
    const fields = withoutUndefined({ peers: true, archived });
    return (await this.#ask("GetRooms", fields)).rooms;
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
   * A page of a room's history. After a refusal, such as NOT_A_MEMBER, the
   * room is not asked again at once: the promise takes longer then.
   * @param {string} roomId
   * @param {{before?: number, after?: number, limit?: number}} [page] sequence
   *   numbers, one of them or none for the newest; limit is 1 to 500, or 50
   * @returns {Promise<{messages: Message[], has_more: boolean}>} oldest first
   */
  async history(roomId, page = {}) {
    const { messages, has_more } = await this.#pacing.ask(roomId,
      () => this.#ask("GetHistory", { room_id: roomId, ...page }));
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
    this.#pacing.lift(roomId);
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

  #onStopped() {
    this.#requests.onStopped();
    this.#pacing.end();
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
