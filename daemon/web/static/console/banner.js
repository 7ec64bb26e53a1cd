/** Says at the top of every view when the terminal is away, or when the door is not as it usually is. */
import { fill, h } from "../shared/dom.js";
import { icon } from "./ui/icon.js";

// A restart that takes no longer is not worth a word.
const PATIENCE_MS = 1500;

/**
 * @param {import("./app.js").App} app
 */
export function connectionBanner(app) {
  const element = h("div", { class: "banner", role: "status" });
  element.hidden = true;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let due;

  /** @param {import("./happenings.js").ConnectionState} state */
  function turn(state) {
    clearTimeout(due);
    if (state === "offline" || state === "refused")
      due = setTimeout(() => show(state), PATIENCE_MS);
    else element.hidden = true;
  }

  /** @param {"offline" | "refused"} state */
  function show(state) {
    const offline = state === "offline";
    element.hidden = false;
    fill(
      element,
      icon(offline ? "unplug" : "clock"),
      h("span", {}, app.say(offline ? "banner.offline" : "banner.refused")),
    );
  }

  turn(app.happenings.state);
  const unwatch = app.happenings.watch(turn);
  return {
    element,
    close() {
      unwatch();
      clearTimeout(due);
    },
  };
}
