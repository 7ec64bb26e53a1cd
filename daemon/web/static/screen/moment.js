/** How long what happened may still be shown, whatever held it up on its way. Pure: the caller has the clock. */

/** A person's data is gone after this; so is everything that is said of one attempt. */
const SHOWN_MS = 4_000;
/** What somebody has to do next stays a little longer; it names nobody. */
const ASKED_MS = 8_000;
const ASKED = new Set(["second_factor", "second_person"]);

export class Moment {
  /** Of all messages, the least difference between this machine's clock and the terminal's, whose it includes. */
  #offset = Infinity;

  /**
   * Take the time (ms) at which a message was sent, by the terminal's clock, and at which it has come, by ours.
   * @param {number} sent
   * @param {number} now
   */
  heard(sent, now) {
    this.#offset = Math.min(this.#offset, now - sent);
  }

  /**
   * @param {{ outcome: string, at: number }} happened `at` in milliseconds of the terminal's clock
   * @param {number} now
   * @returns {number} milliseconds that are left, at most all
   */
  left({ outcome, at }, now) {
    const whole = ASKED.has(outcome) ? ASKED_MS : SHOWN_MS;
    return Math.min(whole, whole - (now - at - this.#offset));
  }
}
