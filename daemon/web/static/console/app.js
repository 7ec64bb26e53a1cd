/** What every view is given: words, formats, calls, live happenings, who looks, and ways to speak to them. */

/** @typedef {"viewer" | "operator" | "administrator"} Role */

/**
 * @typedef {object} Session
 * @property {string | null} user
 * @property {Role | null} role
 * @property {string | null} csrfToken
 * @property {string | null} expiresAt
 * @property {boolean} setupNeeded
 * @property {string} [device]
 * @property {string} [timezone]
 */

/**
 * @typedef {object} App
 * @property {import("./words.js").Language["say"]} say
 * @property {import("./words.js").Language["name"]} name
 * @property {string} language
 * @property {import("./formats.js").Formats} formats
 * @property {import("./calls.js").Calls} calls
 * @property {import("./happenings.js").Happenings} happenings
 * @property {Session} session
 * @property {(role: Role) => boolean} may whether who looks has this role or a higher one
 * @property {(text: string, tone?: "good" | "bad") => void} tell a short message that goes by itself
 */

/**
 * What stands in the middle of the page; `close` ends what it listens to.
 * @typedef {object} View
 * @property {Element} element
 * @property {() => void} [close]
 */

const ROLES = /** @type {const} */ (["viewer", "operator", "administrator"]);

/**
 * @param {Role | null} has
 * @param {Role} needs
 */
export function roleMay(has, needs) {
  return has !== null && ROLES.indexOf(has) >= ROLES.indexOf(needs);
}
