/**
 * A place whose content comes from the terminal. It looks designed in every state: loading, shown, empty, refused, failed,
 * and offline, from which it returns by itself.
 */
import { CallError } from "../../shared/api.js";
import { fill, h } from "../../shared/dom.js";
import { button } from "./button.js";
import { explain } from "./failure.js";
import { icon } from "./icon.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../../shared/dom.js").Child} Child */

/**
 * @typedef {object} Notice
 * @property {string} icon
 * @property {string} title
 * @property {string} [text]
 * @property {Child} [action]
 */

/**
 * @template T
 * @typedef {object} PaneContent
 * @property {(signal: AbortSignal) => Promise<T>} load
 * @property {(value: T) => Child | Child[]} show
 * @property {(value: T) => Notice | null} [empty] what stands there when there is nothing to show
 * @property {number} [rows] how many lines the outline has while it loads
 */

/**
 * @typedef {object} Pane
 * @property {HTMLElement} element
 * @property {() => Promise<void>} reload what is shown stays until the new is there
 * @property {() => void} close
 */

/**
 * @template T
 * @param {App} app
 * @param {PaneContent<T>} content
 * @returns {Pane}
 */
export function pane(app, { load, show, empty = () => null, rows = 4 }) {
  const element = h("div", { class: "pane" });
  let running = new AbortController();
  let shown = false;
  let failed = false;
  // The first time that the stream opens nothing was missed.
  let opening = app.happenings.state === "connecting";

  async function reload() {
    running.abort();
    running = new AbortController();
    const { signal } = running;
    if (!shown) fill(element, outline(app, rows));
    element.setAttribute("aria-busy", "true");
    try {
      const value = await load(signal);
      if (signal.aborted) return;
      const none = empty(value);
      fill(element, ...[none ? notice(none) : show(value)].flat());
      shown = true;
      failed = false;
    } catch (error) {
      if (signal.aborted) return;
      shown = false;
      failed = true;
      fill(element, notice(trouble(app, error, reload)));
    }
    element.removeAttribute("aria-busy");
  }

  const unwatch = app.happenings.watch((state) => {
    if (state === "online" && (failed || !opening)) void reload();
    if (state !== "connecting") opening = false;
  });
  void reload();
  return {
    element,
    reload,
    close() {
      unwatch();
      running.abort();
    },
  };
}

/**
 * @param {Notice} what
 * @returns {HTMLElement}
 */
export function notice(what) {
  return h(
    "div",
    { class: "notice" },
    icon(what.icon, "notice-icon"),
    h("p", { class: "notice-title" }, what.title),
    what.text ? h("p", { class: "quiet" }, what.text) : null,
    what.action ?? null,
  );
}

/**
 * @param {App} app
 * @param {unknown} error
 * @param {() => unknown} again
 * @returns {Notice}
 */
function trouble(app, error, again) {
  const retry = button(app.say("again"), again, { icon: "refresh-cw" });
  if (error instanceof CallError && error.offline) {
    return {
      icon: "unplug",
      title: app.say("offline.title"),
      text: app.say("offline.text"),
      action: retry,
    };
  }
  if (error instanceof CallError && error.status === 403) {
    return {
      icon: "ban",
      title: app.say("forbidden.title"),
      text: app.say("forbidden.text"),
    };
  }
  return {
    icon: "triangle-alert",
    title: app.say("failed.title"),
    text: explain(app, error),
    action: retry,
  };
}

/**
 * @param {App} app
 * @param {number} rows
 */
function outline(app, rows) {
  const lines = Array.from({ length: rows }, () => h("div", { class: "bone" }));
  return h(
    "div",
    { class: "outline" },
    h("p", { class: "only-heard", role: "status" }, app.say("loading")),
    ...lines,
  );
}
