// SPDX-License-Identifier: MIT
// parley_error.js - what can go wrong in the client library.

/** Who asked may ask again. */
export const FOR_NOW =
  new Set(["SERVICE_UNAVAILABLE", "RATE_LIMITED", "TIMEOUT"]);

/** What went wrong; `code` is for programs, `message` for people. */
export class ParleyError extends Error {
  /**
   * @param {string} code the server's, or one of CLOSED, DISCONNECTED, TIMEOUT,
   *   TOO_LONG, FULL, INVALID_FIELD, DISCARDED, STORAGE, TOKEN,
   *   UPGRADE_REFUSED, HTTP
   * @param {string} message
   * @param {object} [details] `item`, `status`, `cause`
   */
  constructor(code, message, details = {}) {
    super(message);
    this.name = "ParleyError";
    this.code = code;
    Object.assign(this, details);
  }
}

export function lostError() {
  return new ParleyError("DISCONNECTED",
    "the connection was lost before the answer came");
}

export function closedError() {
  return new ParleyError("CLOSED", "the client is closed");
}

export function discardedError() {
  return new ParleyError("DISCARDED", "the message was withdrawn");
}
