/** Fields with a label, a hint and an error that belong together for everybody. */
import { fill, h, set } from "../../shared/dom.js";
import { busyWhile } from "./button.js";
import { icon } from "./icon.js";

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */
/** @typedef {import("../../shared/dom.js").Child} Child */

/**
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {Control} control
 * @property {(message: string | null) => void} fail say what is wrong with it, or that nothing is
 */

/**
 * @param {string} label
 * @param {Control} control
 * @param {{ hint?: Child, beside?: Child }} [more] `beside` stands right of the control: a unit, a button
 * @returns {Field}
 */
export function field(label, control, { hint = null, beside = null } = {}) {
  const id = control.id || `field-${crypto.randomUUID()}`;
  const error = h("p", { class: "field-error", id: `${id}-error` });
  error.hidden = true;
  set(control, {
    id,
    class: "control",
    "aria-describedby": `${id}-hint ${id}-error`,
  });
  const element = h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    h("div", { class: "field-row" }, control, beside),
    h("p", { class: "field-hint", id: `${id}-hint` }, hint),
    error,
  );
  return {
    element,
    control,
    fail(message) {
      error.hidden = message === null;
      fill(error, icon("triangle-alert"), h("span", {}, message ?? ""));
      set(control, { "aria-invalid": message === null ? null : "true" });
    },
  };
}

/**
 * @param {import("../../shared/dom.js").Properties} properties
 * @returns {HTMLInputElement}
 */
export function input(properties) {
  return h("input", { autocomplete: "off", ...properties });
}

/**
 * @param {readonly (readonly [string, string])[]} choices value and label
 * @param {string} chosen
 * @param {import("../../shared/dom.js").Properties} [properties]
 */
export function select(choices, chosen, properties = {}) {
  const options = choices.map(([value, label]) =>
    h("option", { value, selected: value === chosen }, label),
  );
  return h("select", properties, ...options);
}

/**
 * @param {string} label
 * @param {boolean} checked
 * @param {(checked: boolean) => void} [change]
 */
export function checkbox(label, checked, change = () => {}) {
  const box = h("input", { type: "checkbox", checked });
  box.addEventListener("change", () => change(box.checked));
  return h("label", { class: "check" }, box, h("span", {}, label));
}

/**
 * A form that is sent by its last button or by Enter, and says itself what failed.
 * @param {object} what
 * @param {Child[]} what.fields
 * @param {string} what.action
 * @param {() => Promise<unknown>} what.send raises what `explain` can tell
 * @param {(error: unknown) => string} what.explain
 * @param {Child[]} [what.others] further buttons
 */
export function form({ fields, action, send, explain, others = [] }) {
  const problem = h("p", { class: "form-error", role: "alert" });
  problem.hidden = true;
  const submit = h(
    "button",
    { type: "submit", class: "button primary" },
    h("span", {}, action),
  );
  const element = h(
    "form",
    { class: "form", novalidate: true },
    ...fields,
    problem,
    h("div", { class: "form-actions" }, ...others, submit),
  );
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    void busyWhile(submit, async () => {
      problem.hidden = true;
      try {
        await send();
      } catch (error) {
        problem.hidden = false;
        fill(problem, icon("triangle-alert"), h("span", {}, explain(error)));
      }
    });
  });
  return element;
}
