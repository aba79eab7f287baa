// SPDX-License-Identifier: MIT
// app.js - puts the page together: who is logged in, the connection, the
// views, and which of them is to be drawn again.

import { ComposerView } from "./composer.js";
import { ask, report, toast } from "./dialogs.js";
import { byId, icon, setText } from "./dom.js";
import { followInvite, hasInvite, takeInvite } from "./invites.js";
import { LoginView } from "./login.js";
import { tellMine } from "./moderation.js";
import { PanelView } from "./panel.js";
import { Parley } from "./parley.js";
import { logOut, whoAmI } from "./rest.js";
import { SealedRooms } from "./sealed_rooms.js";
import { SidebarView } from "./sidebar.js";
import { State } from "./state.js";
import { StatusView, renderTyping, renderUnread } from "./status.js";
import { TimelineView } from "./timeline.js";

// As in chat.css: where the panel, and where the room list is a drawer.
const NARROW = "(max-width: 1023px)";
const PHONE = "(max-width: 719px)";

const MENU = "M3 6h14M3 10h14M3 14h14";
const CROSS = "M5 5l10 10M15 5L5 15";
const LENS = "M9 3a6 6 0 1 1 0 12A6 6 0 0 1 9 3zM13.5 13.5L17 17";
const PEOPLE = "M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 16c0-3 2.5-5 " +
  "5.5-5s5.5 2 5.5 5M13 3.8a3 3 0 0 1 0 5.4M15 11.5c2 .7 3 2.5 " +
  "3 4.5";

// Forbidden or missing storage only means that nothing outlives the page.
function openStorage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

const storage = openStorage();
const SESSION = "parley.session"; // there from a log-in to its log-out
const sealed = new SealedRooms({
  go: goSealed, onGone: leaveSealed, onToggle: drawShade,
  onChange: () => renderUnread(page?.state, sealed), peopleIcon: PEOPLE,
});
const login = new LoginView((user) => {
  markSession(true);
  start(user);
});
let page = null; // what start() made for the user who is logged in

class Page {
  #draws; // what changed -> what to draw for it
  #dirty = new Set();
  #wantsDrawing = false;
  #isFirst = true;

  constructor(me) {
    this.me = me;
    // Histories are read anew with each page, so places need not be kept.
    this.client = new Parley({
      url: "/ws/campfire", userId: me.user_id, storage, keepPlaces: false,
      keepFailed: true,
    });
    this.state = new State(this.client, me);
    const go = (roomId) => this.go(roomId);
    const openDirect = (userId) => this.sidebar.openDirect(userId);
    this.sidebar = new SidebarView(this.state, go);
    this.timeline = new TimelineView(this.state, {
      openDirect, go,
      focusComposer: () => this.composer.focus(),
      askForRoom: () => this.sidebar.askForRoom(),
      openRooms: () => setDrawer(true),
    });
    this.composer = new ComposerView(this.state, this.timeline);
    this.panel = new PanelView(this.state, {
      openDirect,
      reveal: (message) => this.#reveal(message),
      onToggle: drawShade,
    });
    this.status = new StatusView(this.client);
    this.#listen();
  }

