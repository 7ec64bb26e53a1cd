/** The camera's picture with a box around each face, live. */
import { subscribe } from "../../shared/events.js";
import { fill, h, set, svg } from "../../shared/dom.js";
import { icon } from "../ui/icon.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("./frame.js").LiveFrame} LiveFrame */
/** @typedef {import("./frame.js").LiveFace} LiveFace */

/**
 * @param {App} app
 * @param {(frame: LiveFrame) => void} onFrame
 * @returns {{ element: HTMLElement, close: () => void }}
 */
export function livePicture(app, onFrame) {
  const image = h("img", { class: "live-image", alt: app.say("live.alt") });
  const boxes = svg("svg", { class: "live-boxes", "aria-hidden": "true" });
  const note = h("p", { class: "live-note", role: "status" });
  const element = h("div", { class: "live" }, image, boxes, note);

  /**
   * @param {string} text
   * @param {string} sign
   */
  function say(text, sign) {
    element.classList.add("empty");
    fill(note, icon(sign), h("span", {}, text));
  }

  /** @param {LiveFrame} frame */
  function show(frame) {
    if (element.classList.contains("empty")) {
      element.classList.remove("empty");
      fill(note);
    }
    set(image, {
      src: `data:image/jpeg;base64,${frame.jpeg}`,
      width: frame.width,
      height: frame.height,
    });
    set(boxes, { viewBox: `0 0 ${frame.width} ${frame.height}` });
    fill(boxes, ...frame.faces.map((face) => box(app, face, frame)));
    onFrame(frame);
  }

  say(app.say("live.waiting"), "camera");
  const end = subscribe({
    path: "/device/live",
    onEvent: (kind, data) => kind === "frame" && show(data),
    onState(state, error) {
      if (state === "offline") say(app.say("live.offline"), "unplug");
      if (state === "refused")
        say(
          error?.status === 429
            ? app.say("live.busy")
            : app.say("live.refused"),
          "ban",
        );
    },
  });
  return { element, close: end };
}

/**
 * @param {App} app
 * @param {LiveFace} face
 * @param {LiveFrame} frame
 */
function box(app, face, frame) {
  const [x, y, width, height] = face.box;
  const size = frame.width / 36;
  const words = face.personId ?? app.name("face", face.state);
  const below = y < size * 2;
  return svg(
    "g",
    { class: `face ${face.state}` },
    svg("rect", { class: "face-halo", x, y, width, height, rx: size / 3 }),
    svg("rect", { class: "face-box", x, y, width, height, rx: size / 3 }),
    svg(
      "text",
      {
        x,
        y: below ? y + height + size * 1.2 : y - size * 0.5,
        "font-size": size,
      },
      words,
    ),
  );
}
