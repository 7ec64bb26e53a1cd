/** Server-sent events out of text as it comes (WHATWG HTML, 9.2.6). Pure: no network, no clock. */

/** @typedef {{ event: string, data: string }} ServerEvent */

export class EventParser {
  #rest = "";
  #event = "";
  /** @type {string[]} */
  #data = [];

  /**
   * Take the next piece of text, which may end anywhere; gives the events that are complete with it.
   * @param {string} text
   * @returns {ServerEvent[]}
   */
  push(text) {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.#take(line));
  }

  /**
   * @param {string} line
   * @returns {ServerEvent[]}
   */
  #take(line) {
    if (line === "") return this.#complete();
    const [, name, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === "event") this.#event = value ?? "";
    if (name === "data") this.#data.push(value ?? "");
    return [];
  }

  /** @returns {ServerEvent[]} */
  #complete() {
    const found =
      this.#data.length > 0
        ? [{ event: this.#event || "message", data: this.#data.join("\n") }]
        : [];
    this.#event = "";
    this.#data = [];
    return found;
  }
}
