/** What the stages say of the face in front, for whoever sets a terminal up. */
import { h, svg } from "../../shared/dom.js";
import { icon } from "../ui/icon.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("./frame.js").LiveFrame} LiveFrame */
/** @typedef {import("./frame.js").LiveFace} LiveFace */

/**
 * @param {App} app
 * @param {LiveFrame} frame
 * @param {LiveFace | null} face whose scores are shown
 */
export function scores(app, frame, face) {
  return [
    face === null
      ? h("p", { class: "quiet" }, app.say("live.nobody"))
      : ofFace(app, face),
    h("h3", {}, app.say("live.stages")),
    stages(app, frame),
  ];
}

/**
 * @param {App} app
 * @param {LiveFace} face
 */
function ofFace(app, face) {
  const { formats } = app;
  const marks = [
    typeof face.similarity === "number"
      ? meter(
          app.say("similarity"),
          face.similarity / 100,
          null,
          `${formats.number(face.similarity, 1, 1)} %`,
        )
      : null,
    ...face.cues.map((cue) =>
      meter(
        app.name("cue", cue.name),
        (cue.score ?? 0) / scale(cue),
        { at: cue.threshold / scale(cue), ok: cue.ok },
        cue.score === null ? "–" : formats.number(cue.score, 2, 2),
      ),
    ),
  ];
  const measures = face.quality.map((one) => {
    const unit = one.unit ? ` ${one.unit}` : "";
    return h(
      "li",
      {},
      icon(one.ok ? "circle-check" : "circle-x", one.ok ? "good" : "bad"),
      h("span", {}, app.name("quality", one.name)),
      h("span", { class: "figure" }, `${formats.number(one.value, 1)}${unit}`),
      h("span", { class: "quiet figure" }, limits(app, one)),
    );
  });
  return h(
    "div",
    { class: "scores" },
    ...marks,
    measures.length > 0 ? h("h3", {}, app.say("live.quality")) : null,
    h("ul", { class: "measures" }, ...measures),
  );
}

/**
 * What fills the bar: shares go up to 1, measures such as millimetres to twice what is demanded.
 * @param {import("./frame.js").Cue} cue
 */
function scale({ threshold }) {
  return threshold > 1 ? 2 * threshold : 1;
}

/**
 * A bar from 0 to 1 with a mark at its threshold.
 * @param {string} name
 * @param {number} share
 * @param {{ at: number, ok: boolean } | null} threshold
 * @param {string} text
 */
function meter(name, share, threshold, text) {
  const tone = threshold === null ? "accent" : threshold.ok ? "good" : "bad";
  return h(
    "div",
    { class: "meter" },
    h("span", {}, name),
    svg(
      "svg",
      {
        viewBox: "0 0 100 8",
        preserveAspectRatio: "none",
        "aria-hidden": "true",
      },
      svg("rect", { class: "meter-ground", width: 100, height: 8 }),
      svg("rect", {
        class: `meter-bar ${tone}`,
        width: 100 * Math.min(1, Math.max(0, share)),
        height: 8,
      }),
      threshold &&
        svg("line", {
          class: "meter-mark",
          x1: 100 * threshold.at,
          x2: 100 * threshold.at,
          y1: 0,
          y2: 8,
          "vector-effect": "non-scaling-stroke",
        }),
    ),
    h("span", { class: "figure" }, text),
  );
}

/**
 * @param {App} app
 * @param {import("./frame.js").Measure} measure
 */
function limits(app, { minimum, maximum }) {
  const [least, most] = [minimum ?? null, maximum ?? null].map((one) =>
    one === null ? null : app.formats.number(one, 1),
  );
  if (least !== null && most !== null) return `${least} – ${most}`;
  if (least !== null) return `≥ ${least}`;
  return most === null ? "" : `≤ ${most}`;
}

/**
 * @param {App} app
 * @param {LiveFrame} frame
 */
function stages(app, frame) {
  const times = Object.entries(frame.stageMs);
  return h(
    "dl",
    { class: "stages" },
    ...times.map(([name, ms]) =>
      h(
        "div",
        {},
        h("dt", {}, app.name("stage", name)),
        h("dd", {}, `${app.formats.number(ms, 1, 1)} ms`),
      ),
    ),
  );
}
