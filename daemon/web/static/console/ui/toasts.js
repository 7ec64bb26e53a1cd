/** Short messages at the page's edge: heard at once, gone after a while, or when they are closed. */
import { fill, h } from "../../shared/dom.js";
import { iconButton } from "./button.js";
import { icon } from "./icon.js";

const SHOWN_MS = 7000;

/**
 * @param {() => string} closeLabel
 */
export function toasts(closeLabel) {
  const element = h("div", { class: "toasts", role: "status" });

  /**
   * @param {string} text
   * @param {"good" | "bad"} [tone]
   */
  function tell(text, tone = "good") {
    /** @type {HTMLDivElement} */
    const toast = h(
      "div",
      { class: `toast ${tone}` },
      icon(tone === "good" ? "circle-check" : "triangle-alert"),
      h("p", {}, text),
      iconButton("x", closeLabel(), () => toast.remove()),
    );
    // The latest word counts; a heap of them would cover what they are about.
    fill(element, toast);
    // What went wrong stays until it was read.
    if (tone === "good") setTimeout(() => toast.remove(), SHOWN_MS);
  }

  return { element, tell };
}
