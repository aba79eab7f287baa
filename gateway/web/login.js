// SPDX-License-Identifier: MIT
// login.js - the form to log in, or to make an account first.

import { byId } from "./dom.js";
import { logIn, register } from "./rest.js";

const LEAST_PASSWORD = 8;

/** The log-in page. Calls `onUser` with whoever logged in. */
export class LoginView {
  #isNew = false;
  #isBusy = false;
  #onUser;

  /** @param {function(object): void} onUser */
  constructor(onUser) {
    this.#onUser = onUser;
    byId("login-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId("login-switch").addEventListener("click", () => {
      this.#isNew = !this.#isNew;
      this.#draw();
      byId("login-name").focus();
    });
    byId("login-show").addEventListener("click", () => this.#togglePassword());
    this.#draw();
  }

  /** Shows the page. @param {string} [why] said above the form */
  show(why = "") {
    byId("login").hidden = false;
    byId("login-password").value = "";
    this.#complain(why);
    byId("login-name").focus();
  }

  /** Hides the page, and forgets the password. */
  hide() {
    byId("login").hidden = true;
    byId("login-password").value = "";
  }

  #draw() {
    const isNew = this.#isNew;
    byId("login-lead").textContent =
      isNew ? "Make an account." : "Log in to talk.";
    byId("login-name-label").textContent =
      isNew ? "Username" : "Username or e-mail";
    byId("login-email-row").hidden = !isNew;
    byId("login-password-hint").hidden = !isNew;
    byId("login-password").autocomplete =
      isNew ? "new-password" : "current-password";
    byId("login-submit").textContent = isNew ? "Create account" : "Log in";
    byId("login-question").textContent =
      isNew ? "Already have an account?" : "New here?";
    byId("login-switch").textContent = isNew ? "Log in" : "Create an account";
    this.#complain("");
  }

  #togglePassword() {
    const input = byId("login-password");
    const isShown = input.type === "text";
    input.type = isShown ? "password" : "text";
    byId("login-show").textContent = isShown ? "Show" : "Hide";
    byId("login-show").setAttribute("aria-pressed", String(!isShown));
  }

  #complain(text) {
    byId("login-error").textContent = text;
    byId("login-error").hidden = text === "";
  }

  #findFault(name, password) {
    if (!name) return ["login-name", "Enter a username."];
    if (!password) return ["login-password", "Enter a password."];
    if (this.#isNew && [...password].length < LEAST_PASSWORD)
      return ["login-password", "The password needs at least 8 characters."];
    return null;
  }

  async #submit() {
    const name = byId("login-name").value.trim();
    const email = byId("login-email").value.trim();
    const password = byId("login-password").value;
    const fault = this.#findFault(name, password);
    if (fault) {
      this.#complain(fault[1]);
      byId(fault[0]).focus();
      return;
    }
    if (this.#isBusy) return;
    this.#setBusy(true);
    try {
      if (this.#isNew)
        await register({ username: name, password, ...(email && { email }) });
      this.#onUser(await logIn(name, password));
      this.#isNew = false;
      this.#draw();
    } catch (error) {
      this.#complain(error.message);
      byId("login-password").focus();
    } finally {
      this.#setBusy(false);
    }
  }

  #setBusy(isBusy) {
    this.#isBusy = isBusy;
    byId("login-submit").setAttribute("aria-busy", String(isBusy));
  }
}
