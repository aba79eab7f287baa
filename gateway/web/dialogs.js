// SPDX-License-Identifier: MIT
// dialogs.js - questions that are asked over the page, and short notices.

import { byId, el } from "./dom.js";
import { asSentence } from "./format.js";

/**
 * Asks, and does what was asked for. The dialog stays open, with the reason,
 * while `act` fails.
 * @param {object} question
 * @param {string} question.title
 * @param {string} [question.text]
 * @param {Array<{name: string, label: string, aside?: string,
 *   required?: boolean, maxlength?: number, value?: string, hint?: string,
 *   type?: "text"|"password"|"check"|"choice"|"select",
 *   choices?: Array<{value: string, label: string, hint: string}>}>}
 *   [question.fields] `choices` of a "choice"; `value` is what it begins with,
 *   `aside` what is said in brackets behind the label
 * @param {string} question.ok what the button says
 * @param {string} [question.cancel] what the other one says
 * @param {boolean} [question.isDangerous]
 * @param {function(): void} [question.onCancel]
 * @param {function(object): Promise<?function(): void>} act with the fields'
 *   values; what it returns is called when the dialog is gone
 */
export function ask(question, act) {
  const dialog = byId("dialog");
  byId("dialog-title").textContent = question.title;
  byId("dialog-text").textContent = question.text ?? "";
  byId("dialog-text").hidden = !question.text;
  byId("dialog-fields").replaceChildren(
    ...(question.fields ?? []).map(makeField));
  byId("dialog-ok").textContent = question.ok;
  byId("dialog-ok").classList.toggle("danger", Boolean(question.isDangerous));
  complain("");
  byId("dialog-cancel").textContent = question.cancel ?? "Cancel";
  byId("dialog-cancel").onclick = () => {
    dialog.close();
    question.onCancel?.();
  };
  dialog.oncancel = () => question.onCancel?.();
  dialog.onscroll = () => markMore(dialog);
  byId("dialog-form").onsubmit = (event) => {
    event.preventDefault();
    submit(dialog, question, act);
  };
  if (!dialog.open) dialog.showModal();
  markMore(dialog);
}

// Whether something of it is below, so that one can see that it scrolls.
function markMore(dialog) {
  const { scrollTop, scrollHeight, clientHeight } = dialog;
  dialog.classList.toggle("more", scrollHeight - scrollTop - clientHeight > 1);
}

function makeField(field) {
  const { name, label, aside, type = "text", hint, value, maxlength } = field;
  const id = `dialog-${name}`;
  const about = hint ? el("p", { id: `${id}-hint`, class: "hint" }, hint) : "";
  const described = hint ? `${id}-hint` : null;
  if (type === "choice") return makeChoice(field);
  if (type === "select")
    return el("div", {}, el("label", { for: id }, label), makeSelect(field, id));
  if (type === "check")
    return el("div", { class: "wide" }, el("label", { class: "check" },
      el("input", { id, name, type: "checkbox", checked: value,
        "aria-describedby": described }),
      el("span", {}, label)), about);
  return el("div", {},
    el("label", { for: id }, label, aside ? " " : null,
      aside ? el("span", { class: "hint" }, `(${aside})`) : null),
    el("input", { id, name, type, maxlength, value,
      "aria-describedby": described,
      autocomplete: type === "password" ? "new-password" : "off" }),
    about);
}

function makeSelect({ name, choices, value: chosen }, id) {
  return el("select", { id, name }, ...choices.map(({ value, label }) =>
    el("option", { value, selected: value === chosen }, label)));
}

function makeChoice({ name, label, choices, value: chosen }) {
  return el("fieldset", { class: "choice wide" }, el("legend", {}, label),
    ...choices.map(({ value, label: text, hint }) => {
      const id = `dialog-${name}-${value}`;
      return el("div", {},
        el("input", { id, name, type: "radio", value,
          checked: value === chosen, "aria-describedby": `${id}-hint` }),
        el("label", { for: id }, text),
        el("p", { id: `${id}-hint`, class: "hint" }, hint));
    }));
}

function valueOf({ name, type }) {
  if (type === "choice")
    return byId("dialog-form").elements.namedItem(name).value;
  const input = byId(`dialog-${name}`);
  if (type === "check") return input.checked;
  return type === "password" ? input.value : input.value.trim();
}

function complain(text) {
  byId("dialog-error").textContent = text;
  byId("dialog-error").hidden = text === "";
  if (text) byId("dialog-error").scrollIntoView({ block: "nearest" });
}

async function submit(dialog, question, act) {
  const values = {};
  for (const field of question.fields ?? []) {
    const { name, label, required } = field;
    values[name] = valueOf(field);
    if (!required || values[name]) continue;
    complain(`${label}: this is needed.`);
    byId(`dialog-${name}`).focus();
    return;
  }
  byId("dialog-ok").disabled = true;
  try {
    const then = await act(values);
    dialog.close(); // which gives the focus back
    then?.();
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
  return WORDS[error.code] ?? asSentence(error.message);
}

const MAINS = document.querySelectorAll("main"); // one of them is seen
let toastTimer = 0;
let toastObserver = null;

function placeToast() {
  const column = [...MAINS].find((main) => main.getClientRects().length > 0);
  const { left, width } = (column ?? document.body).getBoundingClientRect();
  byId("toast").style.left = `${left + width / 2}px`;
  byId("toast").style.maxWidth = `${width - 32}px`;
}

/**
 * Says something for a few seconds, over the conversation if one is seen.
 * @param {string} text
 * @returns {function(): void} ends it earlier
 */
export function toast(text) {
  const node = byId("toast");
  const end = () => node.classList.remove("shown");
  placeToast();
  toastObserver ??= new ResizeObserver(placeToast);
  for (const main of MAINS) toastObserver.observe(main);
  node.textContent = text;
  node.classList.add("shown");
  clearTimeout(toastTimer);
  const timer = toastTimer = setTimeout(end, 5000);
  return () => {
    if (timer === toastTimer) end();
  };
}

/** Shows why something failed, if it does. @param {Promise} promise */
export function report(promise) {
  promise.catch((error) => toast(explain(error)));
}
