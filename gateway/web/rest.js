// SPDX-License-Identifier: MIT
// rest.js - the gateway's REST answers, as promises.
//
// Who we are is told by the HttpOnly cookie that a log-in sets: no script ever
// holds a token.

import { asSentence } from "./format.js";

/** A refusal of the gateway, or status 0 if it could not be reached. */
export class RestError extends Error {
  /**
   * @param {number} status of HTTP
   * @param {string} message for people
   */
  constructor(status, message) {
    super(message);
    this.name = "RestError";
    this.status = status;
  }
}

async function call(method, path, body) {
  const init = { method, headers: {}, credentials: "same-origin" };
  if (body !== undefined) {
    init.headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new RestError(0, "The server cannot be reached.");
  }
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer;
  throw new RestError(response.status, explain(response, answer));
}

// RFC 9457: detail is about this case, title about all of its kind.
function explain(response, problem) {
  const seconds = Number(response.headers.get("Retry-After"));
  if (response.status === 429 && seconds > 0)
    return `Too many attempts. Try again in ${Math.ceil(seconds / 60)} min.`;
  return asSentence(problem?.detail || problem?.title ||
    `the server answered ${response.status}`);
}

/**
 * Who is logged in.
 * @returns {Promise<?{user_id: string, id: number, username: string}>} null
 *   if nobody is
 */
export async function whoAmI() {
  try {
    const answer = await call("GET", "/auth/me");
    return answer.user ?? answer;
  } catch (error) {
    if (error.status === 401) return null;
    throw error;
  }
}

/**
 * Logs in by e-mail address or username.
 * @param {string} name
 * @param {string} password
 * @returns {Promise<{user_id: string, id: number, username: string}>}
 */
export async function logIn(name, password) {
  const login = (who) => call("POST", "/auth/login", { ...who, password });
  if (!name.includes("@")) return (await login({ username: name })).user;
  try {
    return (await login({ email: name })).user;
  } catch (error) {
    if (error.status !== 401) throw error;
    return (await login({ username: name })).user; // "@" may be in a name
  }
}

/**
 * Makes an account. It is not logged in by that.
 * @param {{username: string, email?: string, password: string}} account
 */
export function register(account) {
  return call("POST", "/auth/register", account);
}

/** Ends the session; the server also closes its connections. */
export function logOut() {
  return call("POST", "/auth/logout");
}

const roomPath = (id) => `/api/rooms/${encodeURIComponent(id)}`;

/** What a room is, and what we are in it. @param {string} id */
export function findRoom(id) {
  return call("GET", roomPath(id));
}

/** @param {string} id @param {object} changes of what findRoom() tells */
export function changeRoom(id, changes) {
  return call("PATCH", roomPath(id), changes);
}

/** The members of a room, the first thousand. @param {string} id */
export function listMembers(id) {
  return call("GET", `${roomPath(id)}/members?limit=1000`);
}

/** @param {string} id of a room @param {"bans"|"mutes"} what */
export function listSanctions(id, what) {
  return call("GET", `${roomPath(id)}/${what}`);
}

/** The invites of a room that hold, without their codes. @param {string} id */
export function listInvites(id) {
  return call("GET", `${roomPath(id)}/invites`);
}

/**
 * @param {string} id of the room
 * @param {?number} seconds that it holds; null: until it is revoked
 * @returns {Promise<{id: string, code: string, until: ?string}>}
 */
export function makeInvite(id, seconds) {
  return call("POST", `${roomPath(id)}/invites`, { seconds });
}

/** @param {string} id of the room @param {string} inviteId */
export function revokeInvite(id, inviteId) {
  return call("DELETE", `${roomPath(id)}/invites/${inviteId}`);
}

/** @param {string} code @returns {Promise<{room_id: string}>} we are in it */
export function acceptInvite(code) {
  return call("POST", "/api/invites/accept", { code });
}

/**
 * Does something to a user in a room.
 * @param {"PUT"|"PATCH"|"DELETE"} method
 * @param {string} id of the room
 * @param {"members"|"bans"|"mutes"} what
 * @param {string} userId or a name
 * @param {object} [body]
 */
export function moderate(method, id, what, userId, body) {
  return call(method,
    `${roomPath(id)}/${what}/${encodeURIComponent(userId)}`, body);
}

/**
 * Looks up the names of users.
 * @param {string[]} ids UUIDs, at most 100
 * @returns {Promise<Array<{user_id: string, id: number, username: string}>>}
 */
export async function findUsers(ids) {
  const query = ids.map(encodeURIComponent).join(",");
  return (await call("GET", `/api/users?ids=${query}`)).users;
}
