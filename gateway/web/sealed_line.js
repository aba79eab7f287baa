// SPDX-License-Identifier: MIT
// sealed_line.js - one connection of the sealed dialect: what comes is handed
// on in its order, and what is asked is answered, one question at a time.

const OPEN_MS = 10000;
const ANSWER_MS = 15000; // more than any answer takes that will still come

const LOST = "There is no connection to the server just now.";

// What the server said to a question.
function refusal(message) {
  return Object.assign(new Error(message), { isAnswer: true });
}

/** What an error is that is not the server's word. */
export function loss() {
  return Object.assign(new Error(LOST), { isLost: true });
}

/** A connection. Errors have `isAnswer` if the server worded them. */
export class Line {
  #socket;
  #hear;
  #end;
  #asked = null; // the question that is not answered yet
  #turn = Promise.resolve(); // when the next one may be asked
  #isOver = false;

  /**
   * @param {WebSocket} socket not yet open
   * @param {object} on
   * @param {function(string, object): void} on.hear every frame, answers too
   * @param {function(): void} on.end it is over, by whatever cause but close()
   */
  constructor(socket, { hear, end }) {
    this.#socket = socket;
    this.#hear = hear;
    this.#end = end;
    socket.onmessage = ({ data }) => this.#onText(data);
    socket.onclose = () => this.#onClose();
    socket.onerror = () => {}; // a close follows
    /** Settles when it is open, or will never be. */
    this.opened = this.#limit(OPEN_MS, (resolve, reject) => {
      socket.onopen = resolve;
      this.#asked = { reject };
    });
  }

  // A server that is silent for so long is not there.
  async #limit(ms, begin) {
    let timer;
    try {
      return await new Promise((resolve, reject) => {
        timer = setTimeout(() => this.drop(), ms);
        begin(resolve, reject);
      });
    } finally {
      clearTimeout(timer);
      this.#asked = null;
    }
  }

  /** Whether nothing comes any more. */
  get isOver() {
    return this.#isOver;
  }

  #onClose() {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#end();
    this.#asked?.reject(loss());
  }

  #onText(text) {
    if (this.#isOver) return;
    const [[kind, fields]] = Object.entries(JSON.parse(text));
    this.#hear(kind, fields);
    if (kind === "Error") this.#asked?.reject(refusal(fields.message));
    else if (this.#asked?.isAnswer?.(kind, fields))
      this.#asked.resolve(fields);
  }

  /**
   * Sends a request and waits for what answers it.
   * @param {object|string} request
   * @param {string} kind of the answer
   * @param {function(object): boolean} [fits] whether it is that one
   * @returns {Promise<object>} its fields
   */
  ask(request, kind, fits = () => true) {
    const answer = this.#turn.then(() => {
      if (this.#isOver) throw loss();
      return this.#limit(ANSWER_MS, (resolve, reject) => {
        this.#asked = {
          resolve, reject,
          isAnswer: (is, fields) => is === kind && fits(fields),
        };
        this.#socket.send(JSON.stringify(request));
      });
    });
    this.#turn = answer.catch(() => {});
    return answer;
  }

  /** Gives it up, as if it had been lost. */
  drop() {
    this.#onClose();
    this.#socket.close();
  }

  /** Ends it without another word. */
  close() {
    this.#isOver = true;
    this.#asked?.reject(loss());
    this.#socket.close();
  }
}
