// SPDX-License-Identifier: MIT
// composer.js - the field that one writes in, and telling that one does.

import { explain } from "./dialogs.js";
import { byId, icon } from "./dom.js";
import { fitHeight } from "./message.js";

const ARROW = "M10 16V4M5 9l5-5 5 5";

/** The bottom of the page. */
export class ComposerView {
  #state;
  #timeline;
  #input = byId("message-input");
  #shown = null;
  #isWanted = false;
  #typingRoom = null;

  /**
   * @param {import("./state.js").State} state
   * @param {import("./timeline.js").TimelineView} timeline
   */
  constructor(state, timeline) {
    this.#state = state;
    this.#timeline = timeline;
    this.#input.value = "";
    byId("send").replaceChildren(icon(ARROW));
    byId("composer").onsubmit = (event) => {
      event.preventDefault();
      this.#send();
    };
    this.#input.oninput = () => this.#onInput();
    this.#input.onkeydown = (event) => this.#onKey(event);
  }

  /** Shows the open room's draft, once when the room changes. */
  render() {
    const room = this.#state.room;
    const isAway = !room?.member || room.isArchived;
    const hasCome = byId("composer").hidden && !isAway;
    byId("composer").hidden = isAway;
    byId("archived-note").hidden = !room?.member || !room.isArchived;
    if (hasCome) this.#fit(); // what is hidden has no height
    if (hasCome && this.#isWanted) this.focus();
    const label = room ? `Message ${room.title}` : "Message";
    this.#input.placeholder = label;
    this.#input.setAttribute("aria-label", label);
    if (this.#shown === room?.id) return;
    this.#stopTyping();
    this.#shown = room?.id;
    this.#input.value = room?.draft ?? "";
    this.#complain("");
    this.#fit();
  }

  /**
   * Puts the cursor there, unless that would bring up a phone's keyboard; if it
   * is hidden, as soon as it is not.
   */
  focus() {
    this.#isWanted = byId("composer").hidden;
    if (matchMedia("(hover: hover)").matches) this.#input.focus();
  }

  #onKey(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#send();
    } else if (event.key === "ArrowUp" && this.#input.value === "") {
      if (this.#timeline.editLast()) event.preventDefault();
    }
  }

  #send() {
    const content = this.#input.value.trim();
    if (!content || byId("composer").hidden) return;
    this.#timeline.followEnd();
    this.#complain("");
    this.#input.value = this.#state.room.draft = "";
    // The message itself ends the typing for the others.
    this.#typingRoom = null;
    this.#state.say(content).catch((error) => this.#giveBack(content, error));
    this.#fit();
  }

  // What could not even be kept stays in the field.
  #giveBack(content, error) {
    this.#complain(explain(error));
    if (this.#input.value === "") this.#input.value = content;
    this.#onInput();
  }

  #onInput() {
    const room = this.#state.room;
    if (!room) return;
    room.draft = this.#input.value;
    this.#fit();
    if (this.#input.value.trim() === "") return this.#stopTyping();
    this.#typingRoom = room.id;
    this.#state.tellTyping(room.id, true);
  }

  #stopTyping() {
    if (this.#typingRoom) this.#state.tellTyping(this.#typingRoom, false);
    this.#typingRoom = null;
  }

  #complain(text) {
    byId("composer-error").textContent = text;
    byId("composer-error").hidden = text === "";
  }

  #fit() {
    fitHeight(this.#input);
    byId("send").disabled = this.#input.value.trim() === "";
  }
}
