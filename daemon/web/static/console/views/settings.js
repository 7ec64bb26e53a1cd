/** The configuration: described, validated and written by the terminal, a section at a time. */
import { CallError } from "../../shared/api.js";
import { fill, h, set } from "../../shared/dom.js";
import { settingField } from "../settings/field.js";
import { button } from "../ui/button.js";
import { confirm } from "../ui/dialog.js";
import { attempt, explain } from "../ui/failure.js";
import { input } from "../ui/form.js";
import { helpText } from "../ui/help.js";
import { icon } from "../ui/icon.js";
import { pane } from "../ui/pane.js";
import { viewHead } from "../ui/parts.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../settings/field.js").Setting} Setting */
/** @typedef {import("../settings/field.js").SettingField} SettingField */
/** @typedef {{ name: string, help: string, present: boolean, fields: Setting[] }} Section */
/** @typedef {{ writable: boolean, sections: Section[] }} Described */
/** @typedef {{ applied: string[], needsRestart: string[], warnings: string[] }} Changed */

/** The terminal asks first whether a change shall really keep people from coming back to this page. */
const WOULD_LOCK_OUT = "C_002";

/**
 * @param {App} app
 * @returns {import("../app.js").View}
 */
export function settings(app) {
  const restart = button(app.say("settings.restart"), () => askRestart(app), {
    icon: "refresh-cw",
  });
  const content = pane(app, {
    rows: 8,
    load: (signal) =>
      /** @type {Promise<Described>} */ (
        app.calls.get("/device/settings", signal)
      ),
    show: (described) => [
      described.writable
        ? null
        : h(
            "p",
            { class: "aside" },
            icon("info"),
            h("span", {}, app.say("settings.read_only")),
          ),
      settingsForm(app, described, () => void content.reload()),
    ],
  });
  return {
    element: h(
      "div",
      {},
      viewHead(app.say("settings"), app.say("settings.text"), restart),
      content.element,
    ),
    close: content.close,
  };
}

/**
 * @param {App} app
 * @param {Described} described
 * @param {() => void} saved
 */
function settingsForm(app, described, saved) {
  const count = h("span", { role: "status" });
  const problem = h("span", { class: "bad", role: "alert" });
  const bar = h("div", { class: "save-bar" }, icon("pencil"), count, problem);
  const fields = new Map(
    described.sections
      .flatMap((section) => section.fields)
      .map((setting) => [
        setting.name,
        settingField(app, setting, tellChanges),
      ]),
  );
  const changes = () =>
    [...fields.values()].filter((one) => !same(one.value(), one.setting.value));

  function tellChanges() {
    const changed = changes();
    bar.hidden = changed.length === 0;
    const restarts = changed.some((one) => one.setting.needsRestart);
    const words = app.say("settings.changes", { count: changed.length });
    fill(
      count,
      restarts ? `${words} ${app.say("settings.changes.restart")}` : words,
    );
  }

  /** @param {boolean} confirmed whether somebody was asked about what the terminal warns of */
  async function save(confirmed = false) {
    const values = Object.fromEntries(
      changes().map((one) => [one.setting.name, one.value()]),
    );
    for (const one of fields.values()) one.fail(null);
    fill(problem);
    try {
      const body = { changes: values, ...(confirmed ? { confirm: true } : {}) };
      const told = /** @type {Changed} */ (
        await app.calls.send("PUT", "/device/settings", body)
      );
      const restart = told.needsRestart.length > 0;
      app.tell(app.say(restart ? "settings.saved.restart" : "settings.saved"));
      for (const one of told.warnings) app.tell(one, "bad");
      saved();
    } catch (error) {
      if (!(error instanceof CallError && error.code === WOULD_LOCK_OUT))
        return void fill(problem, showProblems(app, fields, error));
      const what = {
        title: app.say("settings.sure"),
        text: error.message,
        action: app.say("settings.save"),
      };
      if (await confirm(app, { ...what, icon: "triangle-alert", danger: true }))
        await save(true);
    }
  }

  bar.append(
    button(app.say("settings.discard"), saved),
    button(app.say("settings.save"), () => save(), { tone: "primary" }),
  );
  bar.hidden = true;
  const sections = described.sections.map((section) =>
    sectionOf(app, section, fields),
  );
  return h(
    "div",
    { class: "settings" },
    contents(app, sections),
    h("div", { class: "settings-sections" }, ...sections, bar),
  );
}

/**
 * @param {App} app
 * @param {Section} section
 * @param {ReadonlyMap<string, SettingField>} fields
 */
function sectionOf(app, section, fields) {
  const own = section.fields.flatMap(
    (setting) => fields.get(setting.name)?.element ?? [],
  );
  return h(
    "section",
    {
      class: "card settings-section",
      id: `section-${section.name}`,
      "data-name": section.name,
    },
    h("h2", { tabindex: -1 }, app.name("section", section.name)),
    section.present
      ? h("p", { class: "quiet" }, helpText(section.help))
      : h("p", { class: "quiet" }, app.say("settings.absent")),
    h("div", { class: "settings-fields" }, ...own),
  );
}

/**
 * The way to each section, and a search over all their fields.
 * @param {App} app
 * @param {HTMLElement[]} sections
 */
function contents(app, sections) {
  const box = input({
    type: "search",
    class: "control",
    placeholder: app.say("settings.search"),
    "aria-label": app.say("settings.search"),
  });
  box.addEventListener("input", () => {
    const wanted = box.value.trim().toLowerCase();
    for (const section of sections) {
      const fields = [...section.querySelectorAll(".field")];
      for (const one of fields)
        set(one, {
          hidden: !(one.textContent ?? "").toLowerCase().includes(wanted),
        });
      section.hidden =
        wanted !== "" && fields.every((one) => one.hasAttribute("hidden"));
    }
  });
  const jumps = sections.map((section) => {
    const jump = h(
      "button",
      { type: "button" },
      section.querySelector("h2")?.textContent ?? "",
    );
    jump.addEventListener("click", () => {
      section.scrollIntoView();
      section.querySelector("h2")?.focus({ preventScroll: true });
    });
    return h("li", {}, jump);
  });
  return h(
    "nav",
    { class: "settings-contents", "aria-label": app.say("settings.sections") },
    box,
    h("ul", {}, ...jumps),
  );
}

/**
 * @param {App} app
 * @param {ReadonlyMap<string, SettingField>} fields
 * @param {unknown} error
 * @returns {string} what to say of them as a whole
 */
function showProblems(app, fields, error) {
  const problems = error instanceof CallError ? error.problems : [];
  const shown = problems.flatMap(({ field, message }) => {
    const found = fields.get(field);
    found?.fail(message);
    return found ? [found] : [];
  });
  shown[0]?.element.scrollIntoView({ block: "center" });
  const control = shown[0]?.element.querySelector("input, select, textarea");
  if (control instanceof HTMLElement) control.focus({ preventScroll: true });
  return shown.length > 0 ? app.say("settings.wrong") : explain(app, error);
}

/** @param {App} app */
async function askRestart(app) {
  const what = {
    title: app.say("settings.restart.title"),
    text: app.say("settings.restart.text"),
  };
  if (
    !(await confirm(app, {
      ...what,
      action: app.say("settings.restart"),
      icon: "refresh-cw",
      danger: true,
    }))
  )
    return;
  const done = await attempt(app, () =>
    app.calls.send("POST", "/device/restart"),
  );
  if (done !== null) app.tell(app.say("settings.restarting"));
}

/**
 * @param {unknown} one
 * @param {unknown} other
 */
function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
