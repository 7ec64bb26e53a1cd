/** Which events are wanted: time, kind, reason and person. */
import { h } from "../../shared/dom.js";
import { calendarDay } from "../formats.js";
import { button } from "../ui/button.js";
import { field, input, select } from "../ui/form.js";

/** @typedef {import("../app.js").App} App */

/**
 * As the API takes them.
 * @typedef {object} Wanted
 * @property {string} from
 * @property {string} to
 * @property {string} kind
 * @property {string} reason
 * @property {string} person
 */

const REASONS = [
  "unknown",
  "ambiguous",
  "spoof",
  "liveness",
  "too_small",
  "not_frontal",
  "blurred",
  "too_dark",
  "too_bright",
  "eyes_closed",
  "eyes_covered",
  "mouth_covered",
  "lockout",
  "stale",
  "challenge",
  "lockdown",
  "not_yet_valid",
  "expired",
  "schedule",
  "passback",
  "attempts",
  "second_person",
  "second_factor",
  "factor_timeout",
  "wrong_factor",
  "not_provisioned",
];

/**
 * @param {App} app
 * @param {string} personId who is wanted at first
 * @param {(wanted: Wanted) => void} change
 */
export function eventFilters(app, personId, change) {
  const kinds = /** @type {const} */ (["granted", "denied", "alarm", "event"]);
  const from = field(
    app.say("events.from"),
    input({ type: "date", max: calendarDay() }),
  );
  const to = field(
    app.say("events.to"),
    input({ type: "date", max: calendarDay() }),
  );
  const kind = field(
    app.say("events.kind"),
    select(
      [
        ["", app.say("all")],
        ...kinds.map(
          (one) =>
            /** @type {[string, string]} */ ([one, app.name("kind", one)]),
        ),
      ],
      "",
    ),
  );
  const reasons = REASONS.map(
    (one) => /** @type {[string, string]} */ ([one, app.name("reason", one)]),
  );
  const reason = field(
    app.say("events.reason"),
    select([["", app.say("all")], ...reasons], ""),
  );
  const person = field(
    app.say("person"),
    input({
      type: "search",
      value: personId,
      placeholder: app.say("events.person.hint"),
    }),
  );
  const fields = [from, to, kind, reason, person];
  const element = h(
    "form",
    {
      class: "filters",
      role: "search",
      "aria-label": app.say("events.filter"),
    },
    ...fields.map((one) => one.element),
    button(app.say("events.clear"), clear, { tone: "quiet", icon: "x" }),
  );

  function tell() {
    change({
      from: midnight(from.control.value, 0),
      to: midnight(to.control.value, 1),
      kind: kind.control.value,
      reason: reason.control.value,
      person: person.control.value.trim(),
    });
  }

  function clear() {
    for (const one of fields) one.control.value = "";
    tell();
  }

  element.addEventListener("change", tell);
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    tell();
  });
  return element;
}

/**
 * When a calendar day begins in the reader's zone, or one so many days after it; empty for no day.
 * @param {string} date
 * @param {number} days
 */
function midnight(date, days) {
  if (date === "") return "";
  const day = new Date(`${date}T00:00:00`);
  day.setDate(day.getDate() + days);
  return day.toISOString();
}
