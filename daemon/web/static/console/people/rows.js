/** People as the API gives them, and how each stands at the door today. */
import { badge } from "../ui/parts.js";

/** @typedef {import("../app.js").App} App */

/**
 * @typedef {object} PersonRow
 * @property {string} personId
 * @property {string} created
 * @property {string} updated
 * @property {boolean} active
 * @property {string | null} [validFrom]
 * @property {string | null} [validUntil]
 * @property {string[]} groups
 * @property {number} templates
 * @property {boolean} card
 * @property {boolean} pin
 * @property {string | null} [schedule]
 */

/** @typedef {"active" | "suspended" | "not_yet" | "expired"} Standing */

/**
 * @param {PersonRow} person
 * @param {number} [now] Unix milliseconds
 * @returns {Standing}
 */
export function standing(person, now = Date.now()) {
  if (!person.active) return "suspended";
  if (person.validFrom && Date.parse(person.validFrom) > now) return "not_yet";
  if (person.validUntil && Date.parse(person.validUntil) <= now)
    return "expired";
  return "active";
}

/** @type {Readonly<Record<Standing, import("../ui/parts.js").Tone>>} */
const TONES = {
  active: "good",
  suspended: "bad",
  not_yet: "wait",
  expired: "wait",
};

/**
 * @param {App} app
 * @param {PersonRow} person
 */
export function standingBadge(app, person) {
  const word = standing(person);
  return badge(
    app.name("standing", word),
    TONES[word],
    word === "suspended" ? "ban" : undefined,
  );
}
