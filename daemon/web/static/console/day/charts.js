/** The charts of a day, out of its report. */
import { drawChart } from "./chart.js";
import { counted } from "./report.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("./report.js").DayReport} DayReport */
/** @typedef {import("./report.js").Distribution} Distribution */
/** @typedef {{ title: string, none: string, wide?: boolean, chart: { element: HTMLElement, close: () => void } | null }} Titled */

/**
 * @param {App} app
 * @param {DayReport} report
 * @returns {Titled[]}
 */
export function dayCharts(app, report) {
  const { formats } = app;
  const similarity = {
    least: 0,
    figure: (/** @type {number} */ one) => `${formats.number(one)} %`,
    title: app.say("similarity"),
  };
  const liveness = {
    least: 0,
    figure: (/** @type {number} */ one) => formats.number(one, 2, 1),
    title: app.say("liveness"),
  };
  return [
    {
      title: app.say("day.hours"),
      none: app.say("day.none"),
      chart: byHour(app, report),
      wide: true,
    },
    {
      title: app.say("day.similarity"),
      none: app.say("day.none"),
      chart: distribution(app, report.similarity, similarity),
    },
    {
      title: app.say("day.liveness"),
      none: app.say("day.none"),
      chart: distribution(app, report.liveness, liveness),
    },
    {
      title: app.say("day.latency"),
      none: app.say("day.latency.none"),
      chart: latency(app, report),
    },
    {
      title: app.say("day.temperature"),
      none: app.say("day.temperature.none"),
      chart: temperature(app, report),
      wide: true,
    },
  ];
}

/**
 * @param {App} app
 * @param {DayReport} report
 */
function byHour(app, { hours }) {
  if (hours.every((one) => one.granted + one.denied === 0)) return null;
  return drawChart(app, {
    title: app.say("day.hours"),
    across: app.say("day.hour"),
    x: hours.map((one) => one.hour),
    label: hourLabel,
    figure: (value) => app.formats.number(value),
    ticks: 3,
    series: [
      {
        label: app.say("granted"),
        tone: "good",
        kind: "bars",
        values: hours.map((one) => one.granted),
      },
      {
        label: app.say("denied"),
        tone: "bad",
        kind: "bars",
        values: hours.map((one) => one.denied),
      },
    ],
  });
}

/**
 * @param {App} app
 * @param {Distribution} given
 * @param {{ title: string, figure: (value: number) => string }} how
 */
function distribution(app, given, { title, figure }) {
  if (counted(given) === 0) return null;
  // A bar stands over the middle of its bin.
  const width = (given.bins[1] ?? 1) - (given.bins[0] ?? 0);
  const middle = given.bins.map((edge) => edge + width / 2);
  return drawChart(app, {
    title,
    across: title,
    x: middle,
    label: (value) => figure(value - width / 2),
    figure: (value) => app.formats.number(value),
    ticks: 10,
    threshold: {
      at: given.threshold,
      text: app.say("day.threshold", { value: figure(given.threshold) }),
    },
    series: [
      {
        label: app.say("granted"),
        tone: "good",
        kind: "bars",
        values: given.granted,
      },
      {
        label: app.say("denied"),
        tone: "bad",
        kind: "bars",
        values: given.denied,
      },
    ],
  });
}

/**
 * @param {App} app
 * @param {DayReport} report
 */
function latency(app, { latencyMs }) {
  if (latencyMs.hours.every((one) => one.p50 === null)) return null;
  const values = (/** @type {"p50" | "p99"} */ name) =>
    latencyMs.hours.map((one) => one[name]);
  return drawChart(app, {
    title: app.say("day.latency"),
    across: app.say("day.hour"),
    x: latencyMs.hours.map((one) => one.hour),
    label: hourLabel,
    figure: (value) => app.formats.number(value),
    ticks: 3,
    series: [
      {
        label: app.say("day.p50"),
        tone: "accent",
        kind: "line",
        values: values("p50"),
      },
      {
        label: app.say("day.p99"),
        tone: "wait",
        kind: "line",
        dashed: true,
        values: values("p99"),
      },
    ],
  });
}

/**
 * @param {App} app
 * @param {DayReport} report
 */
function temperature(app, { temperature: points }) {
  if (points.length === 0) return null;
  return drawChart(app, {
    title: app.say("day.temperature"),
    across: app.say("day.time"),
    x: points.map((one) => Date.parse(one.at) / 1000),
    label: (seconds) =>
      app.formats.clock(new Date(seconds * 1000).toISOString()),
    figure: (value) => app.formats.number(value, 1),
    ticks: Math.max(1, Math.ceil(points.length / 5)),
    series: [
      {
        label: "°C",
        tone: "accent",
        kind: "line",
        values: points.map((one) => one.celsius),
      },
    ],
  });
}

/** @param {number} hour */
function hourLabel(hour) {
  return `${String(hour).padStart(2, "0")}:00`;
}
