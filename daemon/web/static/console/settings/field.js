/** One setting as a field: a control for its kind, its help, its unit, its limits, and whether it needs a restart. */
import { h, set } from "../../shared/dom.js";
import { checkbox, field, input, select } from "../ui/form.js";
import { helpText } from "../ui/help.js";
import { badge } from "../ui/parts.js";

/** @typedef {import("../app.js").App} App */

/**
 * @typedef {object} Setting
 * @property {string} name with its section: `door.pulse_seconds`
 * @property {unknown} value
 * @property {unknown} default
 * @property {"boolean" | "integer" | "number" | "text" | "choice" | "choices" | "list" | "table"} type
 * @property {string[]} [choices]
 * @property {string | null} [unit]
 * @property {number | null} [minimum]
 * @property {number | null} [maximum]
 * @property {string} help
 * @property {boolean} needsRestart
 * @property {boolean} secret
 * @property {boolean} optional may have no value
 * @property {boolean} fixed changed in the file at the terminal only
 * @property {boolean} pending the file holds another value than the terminal runs with
 */

/**
 * @typedef {object} SettingField
 * @property {Setting} setting
 * @property {HTMLElement} element
 * @property {() => unknown} value as the API takes it
 * @property {(message: string | null) => void} fail
 */

/**
 * @param {App} app
 * @param {Setting} setting
 * @param {() => void} changed
 * @returns {SettingField}
 */
export function settingField(app, setting, changed) {
  const made = MAKERS[setting.type](app, setting, labelOf(setting.name));
  if (setting.fixed) fix(made.element);
  made.element.addEventListener("input", changed);
  made.element.addEventListener("change", changed);
  made.element.append(about(app, setting));
  return { setting, ...made };
}

/** @param {string} name `door.contact.debounce_ms` */
function labelOf(name) {
  return (name.split(".").at(-1) ?? name).replaceAll("_", " ");
}

/** @param {HTMLElement} element */
function fix(element) {
  for (const control of element.querySelectorAll("input, select, textarea"))
    set(control, { disabled: true });
}

/**
 * Its name in the file, its usual value, and when a change of it holds.
 * @param {App} app
 * @param {Setting} setting
 */
function about(app, setting) {
  return h(
    "p",
    { class: "setting-about quiet" },
    h("code", {}, setting.name),
    h("span", {}, usual(app, setting)),
    setting.fixed ? h("span", {}, app.say("settings.in_file")) : null,
    setting.pending
      ? badge(app.say("settings.pending"), "wait", "refresh-cw")
      : null,
    setting.needsRestart || setting.fixed
      ? null
      : badge(app.say("settings.at_once"), "good"),
  );
}

/** @typedef {Omit<SettingField, "setting">} Made */
/** @typedef {(app: App, setting: Setting, label: string) => Made} Maker */

/** @type {Readonly<Record<Setting["type"], Maker>>} */
const MAKERS = {
  boolean: (app, setting, label) =>
    chosen(
      app,
      setting,
      label,
      [
        ["true", app.say("yes")],
        ["false", app.say("no")],
      ],
      (text) => text === "true",
    ),
  choice: (app, setting, label) =>
    chosen(
      app,
      setting,
      label,
      (setting.choices ?? []).map((one) => [one, one]),
      (text) => text,
    ),
  integer: number,
  number,
  text,
  choices,
  list,
  table,
};

/**
 * @param {App} app
 * @param {Setting} setting
 * @param {string} label
 * @param {[string, string][]} options
 * @param {(text: string) => unknown} read
 * @returns {Made}
 */
function chosen(app, setting, label, options, read) {
  /** @type {[string, string][]} */
  const none = setting.optional ? [["", app.say("settings.unset")]] : [];
  const control = select([...none, ...options], String(setting.value ?? ""));
  const made = field(label, control, { hint: helpText(setting.help) });
  return {
    ...made,
    value: () => (control.value === "" ? null : read(control.value)),
  };
}

