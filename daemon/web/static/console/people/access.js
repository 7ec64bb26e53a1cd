/** When a person may come: first and last day, groups, and the schedule that follows from them. */
import { h } from "../../shared/dom.js";
import { personPath } from "../calls.js";
import { explain } from "../ui/failure.js";
import { field, form, input } from "../ui/form.js";
import { card, facts } from "../ui/parts.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("./rows.js").PersonRow} PersonRow */

/**
 * @param {App} app
 * @param {PersonRow} row
 * @param {() => Promise<void>} changed
 */
export function accessCard(app, row, changed) {
  const schedule = row.schedule ?? app.say("rules.anytime");
  const now = facts([[app.say("person.schedule"), schedule]]);
  const body = app.may("administrator")
    ? accessForm(app, row, changed)
    : readOnly(app, row);
  return card(app.say("person.access"), [now, body]);
}

/**
 * @param {App} app
 * @param {PersonRow} row
 */
function readOnly(app, row) {
  const day = (/** @type {string | null | undefined} */ iso) =>
    iso ? app.formats.moment(iso) : app.say("unlimited");
  return facts([
    [app.say("person.from"), day(row.validFrom)],
    [app.say("person.until"), day(row.validUntil)],
    [app.say("people.groups"), row.groups.join(", ") || app.say("none")],
  ]);
}

/**
 * @param {App} app
 * @param {PersonRow} row
 * @param {() => Promise<void>} changed
 */
function accessForm(app, row, changed) {
  const from = field(
    app.say("person.from"),
    input({ type: "datetime-local", value: local(row.validFrom) }),
  );
  const until = field(
    app.say("person.until"),
    input({ type: "datetime-local", value: local(row.validUntil) }),
    {
      hint: app.say("person.until.hint"),
    },
  );
  const groups = field(
    app.say("people.groups"),
    input({ value: row.groups.join(", ") }),
    {
      hint: app.say("person.groups.hint"),
    },
  );
  return form({
    fields: [
      h("div", { class: "pair" }, from.element, until.element),
      groups.element,
    ],
    action: app.say("save"),
    explain: (error) => explain(app, error),
    async send() {
      const body = {
        validFrom: utc(from.control.value),
        validUntil: utc(until.control.value),
        groups: names(groups.control.value),
      };
      await app.calls.send("PUT", `${personPath(row.personId)}/access`, body);
      app.tell(app.say("saved"));
      await changed();
    },
  });
}

/**
 * As a field for date and time takes it, by the browser's clock.
 * @param {string | null | undefined} iso
 */
function local(iso) {
  if (!iso) return "";
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000)
    .toISOString()
    .slice(0, 16);
}

/** @param {string} value */
function utc(value) {
  return value === "" ? null : new Date(value).toISOString();
}

/** @param {string} text separated by commas */
function names(text) {
  const all = text.split(",").map((one) => one.trim());
  return [...new Set(all.filter((one) => one !== ""))];
}
