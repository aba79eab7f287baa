// SPDX-License-Identifier: MIT
// state.js - what the page knows, kept true by what the server says.
//
// Owns the rooms, which of them is open, and every request about them. Views
// read it, call its verbs, and are told by events what to draw again:
//   rooms, timeline, people, typing, roles; each for whatever room is concerned.

import { Bans } from "./bans.js";
import { Names } from "./names.js";
import { FOR_NOW } from "./parley_error.js";
import { Room } from "./room.js";

// Why a message was not taken at all; any other is pending or failed.
const NOT_KEPT = new Set(["TOO_LONG", "FULL", "INVALID_FIELD"]);
const PAGE = 50;
const SETTLE_MS = 300; // changes of the room list are asked for together
const PAUSE_MS = 5000; // after a page of history that could not be had

/** The state of one logged-in user's page. */
export class State extends EventTarget {
  #client;
  #wantsArchived = false; // rooms are asked for as well
  #loading = new Set(); // rooms with a history request under way
  #listTimer = 0;
  #typingTimer = 0;
  #pageTimer = 0;
  #bans = new Bans(() => this.#tell("timeline"));
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
    const client = this.#client;
    client.on("status", ({ state }) => this.#onState(state));
    client.on("message", (message) => this.#onMessage(message));
    client.on("pending", () => this.#tell("timeline"));
    client.on("gap", ({ room_id }) => this.#onGap(room_id));
    client.on("presence", (presence) => this.#onPresence(presence));
    client.on("joined", (member) => this.#onMember(member));
    client.on("left", (member) => this.#onLeft(member));
    client.on("member", (update) => this.#onMemberUpdate(update));
    client.on("room", ({ room }) => {
      this.#onArchived(room);
      this.#refreshSoon();
      this.#onRoles(room.id);
    });
    client.on("typing", (typing) => this.#onTyping(typing));
    client.on("edited", (message) => this.#onEdited(message));
    client.on("deleted", (deleted) => this.#onDeleted(deleted));
    this.#typingTimer = setInterval(() => this.#tell("typing"), 5000);
  }

  /** Stops what would go on by itself. */
  end() {
    clearInterval(this.#typingTimer);
    clearTimeout(this.#listTimer);
    clearTimeout(this.#pageTimer);
    this.#bans.end();
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
    await this.refreshRooms();
    await this.refreshUnread();
    this.#tell("roles");
    if (this.current) await this.#load(this.rooms.get(this.current));
  }

  /** Asks for the unread counts anew: another device may have read. */
  async refreshUnread() {
    this.#onUnread(await this.#client.unread());
  }

  /** Asks for the room list anew. Nothing tells of rooms that others make. */
  async refreshRooms() {
    const lists = [this.#client.rooms()];
    if (this.#wantsArchived) lists.push(this.#archivedRooms());
    this.#onRooms((await Promise.all(lists)).flat());
  }

  /** From now on there are archived rooms among the others. */
  async wantArchived() {
    this.#wantsArchived = true;
    await this.refreshRooms();
  }

  async #archivedRooms() {
    const rooms = await this.#client.rooms({ archived: true });
    return rooms.map((room) => ({ ...room, archived: true }));
  }

  // One of ours does not go away while it is looked at.
  #onArchived({ id, archived }) {
    const room = this.rooms.get(id);
    if (!room?.member) return;
    room.isArchived = archived;
    if (archived && id === this.current) this.#wantsArchived = true;
    this.#tell("timeline");
  }

  #refreshSoon() {
    clearTimeout(this.#listTimer);
    this.#listTimer = setTimeout(async () => {
      await this.refreshRooms().catch(() => {});
      await this.refreshUnread().catch(() => {});
    }, SETTLE_MS);
  }

  #onRooms(entries) {
    const wasMember = this.room?.member;
    const ids = new Set(entries.map((entry) => entry.id));
    for (const id of this.rooms.keys())
      if (!ids.has(id)) this.#dropRoom(id);
    for (const entry of entries) this.#takeRoom(entry);
    this.hasRooms = true;
    this.#tell("rooms");
    this.#tell("timeline");
    this.#tell("people");
    if (!wasMember) this.#load(this.room).catch(() => {});
    this.#bans.learn(this.room);
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

  #onGap(roomId) {
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
  #onMember({ room_id, user_id }) {
    this.#onRoles(room_id);
    if (user_id === this.me.user_id) this.#refreshSoon();
  }

  #onLeft(member) {
    const room = this.rooms.get(member.room_id);
    if (member.user_id === this.me.user_id) room?.lose();
    this.#onMember(member);
    this.#tell("timeline");
  }

  #onMemberUpdate({ room_id, user_id, change, until, reason }) {
    const room = this.rooms.get(room_id);
    if (room && user_id === this.me.user_id && change === "banned")
      room.ban = { until, reason };
    this.#onRoles(room_id);
  }

  #onRoles(roomId) {
    if (roomId === this.current) this.#tell("roles");
  }

  #onTyping({ room_id, user_id, typing }) {
    const room = this.rooms.get(room_id);
    if (!room || user_id === this.me.user_id) return;
    if (typing) room.startTyping(user_id);
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
    room.askAgainMs = 0;
    this.#bans.learn(room);
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
      room.askAgainMs = 0;
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
      if (room.member) take(answer); // or it was lost meanwhile
    } finally {
      this.#loading.delete(room.id);
      this.#tell("timeline");
    }
  }

  // The timeline asks whenever it is drawn. What was refused would be refused
  // again, until the room is opened or joined anew.
  async #more(room, page, take) {
    if (Date.now() < room.askAgainMs) return;
    try {
      await this.#page(room, page, take);
    } catch (error) {
      room.askAgainMs = Infinity;
      if (!FOR_NOW.has(error.code)) return;
      room.askAgainMs = Date.now() + PAUSE_MS;
      clearTimeout(this.#pageTimer);
      this.#pageTimer = setTimeout(() => this.#tell("timeline"), PAUSE_MS);
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
    await this.#more(room, { before }, (answer) => {
      if (room.messages[0]?.seq !== before) return;
      room.merge(answer.messages);
      room.hasOlder = answer.has_more && answer.messages.length > 0;
    });
  }

  /** Loads what lies after the open room's stretch. */
  async newer() {
    const room = this.room;
    if (!room?.hasNewer || !this.#client.isConnected) return;
    const after = room.newest?.seq ?? 0;
    await this.#more(room, { after }, (answer) => {
      room.merge(answer.messages);
      room.hasNewer = answer.messages.length > 0 &&
        (answer.has_more || room.newest.seq < room.headSeq);
    });
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
    this.#client.seen(newest.id).catch(() => this.#marked.delete(room.id));
  }

  /** What of the open room waits to be sent. @returns {object[]} */
  get pending() {
    return this.current ? this.#client.pending(this.current) : [];
  }

  /**
   * Says something in the open room, and comes back to the present there.
   * @param {string} content
   * @returns {Promise<void>}
   * @throws {ParleyError} if it cannot even be kept
   */
  say(content) {
    const said = this.#client.send(this.current, content);
    this.room.dividerSeq = 0;
    this.toPresent();
    // What was kept and then refused is shown where it stands.
    return said.then(() => {}, (error) => {
      if (!error.item && NOT_KEPT.has(error.code)) throw error;
    });
  }

  /** @param {string} roomId */
  async join(roomId) {
    try {
      await this.#client.join(roomId);
    } catch (error) {
      this.#bans.learn(this.room);
      throw error;
    }
    await this.refreshRooms();
    const room = this.rooms.get(roomId);
    if (roomId === this.current) await this.#load(room);
  }

  /** @param {string} roomId */
  async leave(roomId) {
    await this.#client.leave(roomId);
    this.rooms.get(roomId)?.unload();
    await this.refreshRooms();
  }

  /** @returns {Promise<string>} the new room's id */
  async create(name, description) {
    const room = await this.#client.createRoom(name, description);
    this.#takeRoom({ member: true, ...room });
    await this.refreshRooms();
    return room.id;
  }

  /**
   * @param {{user_id: string}|{username: string}} who
   * @returns {Promise<string>} the direct room's id
   */
  async openDirect(who) {
    const roomId = await this.#client.direct(who);
    if (!this.rooms.has(roomId)) await this.refreshRooms();
    return roomId;
  }

  /** Changes an own message. */
  async edit(messageId, content) {
    this.#onEdited(await this.#client.edit(messageId, content));
  }

  /** Deletes an own message. */
  async remove(messageId) {
    const roomId = this.current;
    await this.#client.delete(messageId);
    this.#onDeleted({ room_id: roomId, message_id: messageId });
  }

  /** @returns {Promise<object[]>} the messages found */
  async search(query, roomId) {
    const messages = await this.#client.search(query,
      { roomId: roomId ?? undefined, limit: PAGE });
    for (const message of messages)
      this.names.learn(message.creator_id, message.creator_name);
    return messages;
  }

  /** Tells that we are typing, or no longer. */
  tellTyping(roomId, isTyping) {
    this.#client.typing(roomId, isTyping);
  }

  /** Tries a refused message again. @param {string} id */
  resend(id) {
    this.#client.resend(id).catch(() => {}); // shown where it stands
  }

  /** Drops a message that was not sent. @param {string} id */
  discard(id) {
    this.#client.discard(id);
  }
}
