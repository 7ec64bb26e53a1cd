/** Charts by uPlot in the page's own colours, each with its figures as a table for whoever can't see it. */
import uPlot from "../../vendor/uplot/uPlot.js";
import { h } from "../../shared/dom.js";
import { table } from "../ui/parts.js";

/** @typedef {import("../app.js").App} App */

/**
 * @typedef {object} Series
 * @property {string} label
 * @property {"good" | "bad" | "accent" | "wait"} tone
 * @property {(number | null)[]} values
 * @property {"bars" | "line"} kind
 * @property {boolean} [dashed]
 */

/**
 * @typedef {object} Chart
 * @property {string} title
 * @property {number[]} x
 * @property {Series[]} series bars are stacked in this order
 * @property {(x: number) => string} label of a place on the x axis
 * @property {(value: number) => string} figure
 * @property {string} across what the x axis shows
 * @property {{ at: number, text: string }} [threshold] drawn as a line from top to bottom
 * @property {number} [ticks] least distance of two labels on the x axis
 */

const HEIGHT = 220;
const LABEL_PIXELS = 64;

/**
 * @param {App} app
 * @param {Chart} chart
 * @returns {{ element: HTMLElement, close: () => void }}
 */
export function drawChart(app, chart) {
  const place = h("div", {
    class: "chart-place",
    role: "img",
    "aria-label": app.say("chart.alt", { title: chart.title }),
  });
  const element = h(
    "figure",
    { class: "chart" },
    legend(chart),
    place,
    h(
      "details",
      { class: "chart-table" },
      h("summary", {}, app.say("chart.table")),
      figures(chart),
    ),
  );
  /** @type {uPlot | null} */
  let plot = null;

  function draw() {
    plot?.destroy();
    const width = place.clientWidth;
    if (width > 0)
      plot = new uPlot(options(chart, width), stacked(chart), place);
  }

  // Drawn when there is room for it, and anew when the room or the colours change.
  const sizes = new ResizeObserver(() => {
    if (plot !== null && place.clientWidth > 0)
      plot.setSize({ width: place.clientWidth, height: HEIGHT });
    else draw();
  });
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", draw);
  sizes.observe(place);
  return {
    element,
    close() {
      sizes.disconnect();
      dark.removeEventListener("change", draw);
      plot?.destroy();
    },
  };
}

/** @param {Chart} chart */
function legend({ series, threshold }) {
  return h(
    "figcaption",
    { class: "legend" },
    ...series.map((one) =>
      h(
        "span",
        { class: `key ${one.tone} ${one.kind}${one.dashed ? " dashed" : ""}` },
        one.label,
      ),
    ),
    threshold ? h("span", { class: "key mark" }, threshold.text) : null,
  );
}

/** @param {Chart} chart */
function figures({ title, x, series, label, figure, across }) {
  const columns = [
    { title: across },
    ...series.map((one) => ({
      title: one.label,
      kind: /** @type {const} */ ("figure"),
    })),
  ];
  const filled = x
    .map((_, index) => index)
    .filter((index) => series.some((one) => one.values[index]));
  const rows = filled.map((index) => [
    label(x[index] ?? 0),
    ...series.map((one) => {
      const value = one.values[index] ?? null;
      return value === null ? "–" : figure(value);
    }),
  ]);
  return table(title, columns, rows);
}

/**
 * Bars stand on one another: the last one is drawn first and reaches to the sum.
 * @param {Chart} chart
 * @returns {uPlot.AlignedData}
 */
function stacked({ x, series }) {
  const drawn = series.map((one, place) =>
    one.kind === "line"
      ? one.values
      : x.map((_, index) =>
          series
            .slice(0, place + 1)
            .reduce((total, each) => total + (each.values[index] ?? 0), 0),
        ),
  );
  return [x, ...drawn.toReversed()];
}

/**
 * @param {Chart} chart
 * @param {number} width
 * @returns {uPlot.Options}
 */
