/** Which views there are, where they stand, and who may see them. */
import { audit } from "./views/audit.js";
import { backups } from "./views/backups.js";
import { day } from "./views/day.js";
import { door } from "./views/door.js";
import { events } from "./views/events.js";
import { keys } from "./views/keys.js";
import { logs } from "./views/logs.js";
import { now } from "./views/now.js";
import { people } from "./views/people.js";
import { person } from "./views/person.js";
import { settings } from "./views/settings.js";
import { users } from "./views/users.js";

/** @typedef {import("./app.js").App} App */

/**
 * @typedef {object} Route
 * @property {string} path after the #/
 * @property {import("./words.js").Key} title
 * @property {string} icon
 * @property {import("./app.js").Role} role
 * @property {(app: App, rest: string) => import("./app.js").View} open `rest`: what follows the path
 */

/** @type {readonly Route[]} */
export const DAILY = [
  { path: "now", title: "now", icon: "activity", role: "viewer", open: now },
  {
    path: "events",
    title: "events",
    icon: "list",
    role: "viewer",
    open: events,
  },
  {
    path: "people",
    title: "people",
    icon: "users",
    role: "viewer",
    open: peopleOrPerson,
  },
  {
    path: "door",
    title: "door",
    icon: "door-closed",
    role: "viewer",
    open: door,
  },
  {
    path: "day",
    title: "day",
    icon: "chart-column",
    role: "viewer",
    open: day,
  },
];

/** @type {readonly Route[]} */
export const CARE = [
  {
    path: "settings",
    title: "settings",
    icon: "settings",
    role: "administrator",
    open: settings,
  },
  {
    path: "users",
    title: "users",
    icon: "shield-check",
    role: "administrator",
    open: users,
  },
  {
    path: "keys",
    title: "keys",
    icon: "key-round",
    role: "administrator",
    open: keys,
  },
  {
    path: "backups",
    title: "backups",
    icon: "archive",
    role: "administrator",
    open: backups,
  },
  {
    path: "audit",
    title: "audit",
    icon: "scroll-text",
    role: "administrator",
    open: audit,
  },
  {
    path: "logs",
    title: "logs",
    icon: "terminal",
    role: "administrator",
    open: logs,
  },
];

/**
 * The route of an address; the first one where there is none or who looks may not see it.
 * @param {App} app
 * @param {string} hash
 * @returns {{ route: Route, rest: string }}
 */
export function routeOf(app, hash) {
  const [path = "", ...rest] = hash.replace(/^#\//, "").split("/");
  const found = [...DAILY, ...CARE].find(
    (one) => one.path === path && app.may(one.role),
  );
  const first = /** @type {Route} */ (DAILY[0]);
  return found
    ? { route: found, rest: decoded(rest.join("/")) }
    : { route: first, rest: "" };
}

/**
 * @param {App} app
 * @param {string} rest
 */
function peopleOrPerson(app, rest) {
  return rest === "" ? people(app) : person(app, rest);
}

/**
 * What an address names; as it stands where it is no encoding, since anybody may type one.
 * @param {string} text
 */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
