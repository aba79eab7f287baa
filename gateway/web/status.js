// SPDX-License-Identifier: MIT
// status.js - the line that tells when there is no connection, who is typing,
// and the number of unread messages, in the window's title and where a phone
// hides the room list.

import { byId, setText } from "./dom.js";
import { listNames, shortCount } from "./format.js";

const GRACE_MS = 1200; // a short break is not worth a word

/** What the connection is doing. */
export class StatusView {
  #client;
  #retryAtMs = 0;
  #graceTimer = 0;
  #wasReady = false;

  /** @param {import("./parley.js").Parley} client */
  constructor(client) {
    this.#client = client;
    this.#show("");
    byId("reconnect").onclick = () => client.retryNow();
    client.on("status", (status) => this.#onStatus(status));
    this.timer = setInterval(() => this.#count(), 1000);
  }

  #onStatus({ state, retryInMs, reason, text }) {
    clearTimeout(this.#graceTimer);
    if (state === "ready") {
      this.#wasReady = true;
      this.#show("");
    } else if (state === "waiting") {
      this.#retryAtMs = Date.now() + retryInMs;
      this.#graceTimer = setTimeout(() => this.#count(), GRACE_MS);
    } else if (state === "closed" && reason !== "asked") {
      this.#show(`The server refuses a connection${text ? `: ${text}` : ""}.` +
        " Reload the page to connect again.");
    } else {
      this.#graceTimer = setTimeout(() => this.#count(), GRACE_MS);
    }
  }

  #count() {
    const { state } = this.#client;
    const isShown = !byId("status").hidden;
    if (state === "connecting" || state === "resuming") {
      if (isShown || this.#wasReady) this.#show("Connecting…");
    } else if (state === "waiting") {
      const seconds = Math.ceil((this.#retryAtMs - Date.now()) / 1000);
      if (!isShown && seconds <= 0) return;
      this.#show("Offline. What you write is kept and sent later." +
        (seconds > 1 ? ` Trying again in ${seconds} s.` : ""), true);
    }
  }

  #show(text, canRetry = false) {
    byId("status").hidden = text === "";
    byId("reconnect").hidden = !canRetry;
    setText(byId("status-text"), text);
  }
}

/** Says who is typing. @param {import("./state.js").State} state */
export function renderTyping(state) {
  const ids = state.room?.whoTypes() ?? [];
  const names = ids.map((id) => state.names.get(id) ?? "somebody");
  const verb = names.length > 1 ? "are" : "is";
  setText(byId("typing"),
    names.length ? `${listNames(names)} ${verb} typing…` : "");
}

/**
 * Puts the unread count into the title, and that of the rooms that are not open
 * on the buttons that open their list.
 * @param {import("./state.js").State} state
 * @param {import("./sealed_rooms.js").SealedRooms} sealed
 */
export function renderUnread(state, sealed) {
  let { unread } = sealed;
  for (const room of state?.rooms.values() ?? [])
    if (room.member) unread += room.unread;
  renderBadges(unread -
    (sealed.open?.unread ?? (state?.room?.member ? state.room.unread : 0)));
  const title = sealed.open?.title ?? state?.room?.title;
  const where = title ? `${title} · parley` : "parley";
  document.title = unread > 0 ? `(${unread}) ${where}` : where;
}

function renderBadges(unread) {
  for (const id of ["open-rooms", "sealed-open-rooms"]) {
    byId(id).dataset.unread = unread > 0 ? shortCount(unread) : "";
    byId(id).setAttribute("aria-label",
      unread > 0 ? `Open room list, ${unread} unread` : "Open room list");
  }
}