  #listen() {
    this.#draws = {
      rooms: [() => this.#choose(), () => this.sidebar.render(),
        () => this.#drawBar(), () => renderUnread(this.state, sealed)],
      timeline: [() => this.composer.render(), () => this.timeline.render()],
      people: [() => this.panel.render(), () => this.#drawBar()],
      typing: [() => renderTyping(this.state)],
      roles: [() => this.panel.learnRoles()],
    };
    for (const type of Object.keys(this.#draws))
      this.state.addEventListener(type, () => this.#drawLater(type));
    this.client.on("member", (update) => {
      if (update.user_id !== this.me.user_id) return;
      const room = this.state.rooms.get(update.room_id);
      tellMine(update, room?.title ?? "a room");
    });
    this.client.on("status", ({ reason }) => {
      if (reason === "token") leave("Your session has ended. Log in again.");
    });
  }

  // Changes come in bursts; each view is drawn once for all of them. A page
  // in the background gets no animation frames, but its title counts on.
  #drawLater(type) {
    this.#dirty.add(type);
    if (this.#wantsDrawing) return;
    this.#wantsDrawing = true;
    const draw = () => {
      this.#wantsDrawing = false;
      const types = [...this.#dirty];
      this.#dirty.clear();
      if (page !== this) return;
      for (const name of types) this.#draws[name].forEach((act) => act());
    };
    if (document.hidden) setTimeout(draw, 200);
    else requestAnimationFrame(draw);
  }

  // Once the rooms are known: the one of the address, or of the last time.
  #choose() {
    if (!this.#isFirst || !this.state.hasRooms) return;
    this.#isFirst = false;
    if (!sealed.open) this.openLast();
  }

  /** Goes to the room of the address, or of the last time. */
  openLast() {
    const { rooms } = this.state;
    const wanted = [roomInAddress(),
      storage?.getItem(`parley.room.${this.me.user_id}`)];
    const first = [...rooms.values()].find((room) => room.member);
    const roomId = wanted.find((id) => rooms.has(id)) ?? first?.id;
    if (roomId) this.go(roomId, true);
  }

  go(roomId, isReplacing = false) {
    goTo(`#/room/${roomId}`, isReplacing);
    this.show(roomId);
    this.composer.focus();
  }

  /** Goes to the room of an invite that waits, if there is one. */
  followInvite() {
    return followInvite(async (roomId) => {
      if (!this.state.rooms.has(roomId)) await this.state.refreshRooms();
      this.go(roomId);
    });
  }

  show(roomId) {
    try {
      storage?.setItem(`parley.room.${this.me.user_id}`, roomId);
    } catch {
      // It is only a convenience.
    }
    sealed.hide();
    setDrawer(false);
    if (isNarrow() && this.panel.isOpen) this.panel.close();
    this.state.open(roomId);
  }

  #reveal(message) {
    if (isNarrow()) this.panel.close();
    history.pushState(null, "", `#/room/${message.room_id}`);
    this.timeline.reveal(message);
  }

  #drawBar() {
    const { room } = this.state;
    const peer = room?.peer?.user_id;
    const direct = room?.online.has(peer) ? "Online" : "Offline";
    setText(byId("room-title"), room?.title ?? "parley");
    setText(byId("room-description"),
      room?.kind === "direct" ? direct : room?.description ?? "");
    byId("main").classList.toggle("is-channel",
      Boolean(room) && room.kind !== "direct");
    byId("open-people").dataset.count = room ? String(room.online.size) : "";
    byId("open-people").setAttribute("aria-label",
      room ? `Who is online: ${room.online.size}` : "Who is online");
  }

  end() {
    this.client.close();
    this.state.end();
    clearInterval(this.status.timer);
    clearTimeout(this.sidebar.timer);
    this.timeline.observer.disconnect();
  }
}

function isNarrow() {
  return matchMedia(NARROW).matches;
}

/** Shows or hides the room list where it is a drawer. */
function setDrawer(isOpen) {
  const wasOpen = byId("app").classList.contains("rooms-open");
  byId("app").classList.toggle("rooms-open", isOpen);
  if (isOpen) page?.sidebar.refresh();
  drawShade();
  const opener = sealed.open ? "sealed-open-rooms" : "open-rooms";
  if (isOpen) byId("close-rooms").focus();
  else if (wasOpen) byId(opener).focus();
}

// What a drawer lies over cannot be reached until it is closed.
function drawShade() {
  const isDrawer = byId("app").classList.contains("rooms-open");
  const isPanel = sealed.open
    ? sealed.view.isPanelOpen : Boolean(page?.panel.isOpen);
  const isCovered = isDrawer || (isPanel && isNarrow());
  byId("shade").hidden = !isDrawer && !isPanel;
  byId("main").inert = byId("sealed").inert = isCovered;
}

function closeDrawers() {
  setDrawer(false);
  page?.panel.close();
  sealed.view.closePanel();
}

// --- The address

function roomInAddress() {
  return /^#\/room\/([0-9a-f-]{36})$/u.exec(location.hash)?.[1] ?? null;
}

// A sealed room's id opens nothing: its keys are never in the address.
function sealedInAddress() {
  const id = /^#\/sealed\/([0-9a-f-]{36})$/u.exec(location.hash)?.[1];
  return sealed.has(id) ? id : null;
}

function goTo(fragment, isReplacing) {
  if (location.hash !== fragment)
    history[isReplacing ? "replaceState" : "pushState"](null, "", fragment);
}

function onAddress() {
  if (sealed.takeInvitation()) sealed.askInvited();
  else if (takeInvite()) onInvite();
  else if (sealedInAddress()) showSealed(sealedInAddress());
  else if (page && roomInAddress()) page.show(roomInAddress());
  else if (!page && sealed.open) showHome();
}

// --- Sealed rooms

function goSealed(id) {
  goTo(`#/sealed/${id}`);
  showSealed(id);
  sealed.view.focus();
}

// The guest of a sealed room sees nothing of the others.
function showSealed(id) {
  setDrawer(false);
  sealed.show(id);
  if (!sealed.open) return; // it asks for the password first
  page?.panel.close();
  page?.state.open(null);
  login.hide();
  byId("app").hidden = false;
  byId("app").classList.toggle("guest", page === null);
  drawShade();
}

function leaveSealed() {
  history.replaceState(null, "", location.pathname);
  drawShade();
  if (page) return page.openLast();
  showHome();
}

// Where a guest comes from: their sealed rooms go on being heard meanwhile.
function showHome() {
  setDrawer(false);
  sealed.hide();
  byId("app").hidden = true;
  login.show();
}

// --- Who is logged in

function start(user) {
  login.hide();
  byId("app").hidden = false;
  byId("app").classList.remove("guest");
  page = new Page(user);
  sealed.setUser(user);
  for (const draw of ["rooms", "timeline", "people"])
    page.state.dispatchEvent(new Event(draw));
  page.client.open();
  if (sealedInAddress()) showSealed(sealedInAddress());
  sealed.askInvited();
  page.followInvite();
}

// An invite is for accounts alone.
function onInvite() {
  if (page) page.followInvite();
  else login.show("You have an invite to a room. Log in, or make an account.");
}

function startAsGuest() {
  const id = sealedInAddress();
  if (id) showSealed(id);
  if (!sealed.open && hasInvite()) onInvite();
  else if (!sealed.open) login.show();
  sealed.askInvited();
}

// A session that ends by itself does not take sealed rooms with it: they need
// no account, and only this tab may have their links.
function leave(why) {
  const last = page;
  page = null;
  if (why) sealed.setUser(null);
  else sealed.end();
  setDrawer(false);
  last?.end();
  byId("dialog").close();
  if (sealed.open) {
    byId("app").classList.add("guest");
    toast(why);
    return;
  }
  byId("app").hidden = true;
  document.title = "parley";
  history.replaceState(null, "", location.pathname);
  login.show(why);
}

// The session's cookie is not for scripts. By this mark, which opens nothing,
// visitors who never logged in need not be asked who they are.
function markSession(isThere) {
  try {
    if (isThere) storage?.setItem(SESSION, "1");
    else storage?.removeItem(SESSION);
  } catch {
    // A storage that is full: one logs in again.
  }
}

function maybeHasSession() {
  try {
    return !storage || storage.getItem(SESSION) !== null;
  } catch {
    return true;
  }
}

async function endSession() {
  try {
    await logOut();
  } catch (error) {
    if (error.status !== 401) throw error;
  }
  markSession(false);
  leave("");
}

function onLogOut() {
  if (sealed.unkept === 0) return report(endSession());
  ask({
    title: "Log out?",
    text: "You leave the sealed rooms of this tab too. Those that this " +
      "device does not remember are lost to whoever has not kept their links.",
    ok: "Log out", isDangerous: true,
  }, endSession);
}

function listenToWindow() {
  for (const [id, path] of Object.entries({
    "open-rooms": MENU, "sealed-open-rooms": MENU, "close-rooms": CROSS,
    "close-panel": CROSS, "sealed-close-panel": CROSS, "open-search": LENS,
    "open-people": PEOPLE,
  })) byId(id).replaceChildren(icon(path));
  byId("logout").onclick = onLogOut;
  byId("guest-home").onclick = () => {
    history.pushState(null, "", location.pathname);
    showHome();
  };
  for (const id of ["open-rooms", "sealed-open-rooms"])
    byId(id).onclick = () => setDrawer(true);
  byId("close-rooms").onclick = () => setDrawer(false);
  byId("shade").onclick = closeDrawers;
  byId("skip").onclick = (event) => {
    event.preventDefault();
    byId(sealed.open ? "sealed-input" : "message-input").focus();
  };
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !byId("dialog").open) closeDrawers();
  });
  for (const query of [NARROW, PHONE])
    matchMedia(query).onchange = closeDrawers;
  addEventListener("popstate", onAddress);
  addEventListener("focus", () => page?.sidebar.refresh());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    sealed.retry();
    sealed.markSeen();
    if (!page) return;
    page.client.retryNow();
    page.timeline.markSeen();
    page.sidebar.refresh();
    page.state.refreshUnread().catch(() => {});
  });
}

async function main() {
  sealed.takeInvitation();
  takeInvite();
  listenToWindow();
  for (;;) {
    try {
      const user = maybeHasSession() ? await whoAmI() : null;
      markSession(user !== null);
      if (user) start(user);
      else startAsGuest();
      return;
    } catch (error) {
      // Nobody can tell yet who is logged in: wait for the server.
      login.show(`${error.message} Trying again…`);
      await new Promise((resolve) => setTimeout(resolve, 3000));
      if (page) return;
    }
  }
}

main();
