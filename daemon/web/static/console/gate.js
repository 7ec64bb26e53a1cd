/** What stands before the console: a card in the middle of the page, for login and first set-up. */
import { h } from "../shared/dom.js";

/** @typedef {import("../shared/dom.js").Child} Child */

/**
 * @param {object} what
 * @param {string} what.title
 * @param {string} what.text
 * @param {...Child} body
 */
export function gate({ title, text }, ...body) {
  return h(
    "main",
    { class: "gate" },
    h(
      "section",
      { class: "gate-card" },
      h("img", { src: "/web/shared/icon.svg", alt: "", width: 44, height: 44 }),
      h("h1", {}, title),
      h("p", { class: "quiet" }, text),
      ...body,
    ),
  );
}
