// SPDX-License-Identifier: MIT
// hits.js - which words of a text a search has found.
//
// Reads a query as the server does: words and "phrases", without regard to case
// and accents; the last one, unless it is in quotes, may be a beginning.

import { el } from "./dom.js";

const PART = /"([^"]*)"?|[^\s"]+/gu;
const LETTER = "[\\p{L}\\p{N}]";
const WORDS = new RegExp(`${LETTER}+`, "gu");
const GAP = "[^\\p{L}\\p{N}]+";

function plain(text) {
  return text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
}

// Of what was typed only letters and digits become part of the pattern.
function patternOf(query) {
  const phrases = [];
  for (const [part, quoted] of query.matchAll(PART)) {
    const words = plain(quoted ?? part).match(WORDS);
    if (words) phrases.push({ words, isWhole: quoted !== undefined });
  }
  if (phrases.length === 0) return null;
  const texts = phrases.map(({ words, isWhole }, i) => words.join(GAP) +
    (isWhole || i < phrases.length - 1 ? `(?!${LETTER})` : `${LETTER}*`));
  return new RegExp(`(?<!${LETTER})(?:${texts.join("|")})`, "gu");
}

// The plain text, and where in the original each of its units was.
function fold(text) {
  const places = [];
  let folded = "";
  let at = 0;
  for (const char of text) {
    const piece = plain(char);
    for (let i = 0; i < piece.length; i++) places.push(at);
    folded += piece;
    at += char.length;
  }
  places.push(at);
  return { folded, places };
}

/**
 * Cuts a text into text nodes and marks.
 * @param {string} text
 * @param {string} query as it was typed
 * @returns {Array<string|HTMLElement>}
 */
export function markHits(text, query) {
  const pattern = patternOf(query);
  if (!pattern) return [text];
  const { folded, places } = fold(text);
  const parts = [];
  let end = 0;
  for (const match of folded.matchAll(pattern)) {
    const from = places[match.index];
    parts.push(text.slice(end, from));
    end = places[match.index + match[0].length];
    parts.push(el("mark", {}, text.slice(from, end)));
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== "");
}
