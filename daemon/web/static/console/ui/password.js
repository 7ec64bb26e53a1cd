/** A new password, typed twice. */
import { CallError } from "../../shared/api.js";
import { field, input } from "./form.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {{ first: import("./form.js").Field, second: import("./form.js").Field, elements: HTMLElement[] }} Passwords */

export const SHORTEST = 15;

/**
 * @param {App} app
 * @returns {Passwords}
 */
export function newPassword(app) {
  const properties = {
    type: "password",
    autocomplete: "new-password",
    minlength: SHORTEST,
  };
  const first = field(app.say("password.new"), input(properties), {
    hint: app.say("password.hint", { least: SHORTEST }),
  });
  const second = field(app.say("password.again"), input(properties));
  return { first, second, elements: [first.element, second.element] };
}

/**
 * Raises CallError, with what is wrong told at the field too.
 * @param {App} app
 * @param {Passwords} passwords
 */
export function checkedPassword(app, { first, second }) {
  const [one, other] = [first.control.value, second.control.value];
  const short =
    one.length < SHORTEST
      ? app.say("password.short", { least: SHORTEST })
      : null;
  const unlike = one === other ? null : app.say("password.unlike");
  first.fail(short);
  second.fail(unlike);
  const problem = short ?? unlike;
  if (problem !== null) throw new CallError(400, "", problem);
  return one;
}
