// SPDX-License-Identifier: MIT
// sealed_kept.js - what the browser keeps of sealed rooms: for as long as the
// tab is open, so that it can be reloaded; and, on request, for whoever is
// logged in.
//
// A link is kept with the key that is in it; passwords never are.

const ROOMS = "parley.sealed"; // of the tab; with a user's id, of the device
const INVITATION = "parley.sealed.invitation"; // one that is not answered yet

// Forbidden or missing storage only means that nothing outlives the page.
function open(kind) {
  try {
    return window[kind];
  } catch {
    return null;
  }
}

function load(storage, key) {
  try {
    return JSON.parse(storage.getItem(key)) ?? [];
  } catch {
    return [];
  }
}

function save(storage, key, values) {
  try {
    if (values.length === 0) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(values));
    return true;
  } catch {
    return false;
  }
}

const toKeep = ({ id, title, name, link, hasPassword, isRemembered }) =>
  ({ id, title, name, link, hasPassword, isRemembered });

/** Whether a `storage` event is about what is kept here. */
export function isOfSealed(event) {
  return event.key === null || event.key.startsWith(`${ROOMS}.`);
}

const keyOf = (user) => `${ROOMS}.${user.user_id}`;

/** The storages of the tab and of the device. Entries: see SealedRooms. */
export class SealedKept {
  #tab = open("sessionStorage");
  #device = open("localStorage");

  /** @returns {object[]} entries */
  ofTab() {
    return load(this.#tab, ROOMS);
  }

  /** @param {object[]} entries all that are of the tab */
  keepInTab(entries) {
    save(this.#tab, ROOMS, entries.map(toKeep));
  }

  /** @param {?object} user null: nobody is logged in @returns {object[]} */
  ofDevice(user) {
    return user ? load(this.#device, keyOf(user)) : [];
  }

  /**
   * Keeps an entry, or no longer, as its `isRemembered` says. Other tabs keep
   * theirs there too: those stay.
   * @returns {boolean} whether the browser lets us
   */
  keepOnDevice(user, entry) {
    if (!user) return true;
    const others = this.ofDevice(user).filter(({ id }) => id !== entry.id);
    return save(this.#device, keyOf(user),
      entry.isRemembered ? [...others, toKeep(entry)] : others);
  }

  /** The fragment of a link that somebody has yet to answer; or null. */
  get invitation() {
    return load(this.#tab, INVITATION)[0] ?? null;
  }

  set invitation(fragment) {
    save(this.#tab, INVITATION, fragment ? [fragment] : []);
  }
}
