/** How long to wait before the next try: longer each time, never the same for all pages at once. */
export class Backoff {
  #tries = 0;

  /**
   * @param {number} first milliseconds
   * @param {number} most milliseconds
   * @param {() => number} random 0 to 1
   */
  constructor(first = 500, most = 10_000, random = Math.random) {
    this.first = first;
    this.most = most;
    this.random = random;
  }

  /** @returns {number} milliseconds, between half and all of what is due */
  next() {
    const due = Math.min(this.most, this.first * 2 ** this.#tries);
    this.#tries += 1;
    return due * (0.5 + this.random() / 2);
  }

  /** It worked: begin anew. */
  reset() {
    this.#tries = 0;
  }
}