/** @type {Maker} */
function number(app, setting, label) {
  const control = input({
    type: "number",
    value: setting.value === null ? "" : String(setting.value),
    min: setting.minimum ?? null,
    max: setting.maximum ?? null,
    step: setting.type === "integer" ? 1 : "any",
  });
  const unit = setting.unit ? h("span", { class: "unit" }, setting.unit) : null;
  const limits = range(app, setting);
  const made = field(label, control, {
    hint: helpText(`${setting.help} ${limits}`.trim()),
    beside: unit,
  });
  // What is no number goes as it is: the terminal says what it expected.
  const read = () =>
    control.value.trim() === ""
      ? control.validity.badInput
        ? "?"
        : null
      : Number(control.value);
  return { ...made, value: read };
}

/** @type {Maker} */
function text(app, setting, label) {
  const secret = setting.secret
    ? {
        type: "password",
        autocomplete: "new-password",
        placeholder: app.say("settings.secret"),
      }
    : {};
  const control = input({
    value: setting.secret ? "" : String(setting.value ?? ""),
    spellcheck: "false",
    ...secret,
  });
  const made = field(label, control, { hint: helpText(setting.help) });
  const none = () => (setting.optional ? null : "");
  return {
    ...made,
    value: () =>
      control.value === ""
        ? setting.secret
          ? setting.value
          : none()
        : control.value,
  };
}

/** @type {Maker} */
function choices(_app, setting, label) {
  const on = new Set(
    Array.isArray(setting.value) ? setting.value.map(String) : [],
  );
  const all = setting.choices ?? [];
  const boxes = all.map((one) =>
    checkbox(one, on.has(one), (checked) =>
      checked ? on.add(one) : on.delete(one),
    ),
  );
  return group(setting, label, boxes, () => all.filter((one) => on.has(one)));
}

/** @type {Maker} */
function list(app, setting, label) {
  const lines = Array.isArray(setting.value) ? setting.value.map(String) : [];
  const control = h("textarea", {
    rows: Math.max(2, lines.length + 1),
    spellcheck: "false",
  });
  control.value = lines.join("\n");
  const made = field(label, control, {
    hint: helpText(`${setting.help} ${app.say("settings.lines")}`),
  });
  const read = () =>
    control.value
      .split("\n")
      .map((one) => one.trim())
      .filter((one) => one !== "");
  return { ...made, value: read };
}

/** @type {Maker} */
function table(_app, setting, label) {
  const shown = h(
    "pre",
    { class: "setting-table", tabindex: 0 },
    JSON.stringify(setting.value, null, 2),
  );
  const made = group(setting, label, [shown], () => setting.value);
  return made;
}

/**
 * @param {Setting} setting
 * @param {string} label
 * @param {Node[]} inner
 * @param {() => unknown} value
 * @returns {Made}
 */
function group(setting, label, inner, value) {
  const error = h("p", { class: "field-error" });
  error.hidden = true;
  const element = h(
    "fieldset",
    { class: "field group" },
    h("legend", {}, label),
    ...inner,
    h("p", { class: "field-hint" }, helpText(setting.help)),
    error,
  );
  return {
    element,
    value,
    fail(message) {
      error.hidden = message === null;
      error.textContent = message ?? "";
    },
  };
}

/**
 * @param {App} app
 * @param {Setting} setting
 */
function range(app, { minimum, maximum }) {
  if (minimum != null && maximum != null)
    return app.say("settings.range", { minimum, maximum });
  if (minimum != null) return app.say("settings.least", { minimum });
  return maximum != null ? app.say("settings.most", { maximum }) : "";
}

/**
 * @param {App} app
 * @param {Setting} setting
 */
function usual(app, setting) {
  if (setting.secret || setting.type === "table") return "";
  const value = setting.default;
  const none =
    value === null ||
    value === "" ||
    (Array.isArray(value) && value.length === 0);
  if (none)
    return app.say("settings.default", { value: app.say("settings.unset") });
  const words =
    typeof value === "boolean" ? app.say(value ? "yes" : "no") : String(value);
  return app.say("settings.default", { value: words });
}
