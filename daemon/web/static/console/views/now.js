/** What is going on: the camera's picture with its scores, the door, the last events, and the terminal's health. */
import { fill, h } from "../../shared/dom.js";
import { doorPanel } from "../door/panel.js";
import { latest } from "../live/latest.js";
import { health } from "../live/health.js";
import { largest } from "../live/frame.js";
import { livePicture } from "../live/picture.js";
import { scores } from "../live/scores.js";
import { button } from "../ui/button.js";
import { card, viewHead } from "../ui/parts.js";

// Figures that change ten times a second can't be read.
const SCORES_MS = 300;

/** @typedef {import("../app.js").App} App */

/**
 * @param {App} app
 * @returns {import("../app.js").View}
 */
export function now(app) {
  const live = liveCards(app);
  const panel = doorPanel(app);
  const events = latest(app);
  const state = health(app);
  const all = h(
    "a",
    { class: "card-link", href: "#/events" },
    app.say("now.all_events"),
  );
  return {
    element: h(
      "div",
      {},
      viewHead(app.say("now")),
      h(
        "div",
        { class: "now" },
        live.picture,
        h(
          "div",
          { class: "now-side" },
          card(app.say("door"), panel.element),
          card(app.say("now.latest"), events.element, { actions: [all] }),
          card(app.say("health"), state.element),
        ),
        live.scores,
      ),
    ),
    close() {
      for (const one of [live, panel, events, state]) one.close();
    },
  };
}

/** @param {App} app */
function liveCards(app) {
  const figures = h(
    "div",
    { class: "scores-place" },
    h("p", { class: "quiet" }, app.say("live.nobody")),
  );
  const rate = h("span", { class: "quiet figure" });
  const place = h("div", {});
  const pause = button(app.say("live.pause"), toggle, {
    tone: "quiet",
    icon: "pause",
  });
  let shown = 0;
  /** @type {import("../live/frame.js").LiveFace | null} */
  let looked = null;
  /** @type {ReturnType<typeof livePicture> | null} */
  let running = null;

  /**
   * The face in front as it was looked at last: once it is decided, the terminal looks no more.
   * @param {import("../live/frame.js").LiveFrame} frame
   */
  function scored(frame) {
    const face = largest(frame.faces);
    if (face !== null && face.quality.length > 0) looked = face;
    return face !== null && looked?.trackId === face.trackId ? looked : face;
  }

  /** @param {import("../live/frame.js").LiveFrame} frame */
  function show(frame) {
    if (performance.now() - shown < SCORES_MS) return;
    shown = performance.now();
    fill(figures, ...scores(app, frame, scored(frame)));
    const { width, height, fps } = frame;
    fill(
      rate,
      `${width} × ${height}${fps === undefined ? "" : ` · ${app.say("health.per_second", { count: app.formats.number(fps, 1, 1) })}`}`,
    );
  }

  function toggle() {
    if (running === null) {
      running = livePicture(app, show);
      fill(place, running.element);
    } else {
      running.close();
      running = null;
    }
    const label = pause.querySelector("span");
    if (label)
      label.textContent = app.say(
        running === null ? "live.resume" : "live.pause",
      );
  }

  toggle();
  return {
    picture: card(app.say("live"), place, {
      class: "live-card",
      actions: [rate, pause],
    }),
    scores: card(app.say("live.scores"), figures, { class: "scores-card" }),
    close: () => running?.close(),
  };
}
