/** Who did what to whom: the audit trail, and whether its chain is whole. */
import { fill, h } from "../../shared/dom.js";
import { withQuery } from "../calls.js";
import { growingList } from "../events/pages.js";
import { button } from "../ui/button.js";
import { attempt, explain } from "../ui/failure.js";
import { input } from "../ui/form.js";
import { icon } from "../ui/icon.js";
import { pane } from "../ui/pane.js";
import { badge, time, viewHead } from "../ui/parts.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {{ seq: number, at: string, who: string, what: string, whom: string | null, result: string }} AuditEntry */
/** @typedef {{ entries: AuditEntry[], next?: number | null, verified: boolean | null, problem?: string | null }} Trail */

const PAGE = 100;
const TYPING_MS = 300;

/**
 * @param {App} app
 * @returns {import("../app.js").View}
 */
export function audit(app) {
  let who = "";
  /** @type {ReturnType<typeof growingList<AuditEntry>> | null} */
  let list = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let due;

  /**
   * @param {number | string | null} before
   * @param {AbortSignal} [signal]
   * @returns {Promise<Trail>}
   */
  const load = (before, signal) =>
    app.calls.get(
      withQuery("/device/audit", { who, before, limit: PAGE }),
      signal,
    );

  const content = pane(app, {
    rows: 10,
    load: (signal) => load(null, signal),
    show(trail) {
      list?.close();
      list = growingList(app, {
        first: page(trail),
        load: async (before) => page(await load(before)),
        row: (entry) => line(app, entry),
        failed: (error) => app.tell(explain(app, error), "bad"),
      });
      const none =
        trail.entries.length === 0
          ? h("p", { class: "quiet" }, app.say("audit.none"))
          : null;
      return none ?? list.element;
    },
  });
  const box = input({
    type: "search",
    class: "control",
    placeholder: app.say("audit.who"),
    "aria-label": app.say("audit.who"),
  });
  box.addEventListener("input", () => {
    who = box.value.trim();
    clearTimeout(due);
    due = setTimeout(() => void content.reload(), TYPING_MS);
  });
  return {
    element: h(
      "div",
      {},
      viewHead(app.say("audit"), app.say("audit.text"), checkWhole(app)),
      h("div", { class: "search", role: "search" }, icon("search"), box),
      content.element,
    ),
    close() {
      clearTimeout(due);
      list?.close();
      content.close();
    },
  };
}

/** @param {Trail} trail */
function page({ entries, next = null }) {
  return { rows: entries, next };
}

/**
 * Reads the whole trail, which takes a while on a long one: done when it is asked for.
 * @param {App} app
 */
function checkWhole(app) {
  const outcome = h("span", { role: "status" });
  const check = button(
    app.say("audit.check"),
    async () => {
      const trail = /** @type {Trail | null} */ (
        await attempt(app, () =>
          app.calls.get("/device/audit?limit=1&verify=true"),
        )
      );
      if (trail !== null) fill(outcome, verdict(app, trail));
    },
    { icon: "shield-check" },
  );
  return h("div", { class: "audit-check" }, check, outcome);
}

/**
 * @param {App} app
 * @param {Trail} trail
 */
function verdict(app, { verified, problem }) {
  if (verified) return badge(app.say("audit.whole"), "good", "shield-check");
  return badge(
    `${app.say("audit.broken")} ${problem ?? ""}`,
    "bad",
    "shield-alert",
  );
}

/**
 * @param {App} app
 * @param {AuditEntry} entry
 */
function line(app, entry) {
  return h(
    "li",
    { class: "event audit-line" },
    h(
      "span",
      { class: "event-time" },
      time(entry.at, app.formats.moment(entry.at)),
    ),
    h("span", { class: "event-who" }, entry.who),
    h(
      "span",
      { class: "event-what" },
      [entry.what, entry.whom].filter(Boolean).join(": "),
    ),
    h("span", { class: "event-scores" }, outcomeBadge(app, entry.result)),
  );
}

/**
 * What came of it: an HTTP status, or a word of the command line.
 * @param {App} app
 * @param {string} result
 */
function outcomeBadge(app, result) {
  if (/^2/.test(result) || result === "done")
    return badge(app.say("audit.done"), "plain", "circle-check");
  if (result === "401" || result === "403")
    return badge(app.say("audit.refused"), "bad", "ban");
  return badge(app.say("audit.failed", { result }), "wait", "triangle-alert");
}
