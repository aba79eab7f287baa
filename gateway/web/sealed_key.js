// SPDX-License-Identifier: MIT
// sealed_key.js - keys of sealed rooms, what is encrypted by them, and the part
// of a link that carries one.
//
// AES-256-GCM; what is sent is the base64 of a fresh 96-bit nonce, the
// ciphertext and the 128-bit tag, as every client of the dialect has it.

const { webcrypto } = globalThis.crypto
  ? { webcrypto: globalThis.crypto } : await import("node:crypto");

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const CALL_MAX = 8192; // arguments of one call

/** Browsers encrypt for pages that came by HTTPS or from their own machine. */
export const canEncrypt = Boolean(webcrypto.subtle);

/** @returns {Uint8Array} a new key */
export function makeKey() {
  return webcrypto.getRandomValues(new Uint8Array(KEY_BYTES));
}

/** @param {Uint8Array} bytes @returns {Promise<CryptoKey>} */
export function importKey(bytes) {
  return webcrypto.subtle.importKey("raw", bytes, "AES-GCM", false,
    ["encrypt", "decrypt"]);
}

/** @param {string} text base64 @returns {Uint8Array} */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

/** @param {Uint8Array} bytes @returns {string} */
export function toBase64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += CALL_MAX)
    text += String.fromCharCode(...bytes.subarray(at, at + CALL_MAX));
  return btoa(text);
}

/** @param {CryptoKey} key @param {string} text @returns {Promise<string>} */
export async function encrypt(key, text) {
  const iv = webcrypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = new Uint8Array(await webcrypto.subtle.encrypt(
    { name: "AES-GCM", iv }, key, new TextEncoder().encode(text)));
  const bytes = new Uint8Array(NONCE_BYTES + sealed.length);
  bytes.set(iv);
  bytes.set(sealed, NONCE_BYTES);
  return toBase64(bytes);
}

/**
 * @param {CryptoKey} key
 * @param {string} content
 * @returns {Promise<string>} rejected if it is not of this key, or was changed
 */
export async function decrypt(key, content) {
  const bytes = fromBase64(content);
  const text = await webcrypto.subtle.decrypt(
    { name: "AES-GCM", iv: bytes.subarray(0, NONCE_BYTES) }, key,
    bytes.subarray(NONCE_BYTES));
  return new TextDecoder("utf-8", { fatal: true }).decode(text);
}

// --- Links

const IS_INVITATION = /^#sealed=/u;
const INVITATION = /^#sealed=([\w-]{1,256})(?:\.([\w-]{43}))?$/u;

const toUrl = (bytes) => toBase64(bytes)
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const fromUrl = (text) =>
  fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));

/** Whether a link's fragment wants to lead into a sealed room. */
export function isInvitation(fragment) {
  return IS_INVITATION.test(fragment);
}

/**
 * @param {string} fragment
 * @returns {?{joinKey: string, key: ?Uint8Array}} null if it is not whole
 */
export function readInvitation(fragment) {
  const [, joinKey, key] = INVITATION.exec(fragment) ?? [];
  if (!joinKey) return null;
  return { joinKey, key: key ? fromUrl(key) : null };
}

/** What readInvitation() reads. */
export function writeInvitation({ joinKey, key }) {
  return `#sealed=${joinKey}${key ? `.${toUrl(key)}` : ""}`;
}
