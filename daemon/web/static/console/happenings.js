/** What the terminal tells live, and whether it is there: one stream for the whole page, whoever of its views listens. */
import { subscribe } from "../shared/events.js";

/** @typedef {import("../shared/events.js").ConnectionState} ConnectionState */
/** @typedef {import("../shared/api.js").CallError} CallError */

export class Happenings {
  /** @type {ConnectionState} */
  state = "connecting";
  /** @type {Set<(kind: string, data: any) => void>} */
  #listeners = new Set();
  /** @type {Set<(state: ConnectionState, error: CallError | null) => void>} */
  #watchers = new Set();
  /** @type {() => void} */
  #end = () => {};

  open() {
    this.#end();
    this.#end = subscribe({
      path: "/device/events/stream",
      onEvent: (kind, data) =>
        this.#listeners.forEach((one) => one(kind, data)),
      onState: (state, error) => this.#turn(state, error),
    });
  }

  close() {
    this.#end();
    this.#end = () => {};
  }

  /**
   * Be told each happening until the function that this gives is called.
   * @param {(kind: string, data: any) => void} listener
   */
  listen(listener) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Be told when the terminal goes and comes back.
   * @param {(state: ConnectionState, error: CallError | null) => void} watcher
   */
  watch(watcher) {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /**
   * @param {ConnectionState} state
   * @param {CallError | null} error
   */
  #turn(state, error) {
    this.state = state;
    this.#watchers.forEach((one) => one(state, error));
  }
}
