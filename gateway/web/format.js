// SPDX-License-Identifier: MIT
// format.js - how times, names and texts are shown.

import { el } from "./dom.js";

const time = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const full = new Intl.DateTimeFormat(undefined, {
  dateStyle: "full", timeStyle: "short",
});
const day = new Intl.DateTimeFormat(undefined, {
  weekday: "long", day: "numeric", month: "long",
});
const dayAndYear = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });

/** The time of day. @param {string} iso RFC 3339 */
export function timeOf(iso) {
  return time.format(new Date(iso));
}

/** Day and time in full. @param {string} iso RFC 3339 */
export function fullTimeOf(iso) {
  return full.format(new Date(iso));
}

/** Equal for two times of one day here. @param {string} iso RFC 3339 */
export function dayKey(iso) {
  const date = new Date(iso);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/** What a day is called, seen from now. @param {string} iso RFC 3339 */
export function dayName(iso) {
  const date = new Date(iso);
  const today = new Date();
  const yesterday = new Date();
  yesterday.setDate(today.getDate() - 1);
  if (dayKey(iso) === dayKey(today)) return "Today";
  if (dayKey(iso) === dayKey(yesterday)) return "Yesterday";
  const isRecent = date.getFullYear() === today.getFullYear();
  return (isRecent ? day : dayAndYear).format(date);
}

/**
 * The round sign of a user: two letters on a colour that is that of the name,
 * which is all that is known of people in sealed rooms.
 * @param {?string} name
 */
export function avatar(name) {
  const sign = el("span", { class: "avatar", "aria-hidden": "true" });
  setAvatar(sign, name);
  return sign;
}

/** Changes an avatar once the name is known. */
export function setAvatar(sign, name) {
  let hash = 0;
  for (const char of name ?? "")
    hash = (hash * 31 + char.codePointAt(0)) >>> 0;
  // Else names that are nearly alike would look alike.
  hash = Math.imul(hash, 0x9e3779b1) >>> 0;
  sign.style.setProperty("--hue", name ? String(hash % 360) : "");
  const words = (name ?? "").split(/[\s._-]+/u).filter(Boolean);
  const letters = words.length > 1
    ? [...words[0]][0] + [...words[1]][0]
    : [...(words[0] ?? "·")].slice(0, 2).join("");
  sign.textContent = letters.toUpperCase();
}

const LINK = /\bhttps?:\/\/[^\s<>"]+/giu;

/**
 * Cuts a text into text nodes and links, for the web's addresses alone.
 * @param {string} text
 * @returns {Array<string|HTMLElement>}
 */
export function linkify(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const address = trimAddress(match[0]);
    if (!URL.canParse?.(address)) continue;
    parts.push(text.slice(end, match.index));
    parts.push(el("a", {
      href: address, target: "_blank", rel: "noopener noreferrer",
    }, address));
    end = match.index + address.length;
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== "");
}

// A sentence's own punctuation behind an address does not belong to it; a
// closing bracket does if it was opened inside.
function trimAddress(address) {
  for (;;) {
    const last = address.at(-1);
    const isOpened = last === ")" &&
      address.split("(").length >= address.split(")").length;
    if (isOpened || !/[.,;:!?'")\]}*]/u.test(last)) return address;
    address = address.slice(0, -1);
  }
}

/** "ada", "ada and bob", "ada, bob and 3 others". @param {string[]} names */
export function listNames(names) {
  if (names.length <= 1) return names.join("");
  if (names.length === 2) return `${names[0]} and ${names[1]}`;
  const others = names.length - 2;
  return `${names[0]}, ${names[1]} and ${others} other${others > 1 ? "s" : ""}`;
}

/** What the server says in half a line, for people. @param {string} text */
export function asSentence(text) {
  const end = /[.!?]$/u.test(text) ? "" : ".";
  return text.charAt(0).toUpperCase() + text.slice(1) + end;
}

/** A count that stays narrow. @param {number} count */
export function shortCount(count) {
  return count > 99 ? "99+" : String(count);
}
