// SPDX-License-Identifier: MIT
// message.js - how one message is drawn, and edited in its place.

import { ask, report } from "./dialogs.js";
import { el, icon, setText } from "./dom.js";
import {
  avatar, dayName, fullTimeOf, linkify, setAvatar, timeOf,
} from "./format.js";

const PENCIL = "M4 16l.8-3.6L13.6 3.6l2.8 2.8L7.6 15.2 4 16z";
const BIN = "M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6";

/** The line between two days, or before what is new. */
export function makeDivider(item) {
  if (item.kind === "new")
    return el("p", { class: "divider new", role: "separator",
      "aria-label": "New messages" }, el("span", {}, "New"));
  const name = dayName(item.at);
  return el("p", { class: "divider", role: "separator", "aria-label": name },
    el("span", {}, name));
}

/**
 * Makes the element of a message; updateMessage() fills it.
 * @param {object} item of the timeline
 * @param {object} verbs what can be done from a message
 */
export function makeMessage(item, verbs) {
  const userId = item.message.creator_id;
  const author = el("button", { type: "button", class: "author", tabindex: -1,
    onclick: () => verbs.openDirect(userId) });
  const node = el("article", { class: "message", tabindex: -1 },
    el("div", { class: "gutter" }, avatar(null),
      el("time", { class: "aside", "aria-hidden": "true" })),
    el("div", { class: "content" },
      el("div", { class: "head" }, author, el("time", { class: "when" })),
      el("div", { class: "text" }),
      el("div", { class: "note" })));
  node.drawn = "";
  return node;
}

/** Brings a message's element up to date. */
export function updateMessage(node, item, verbs) {
  const { message, isFirst, isMine, pending } = item;
  const name =
    verbs.nameOf(message.creator_id) ?? message.creator_name ?? "…";
  const drawn = JSON.stringify([
    message.id, message.content, message.isEdited, isFirst, name,
    pending?.state, pending?.error,
  ]);
  if (node.drawn === drawn || node.classList.contains("editing")) return;
  node.drawn = drawn;
  node.dataset.id = message.id ?? "";
  node.dataset.author = name;
  node.className = ["message", isFirst && "first", isMine && "mine",
    pending && `is-${pending.state}`].filter(Boolean).join(" ");
  drawHead(node, message, name);
  drawText(node, message, name, isFirst);
  drawNote(node, pending, verbs);
  node.querySelector(".actions")?.remove();
  if (isMine && !pending) node.append(makeActions(node, message, verbs));
}

function drawHead(node, message, name) {
  setAvatar(node.querySelector(".avatar"), name);
  const author = node.querySelector(".author");
  setText(author, name);
  author.title = `Message ${name}`;
  for (const time of node.querySelectorAll("time")) {
    time.dateTime = message.created_at;
    time.title = fullTimeOf(message.created_at);
    setText(time, timeOf(message.created_at));
  }
}

// Who hears the page is told the author of each message, not of each group.
function drawText(node, message, name, isFirst) {
  const text = node.querySelector(".text");
  text.replaceChildren(...linkify(message.content));
  if (!isFirst) text.prepend(el("span", { class: "unseen" }, `${name}: `));
  if (message.isEdited)
    text.append(el("span", { class: "edited" }, " (edited)"));
}

function drawNote(node, pending, verbs) {
  const note = node.querySelector(".note");
  note.replaceChildren();
  if (pending?.state === "pending") note.append("Waiting to be sent");
  if (pending?.state !== "failed") return;
  const id = pending.client_message_id;
  note.append(`Not sent: ${pending.error} `,
    el("button", { type: "button", class: "link",
      onclick: () => verbs.resend(id) }, "Try again"), " ",
    el("button", { type: "button", class: "link",
      onclick: () => verbs.discard(id) }, "Discard"));
}

function makeActions(node, message, verbs) {
  return el("div", { class: "actions" },
    el("button", { type: "button", class: "tool edit", title: "Edit",
      tabindex: -1, "aria-label": "Edit message",
      onclick: () => editMessage(node, message, verbs) }, icon(PENCIL)),
    el("button", { type: "button", class: "tool delete", title: "Delete",
      tabindex: -1, "aria-label": "Delete message",
      onclick: () => ask({
        title: "Delete this message?", text: excerpt(message.content),
        ok: "Delete", isDangerous: true,
      }, () => verbs.remove(message.id)) }, icon(BIN)));
}

function excerpt(content) {
  return content.length > 160 ? `${content.slice(0, 160)}…` : content;
}

/** Turns a message into a field to change it in. */
export function editMessage(node, message, verbs) {
  if (node.classList.contains("editing")) return;
  const field = el("textarea", { class: "edit-field", rows: "1",
    "aria-label": "Edit message, Enter saves, Escape cancels" });
  const end = () => {
    node.classList.remove("editing");
    field.remove();
    hint.remove();
    node.drawn = "";
    verbs.redraw();
    verbs.focusComposer();
  };
  const save = () => {
    const content = field.value.trim();
    if (!content || content === message.content) return end();
    report(verbs.edit(message.id, content).then(end));
  };
  const hint = el("div", { class: "edit-hint" },
    el("button", { type: "button", class: "link", onclick: save }, "Save"),
    " ",
    el("button", { type: "button", class: "link", onclick: end }, "Cancel"));
  field.value = message.content;
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      end();
    } else if (event.key === "Enter" && !event.shiftKey &&
        !event.isComposing) {
      event.preventDefault();
      save();
    }
  });
  field.addEventListener("input", () => fitHeight(field));
  node.classList.add("editing");
  node.querySelector(".content").append(field, hint);
  fitHeight(field);
  field.focus();
  node.scrollIntoView({ block: "nearest" });
}

/**
 * Makes a text field as high as its text. What is hidden cannot be measured,
 * and gets the height of one line.
 * @param {HTMLElement} field
 */
export function fitHeight(field) {
  field.style.height = "auto";
  if (field.scrollHeight > 0)
    field.style.height = `${field.scrollHeight + 2}px`;
}
