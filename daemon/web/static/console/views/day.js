/** A day at the door: how many came in, who was turned away why, and how sure and how fast the terminal was. */
import { fill, h, set } from "../../shared/dom.js";
import { dayCharts } from "../day/charts.js";
import { sum } from "../day/report.js";
import { calendarDay } from "../formats.js";
import { iconButton } from "../ui/button.js";
import { input } from "../ui/form.js";
import { icon } from "../ui/icon.js";
import { pane } from "../ui/pane.js";
import { card, viewHead } from "../ui/parts.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../day/report.js").DayReport} DayReport */

/**
 * @param {App} app
 * @returns {import("../app.js").View}
 */
export function day(app) {
  let date = calendarDay();
  /** @type {(() => void)[]} */
  let charts = [];
  const title = h("p", { class: "quiet", role: "status" });
  const chooser = input({
    type: "date",
    class: "control",
    value: date,
    max: date,
    "aria-label": app.say("day.date"),
  });
  const later = iconButton("chevron-right", app.say("day.later"), () =>
    move(1),
  );

  function closeCharts() {
    for (const close of charts) close();
    charts = [];
  }

  const content = pane(app, {
    rows: 8,
    load: (signal) =>
      /** @type {Promise<DayReport>} */ (
        app.calls.get(`/device/day?date=${date}`, signal)
      ),
    show(report) {
      closeCharts();
      const drawn = dayCharts(app, report);
      charts = drawn.flatMap(({ chart }) =>
        chart === null ? [] : [chart.close],
      );
      fill(
        title,
        `${app.formats.date(report.date)} · ${app.say("day.zone", { zone: report.timezone })}`,
      );
      return [
        tiles(app, report),
        h("div", { class: "cards" }, ...cards(app, report, drawn)),
      ];
    },
  });

  /** @param {string} wanted */
  function go(wanted) {
    date = wanted;
    chooser.value = wanted;
    set(later, { disabled: wanted >= calendarDay() });
    void content.reload();
  }

  /** @param {number} days */
  function move(days) {
    const at = new Date(`${date}T12:00:00Z`);
    at.setUTCDate(at.getUTCDate() + days);
    go(at.toISOString().slice(0, 10));
  }

  chooser.addEventListener(
    "change",
    () => chooser.value !== "" && go(chooser.value),
  );
  set(later, { disabled: true });
  const head = viewHead(
    app.say("day"),
    null,
    iconButton("chevron-left", app.say("day.earlier"), () => move(-1)),
    chooser,
    later,
  );
  head.firstElementChild?.append(title);
  return {
    element: h("div", {}, head, content.element),
    close() {
      closeCharts();
      content.close();
    },
  };
}

/**
 * The hours over all; then the distributions, the times and the reasons, two beside each other.
 * @param {App} app
 * @param {DayReport} report
 * @param {ReturnType<typeof dayCharts>} drawn
 */
function cards(app, report, drawn) {
  const all = drawn.map(({ title, chart, none, wide }) =>
    card(
      title,
      chart?.element ?? h("p", { class: "chart-none quiet" }, none),
      wide ? { class: "span-2" } : {},
    ),
  );
  all.splice(-1, 0, card(app.say("day.reasons"), reasons(app, report)));
  return all;
}

/**
 * @param {App} app
 * @param {DayReport} report
 */
function tiles(app, { hours, latencyMs }) {
  const { formats } = app;
  const granted = sum(hours.map((one) => one.granted));
  const denied = sum(hours.map((one) => one.denied));
  const busiest = hours.reduce(
    (best, one) => (one.granted > best.granted ? one : best),
    { hour: -1, granted: 0 },
  );
  const ms = latencyMs.p50;
  return h(
    "dl",
    { class: "tiles" },
    tile(app.say("granted"), formats.number(granted), "circle-check", "good"),
    tile(app.say("denied"), formats.number(denied), "circle-x", "bad"),
    tile(
      app.say("day.busiest"),
      busiest.hour < 0 ? "–" : `${busiest.hour}–${busiest.hour + 1}`,
      "clock",
      "accent",
    ),
    tile(
      app.say("day.usual_latency"),
      ms === null ? "–" : `${formats.number(ms)} ms`,
      "activity",
      "accent",
    ),
  );
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} sign
 * @param {string} tone
 */
function tile(name, value, sign, tone) {
  return h(
    "div",
    { class: "tile" },
    h("dt", {}, icon(sign, tone), name),
    h("dd", {}, value),
  );
}

/**
 * @param {App} app
 * @param {DayReport} report
 */
function reasons(app, report) {
  const all = report.reasons
    .filter((one) => one.reason !== "granted")
    .toSorted((a, b) => b.count - a.count);
  if (all.length === 0)
    return h("p", { class: "chart-none quiet" }, app.say("day.no_denials"));
  const most = Math.max(...all.map((one) => one.count));
  return h(
    "ul",
    { class: "reasons" },
    ...all.map(({ reason, count }) =>
      h(
        "li",
        {},
        h("span", {}, app.name("reason", reason)),
        h("meter", {
          min: 0,
          max: most,
          value: count,
          "aria-label": app.name("reason", reason),
        }),
        h("span", { class: "figure" }, app.formats.number(count)),
      ),
    ),
  );
}