function options(chart, width) {
  const step = (chart.x[1] ?? 1) - (chart.x[0] ?? 0);
  const bars = chart.series.some((one) => one.kind === "bars");
  const [first, last] = [chart.x[0] ?? 0, chart.x.at(-1) ?? 1];
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: {
        time: false,
        range: bars ? [first - step / 2, last + step / 2] : [first, last],
      },
      y: { range: (_plot, _least, most) => range(chart, most) },
    },
    axes: [xAxis(chart), yAxis(chart)],
    series: [{}, ...chart.series.map(drawnSeries).toReversed()],
    hooks: chart.threshold
      ? { draw: [(plot) => mark(plot, chart.threshold?.at ?? 0)] }
      : {},
  };
}

/**
 * From nothing for what is counted; around what is measured else.
 * @param {Chart} chart
 * @param {number} most
 * @returns {[number, number]}
 */
function range(chart, most) {
  const measured = chart.series
    .flatMap((one) => one.values)
    .filter((one) => one !== null);
  if (chart.series.every((one) => one.kind === "line") && measured.length > 0) {
    const least = Math.min(...measured);
    return [Math.max(0, Math.floor(least * 0.9)), Math.ceil(most * 1.1) || 1];
  }
  return [0, Math.max(4, most * 1.1)];
}

/**
 * @param {Series} one
 * @returns {uPlot.Series}
 */
function drawnSeries(one) {
  const stroke = colour(one.tone);
  if (one.kind === "line")
    return {
      stroke,
      width: 2,
      dash: one.dashed ? [6, 4] : [],
      points: { size: 7, fill: stroke },
      spanGaps: true,
    };
  const paths = uPlot.paths.bars?.({ size: [0.72, 40], radius: 0.12 });
  return {
    fill: stroke,
    stroke,
    width: 0,
    points: { show: false },
    ...(paths ? { paths } : {}),
  };
}

/** @param {Chart} chart */
function xAxis({ label, ticks = 1, x }) {
  const marks = x.filter((_, index) => index % ticks === 0);
  return {
    ...axisLook(),
    // As many labels as there is room for.
    splits: (/** @type {uPlot} */ plot) => {
      const every = Math.ceil(
        (marks.length * LABEL_PIXELS) / Math.max(LABEL_PIXELS, plot.width),
      );
      return marks.filter((_, index) => index % every === 0);
    },
    values: (/** @type {uPlot} */ _plot, /** @type {number[]} */ splits) =>
      splits.map(label),
    grid: { show: false },
    size: 28,
    space: 28,
  };
}

/** @param {Chart} chart */
function yAxis({ figure, series }) {
  const whole = series.some((one) => one.kind === "bars");
  return {
    ...axisLook(),
    size: 48,
    values: (/** @type {uPlot} */ _plot, /** @type {number[]} */ splits) =>
      splits.map((one) => (whole && !Number.isInteger(one) ? "" : figure(one))),
    grid: { stroke: colour("line"), width: 1 },
  };
}

function axisLook() {
  return {
    stroke: colour("text-quiet"),
    font: "12px system-ui, sans-serif",
    ticks: { show: false },
  };
}

/**
 * @param {uPlot} plot
 * @param {number} at
 */
function mark(plot, at) {
  const x = Math.round(plot.valToPos(at, "x", true));
  const { top, height } = plot.bbox;
  plot.ctx.save();
  plot.ctx.strokeStyle = colour("text");
  plot.ctx.lineWidth = 2 * devicePixelRatio;
  plot.ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
  plot.ctx.beginPath();
  plot.ctx.moveTo(x, top);
  plot.ctx.lineTo(x, top + height);
  plot.ctx.stroke();
  plot.ctx.restore();
}

/**
 * A colour of the page as it is now: a canvas knows neither variables nor light-dark().
 * @param {string} name
 */
function colour(name) {
  const probe = h("span", { class: `ink-${name}` });
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
