// SPDX-License-Identifier: MIT
// state.js - what the page knows, kept true by what the server says.
//
// Owns the rooms, which of them is open, and every request about them. Views
// read it, call its verbs, and are told by events what to draw again:
//   rooms, timeline, people, typing; each for whatever room is concerned.

import { Names } from "./names.js";
import { Room } from "./room.js";

const PAGE = 50;
const SETTLE_MS = 300; // changes of the room list are asked for together
const LEAVE_MS = 3000;

/** The state of one logged-in user's page. */
export class State extends EventTarget {
  #client;
  #loading = new Set(); // rooms with a history request under way
  #listTimer = 0;
  #typingTimer = 0;
  #online = new Map(); // room id -> user ids; told before the rooms are
  #marked = new Map(); // room id -> seq last told as seen

  /**
   * @param {import("./parley.js").Parley} client not yet opened
   * @param {{user_id: string, username: string}} me
   */
  constructor(client, me) {
    super();
    this.me = me;
    this.rooms = new Map();
    this.current = null;
    this.names = new Names();
    this.names.learn(me.user_id, me.username);
    this.names.addEventListener("names", () => {
      this.#tell("timeline");
      this.#tell("people");
      this.#tell("typing");
    });
    this.#client = client;
    this.#listen();
  }

  /** Whether the room list has arrived at least once. */
  hasRooms = false;

  /** Whether somebody looks at the open room's end; the timeline knows. */
  isWatched = () => false;

