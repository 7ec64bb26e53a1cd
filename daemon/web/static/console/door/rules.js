/** The rules that hold at this door, in words. They are changed in the settings. */
import { h } from "../../shared/dom.js";
import { badge, card, facts } from "../ui/parts.js";
import { week, windowWords } from "./week.js";

/** @typedef {import("../app.js").App} App */

/**
 * As much of the configuration as is shown here.
 * @typedef {object} Configuration
 * @property {{ pulse_seconds: number, held_open_seconds: number, unlock_schedule: string | null, exit_in_lockdown: boolean }} door
 * @property {RulesSection} rules
 */

/**
 * @typedef {object} RulesSection
 * @property {string} timezone
 * @property {string[]} holidays
 * @property {Record<string, { windows: string[], holiday_windows: string[] }>} schedules
 * @property {Record<string, string>} group_schedules
 * @property {Record<string, string>} person_schedules
 * @property {string | null} default_schedule
 * @property {{ mode: "off" | "soft" | "hard" }} anti_passback
 * @property {{ tries: number, lockout_seconds: number }} attempts
 * @property {{ groups: string[], seconds: number }} two_person
 * @property {{ accept: string[], groups: string[], seconds: number }} second_factor
 */

/**
 * @param {App} app
 * @param {Configuration} configuration
 */
export function doorRules(app, { door, rules }) {
  return [
    card(app.say("rules.hours"), hours(app, rules), { class: "span-2" }),
    card(app.say("rules.door"), [
      facts([
        [
          app.say("rules.pulse"),
          app.say("seconds", { count: door.pulse_seconds }),
        ],
        [
          app.say("rules.held_open"),
          app.say("seconds", { count: door.held_open_seconds }),
        ],
        [
          app.say("rules.unlock_schedule"),
          door.unlock_schedule ?? app.say("never"),
        ],
        [
          app.say("rules.exit_in_lockdown"),
          app.say(door.exit_in_lockdown ? "yes" : "no"),
        ],
      ]),
    ]),
    card(app.say("rules.checks"), [facts(checks(app, rules))]),
  ];
}

/**
 * @param {App} app
 * @param {RulesSection} rules
 */
function hours(app, rules) {
  const names = Object.keys(rules.schedules);
  const usual =
    rules.default_schedule === null
      ? app.say("rules.anytime")
      : rules.default_schedule;
  const head = facts([
    [app.say("rules.default"), usual],
    [app.say("rules.timezone"), rules.timezone],
    [app.say("rules.holidays"), rules.holidays.join(", ") || app.say("none")],
  ]);
  if (names.length === 0)
    return [head, h("p", { class: "quiet" }, app.say("rules.no_schedules"))];
  return [
    head,
    h(
      "div",
      { class: "schedules" },
      ...names.map((name) => schedule(app, rules, name)),
    ),
  ];
}

/**
 * @param {App} app
 * @param {RulesSection} rules
 * @param {string} name
 */
function schedule(app, rules, name) {
  const windows = rules.schedules[name]?.windows ?? [];
  const groups = Object.entries(rules.group_schedules).filter(
    ([, one]) => one === name,
  );
  return h(
    "article",
    { class: "schedule" },
    h("h3", {}, name),
    h(
      "p",
      { class: "quiet" },
      windows.map((one) => windowWords(app, one)).join("; ") ||
        app.say("never"),
    ),
    week(app, windows),
    h(
      "p",
      { class: "badges" },
      ...groups.map(([group]) => badge(group, "plain", "users")),
    ),
  );
}

/**
 * @param {App} app
 * @param {RulesSection} rules
 * @returns {[string, string][]}
 */
function checks(app, rules) {
  const off = app.say("off");
  const factor = rules.second_factor.accept
    .map((one) => app.name("factor", one))
    .join(", ");
  const tries = {
    count: rules.attempts.tries,
    seconds: rules.attempts.lockout_seconds,
  };
  return [
    [
      app.say("rules.second_factor"),
      factor === "" ? off : of(app, factor, rules.second_factor.groups),
    ],
    [app.say("rules.two_person"), rules.two_person.groups.join(", ") || off],
    [app.say("rules.passback"), app.name("passback", rules.anti_passback.mode)],
    [
      app.say("rules.attempts"),
      tries.count === 0 ? off : app.say("rules.attempts.on", tries),
    ],
  ];
}

/**
 * @param {App} app
 * @param {string} what
 * @param {string[]} groups
 */
function of(app, what, groups) {
  return groups.length === 0
    ? app.say("rules.everybody", { what })
    : `${what}: ${groups.join(", ")}`;
}
