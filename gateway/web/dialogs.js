// SPDX-License-Identifier: MIT
// dialogs.js - questions that are asked over the page, and short notices.

import { byId, el } from "./dom.js";

/**
 * Asks, and does what was asked for. The dialog stays open, with the reason,
 * while `act` fails.
 * @param {object} question
 * @param {string} question.title
 * @param {string} [question.text]
 * @param {Array<{name: string, label: string, required?: boolean,
 *   maxlength?: number}>} [question.fields]
 * @param {string} question.ok what the button says
 * @param {boolean} [question.isDangerous]
 * @param {function(object): Promise<void>} act with the fields' values
 */
export function ask(question, act) {
  const dialog = byId("dialog");
  byId("dialog-title").textContent = question.title;
  byId("dialog-text").textContent = question.text ?? "";
  byId("dialog-text").hidden = !question.text;
  byId("dialog-fields").replaceChildren(
    ...(question.fields ?? []).flatMap(makeField));
  byId("dialog-ok").textContent = question.ok;
  byId("dialog-ok").classList.toggle("danger", Boolean(question.isDangerous));
  complain("");
  byId("dialog-cancel").onclick = () => dialog.close();
  byId("dialog-form").onsubmit = (event) => {
    event.preventDefault();
    submit(dialog, question, act);
  };
  dialog.showModal();
}

function makeField({ name, label, maxlength }) {
  const id = `dialog-${name}`;
  return [
    el("label", { for: id }, label),
    el("input", { id, name, maxlength, autocomplete: "off" }),
  ];
}

function complain(text) {
  byId("dialog-error").textContent = text;
  byId("dialog-error").hidden = text === "";
}

async function submit(dialog, question, act) {
  const values = {};
  for (const { name, label, required } of question.fields ?? []) {
    values[name] = byId(`dialog-${name}`).value.trim();
    if (!required || values[name]) continue;
    complain(`${label}: this is needed.`);
    byId(`dialog-${name}`).focus();
    return;
  }
  byId("dialog-ok").disabled = true;
  try {
    await act(values);
    dialog.close();
  } catch (error) {
    complain(explain(error));
  } finally {
    byId("dialog-ok").disabled = false;
  }
}

const WORDS = {
  CLOSED: "There is no connection to the server any more.",
  DISCONNECTED: "There is no connection to the server just now.",
  TIMEOUT: "The server did not answer. Try again.",
  SERVICE_UNAVAILABLE: "The server cannot do that just now. Try again.",
  RATE_LIMITED: "That was too much at once. Try again in a moment.",
  NOT_A_MEMBER: "You are not in this room.",
  ROOM_NOT_FOUND: "This room does not exist.",
};

/** What to tell people of an error. @param {Error} error */
export function explain(error) {
  return WORDS[error.code] ?? error.message;
}

let toastTimer = 0;

/** Says something for a few seconds. @param {string} text */
export function toast(text) {
  const node = byId("toast");
  node.textContent = text;
  node.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => node.classList.remove("shown"), 5000);
}

/** Shows why something failed, if it does. @param {Promise} promise */
export function report(promise) {
  promise.catch((error) => toast(explain(error)));
}