  #tell(type) {
    this.dispatchEvent(new Event(type));
  }

  #listen() {
    const on = (type, act) =>
      this.#client.addEventListener(type, (event) => act(event.detail));
    on("state", ({ state }) => this.#onState(state));
    on("message", ({ message }) => this.#onMessage(message));
    on("pending", () => this.#tell("timeline"));
    on("lost", ({ roomId }) => this.#onLost(roomId));
    on("Rooms", (frame) => this.#onRooms(frame.rooms));
    on("Unread", (frame) => this.#onUnread(frame.rooms));
    on("PresenceUpdate", (frame) => this.#onPresence(frame));
    on("UserJoined", (frame) => this.#onMember(frame));
    on("UserLeft", (frame) => this.#onMember(frame));
    on("TypingStart", (frame) => this.#onTyping(frame, true));
    on("TypingStop", (frame) => this.#onTyping(frame, false));
    on("MessageEdited", (frame) => this.#onEdited(frame.message));
    on("MessageDeleted", (frame) => this.#onDeleted(frame));
    this.#typingTimer = setInterval(() => this.#tell("typing"), 5000);
  }

  /** Stops what would go on by itself. */
  end() {
    clearInterval(this.#typingTimer);
    clearTimeout(this.#listTimer);
  }

  #onState(state) {
    if (state === "ready") this.#sync().catch(() => {});
    if (state !== "waiting") return;
    this.#marked.clear();
    for (const room of this.rooms.values()) {
      room.isStale = true;
      room.typing.clear();
    }
    this.#tell("typing");
  }

  async #sync() {
    await this.#client.request("GetRooms");
    await this.refreshUnread();
    if (this.current) await this.#load(this.rooms.get(this.current));
  }

  /** Asks for the unread counts anew: another device may have read. */
  refreshUnread() {
    return this.#client.request("GetUnread");
  }

  /** Asks for the room list anew. Nothing tells of rooms that others make. */
  refreshRooms() {
    return this.#client.request("GetRooms");
  }

  #refreshSoon() {
    clearTimeout(this.#listTimer);
    this.#listTimer = setTimeout(async () => {
      await this.refreshRooms().catch(() => {});
      await this.refreshUnread().catch(() => {});
    }, SETTLE_MS);
  }

  #onRooms(entries) {
    const ids = new Set(entries.map((entry) => entry.id));
    for (const id of this.rooms.keys())
      if (!ids.has(id)) this.#dropRoom(id);
    for (const entry of entries) this.#takeRoom(entry);
    this.hasRooms = true;
    this.#tell("rooms");
    this.#tell("timeline");
    this.#tell("people");
  }

  #takeRoom(entry) {
    const room = this.rooms.get(entry.id);
    if (room) room.update(entry);
    else this.rooms.set(entry.id, new Room(entry, this.#online.get(entry.id)));
    if (entry.peer) this.names.learn(entry.peer.user_id, entry.peer.username);
  }

  #dropRoom(id) {
    this.rooms.delete(id);
    this.#online.delete(id);
    this.#client.forget(id);
    if (this.current === id) this.current = null;
  }

  #onUnread(rows) {
    for (const room of this.rooms.values()) room.unread = 0;
    for (const row of rows) {
      const room = this.rooms.get(row.room_id);
      if (!room) continue;
      room.unread = row.count;
      room.lastSeen = row.last_seen ?? null;
    }
    this.#tell("rooms");
    this.#tell("timeline"); // what is in view is marked as seen by that
  }

  #onMessage(message) {
    this.names.learn(message.creator_id, message.creator_name);
    const room = this.rooms.get(message.room_id);
    if (!room) return this.#refreshSoon();
    room.typing.delete(message.creator_id);
    room.headSeq = Math.max(room.headSeq, message.seq);
    if (!room.hasNewer && (room.loaded || this.#loading.has(room.id)))
      room.put(message);
    room.lastAtMs = Math.max(room.lastAtMs, Date.parse(message.created_at));
    if (message.creator_id !== this.me.user_id) {
      const isRead = room.id === this.current && this.isWatched();
      if (room.unread === 0 && !isRead) room.dividerSeq = message.seq;
      room.unread++;
    }
    this.#tell("rooms");
    this.#tell("typing");
    if (room.id === this.current) this.#tell("timeline");
  }

  #onLost(roomId) {
    const room = this.rooms.get(roomId);
    room?.unload();
    if (roomId === this.current) this.#load(room).catch(() => {});
  }

  #onPresence({ room_id, online_users }) {
    const online = new Set(online_users);
    this.#online.set(room_id, online);
    const room = this.rooms.get(room_id);
    if (!room) return this.hasRooms && this.#refreshSoon();
    room.online = online;
    this.#tell("people");
    if (room.kind === "direct") this.#tell("rooms");
  }

  // Only our own coming and going changes what we may see.
  #onMember({ user_id }) {
    if (user_id === this.me.user_id) this.#refreshSoon();
  }

  #onTyping({ room_id, user_id }, starts) {
    const room = this.rooms.get(room_id);
    if (!room || user_id === this.me.user_id) return;
    if (starts) room.startTyping(user_id);
    else room.typing.delete(user_id);
    this.#tell("typing");
  }

  #onEdited(message) {
    const room = this.rooms.get(message.room_id);
    if (!room?.find(message.id)) return;
    room.put({ ...room.find(message.id), ...message, isEdited: true });
    this.#tell("timeline");
  }

  #onDeleted({ room_id, message_id }) {
    this.rooms.get(room_id)?.remove(message_id);
    this.#tell("timeline");
  }

  /** The open room, or null. */
  get room() {
    return this.rooms.get(this.current) ?? null;
  }

  /** Opens a room. @param {?string} roomId null: none */
  async open(roomId) {
    if (roomId === this.current) return;
    this.room?.trim();
    this.current = this.rooms.has(roomId) ? roomId : null;
    const room = this.room;
    this.#tell("rooms");
    this.#tell("timeline");
    this.#tell("people");
    this.#tell("typing");
    if (!room) return;
    if (room.loaded && !room.isStale) room.placeDivider(this.me.user_id);
    else await this.#load(room).catch(() => {});
  }

  async #load(room) {
    if (!room?.member || (room.loaded && !room.isStale)) return;
    await this.#page(room, {}, (answer) => {
      const joins = room.loaded && !room.hasNewer &&
        (room.newest?.seq ?? 0) >= (answer.messages[0]?.seq ?? 0) - 1;
      const last = answer.messages.at(-1)?.seq ?? 0;
      const meanwhile = room.messages.filter((m) => m.seq > last);
      if (!joins) {
        room.unload();
        room.hasOlder = answer.has_more;
      }
      room.refresh(answer.messages);
      room.merge(meanwhile);
      room.loaded = true;
      room.isStale = false;
      if (room.dividerSeq === 0) room.placeDivider(this.me.user_id);
    });
  }

  async #page(room, page, take) {
    if (this.#loading.has(room.id)) return;
    this.#loading.add(room.id);
    this.#tell("timeline");
    try {
      const answer = await this.#client.history(
        room.id, { limit: PAGE, ...page });
      for (const message of answer.messages)
        this.names.learn(message.creator_id, message.creator_name);
      take(answer);
    } finally {
      this.#loading.delete(room.id);
      this.#tell("timeline");
    }
  }

  /** Whether a page of the open room's history is under way. */
  get isLoading() {
    return this.#loading.has(this.current);
  }

  /** Loads what lies before the open room's stretch. */
  async older() {
    const room = this.room;
    if (!room?.hasOlder || !this.#client.isConnected) return;
    const before = room.messages[0]?.seq;
    await this.#page(room, { before }, (answer) => {
      if (room.messages[0]?.seq !== before) return;
      room.merge(answer.messages);
      room.hasOlder = answer.has_more && answer.messages.length > 0;
    }).catch(() => {});
  }

  /** Loads what lies after the open room's stretch. */
  async newer() {
    const room = this.room;
    if (!room?.hasNewer || !this.#client.isConnected) return;
    const after = room.newest?.seq ?? 0;
    await this.#page(room, { after }, (answer) => {
      room.merge(answer.messages);
      room.hasNewer = answer.messages.length > 0 &&
        (answer.has_more || room.newest.seq < room.headSeq);
    }).catch(() => {});
  }

  /** Goes back from an old stretch to the present. */
  async toPresent() {
    const room = this.room;
    if (!room?.hasNewer) return;
    room.unload();
    await this.#load(room).catch(() => {});
  }

  /** Opens the room of a message and loads what is around it. */
  async reveal(message) {
    await this.open(message.room_id);
    const room = this.room;
    if (!room || room.find(message.id)) return;
    await this.#page(room, { before: message.seq + PAGE / 2 }, (answer) => {
      room.unload();
      room.merge(answer.messages);
      room.loaded = true;
      room.hasOlder = answer.has_more;
      room.hasNewer = true; // if not, the next page is empty and says so
    });
  }

  /** Everything of the open room up to now has been in view. */
  markSeen() {
    const room = this.room;
    const newest = room?.newest;
    if (!newest || room.hasNewer || !this.#client.isConnected) return;
    if (room.unread > 0) {
      room.unread = 0;
      this.#tell("rooms");
    }
    if ((this.#marked.get(room.id) ?? 0) >= newest.seq) return;
    this.#marked.set(room.id, newest.seq);
    room.lastSeen = newest.id;
    this.#client.tell("UpdateLastSeen", { message_id: newest.id });
  }

  /** What of the open room waits to be sent. @returns {object[]} */
  get pending() {
    return this.current ? this.#client.pending(this.current) : [];
  }

  /**
   * Says something in the open room, and comes back to the present there.
   * @param {string} content
   * @returns {Promise<void>}
   * @throws {ParleyError} at once, if it cannot even be kept
   */
  say(content) {
    this.#client.send(this.current, content);
    this.room.dividerSeq = 0;
    return this.toPresent();
  }

  /** @param {string} roomId */
  async join(roomId) {
    await this.#client.request("JoinRoom", { room_id: roomId });
    await this.refreshRooms();
    const room = this.rooms.get(roomId);
    if (roomId === this.current) await this.#load(room);
  }

  /** @param {string} roomId */
  async leave(roomId) {
    // Leaving has no answer of its own: the list tells whether it is done.
    const match = (frame) => frame.type === "UserLeft" &&
      frame.room_id === roomId && frame.user_id === this.me.user_id;
    await this.#client.request("LeaveRoom", { room_id: roomId },
      { match, optional: true, timeoutMs: LEAVE_MS });
    this.#client.forget(roomId);
    this.rooms.get(roomId)?.unload();
    await this.refreshRooms();
  }

  /** @returns {Promise<string>} the new room's id */
  async create(name, description) {
    const fields = description ? { name, description } : { name };
    const { room } = await this.#client.request("CreateRoom", fields);
    this.#takeRoom({ member: true, ...room });
    await this.refreshRooms();
    return room.id;
  }

  /**
   * @param {{user_id: string}|{username: string}} who
   * @returns {Promise<string>} the direct room's id
   */
  async openDirect(who) {
    const answer = await this.#client.request("OpenDirect", who);
    if (!this.rooms.has(answer.room_id)) await this.refreshRooms();
    return answer.room_id;
  }

  /** Changes an own message. */
  async edit(messageId, content) {
    const match = (frame) => frame.type === "MessageEdited" &&
      frame.message.id === messageId;
    const answer = await this.#client.request("EditMessage",
      { message_id: messageId, content }, { match });
    this.#onEdited(answer.message);
  }

  /** Deletes an own message. */
  async remove(messageId) {
    const match = (frame) => frame.type === "MessageDeleted" &&
      frame.message_id === messageId;
    const answer = await this.#client.request("DeleteMessage",
      { message_id: messageId }, { match });
    this.#onDeleted({ room_id: this.current, ...answer });
  }

  /** @returns {Promise<object[]>} the messages found */
  async search(query, roomId) {
    const where = roomId ? { room_id: roomId } : {};
    const { messages } = await this.#client.request("SearchMessages",
      { query, limit: PAGE, ...where });
    for (const message of messages)
      this.names.learn(message.creator_id, message.creator_name);
    return messages;
  }

  /** Tells that we are typing, or no longer. */
  tellTyping(roomId, isTyping) {
    this.#client.tell(isTyping ? "StartTyping" : "StopTyping",
      { room_id: roomId });
  }

  /** Tries a refused message again. @param {string} id */
  resend(id) {
    this.#client.resend(id);
  }

  /** Drops a message that was not sent. @param {string} id */
  discard(id) {
    this.#client.discard(id);
  }
}
