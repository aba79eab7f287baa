// SPDX-License-Identifier: MIT
// parley_uuid.js - ids that a client makes.

export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

// Node 18 has it, but not as a global.
const { webcrypto } = globalThis.crypto
  ? { webcrypto: globalThis.crypto } : await import("node:crypto");

/**
 * Makes a UUID of version 7: they sort by the time they were made. Works where
 * crypto.randomUUID does not (a page over plain HTTP from another machine).
 * @param {number} [nowMs] milliseconds since 1970
 * @returns {string} in lower case
 */
export function newUuid(nowMs = Date.now()) {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  const time = nowMs.toString(16).padStart(12, "0").slice(-12);
  const variant = (8 + (bytes[8] & 3)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-` +
    `${variant}${hex.slice(3, 6)}-${hex.slice(8, 20)}`;
}
