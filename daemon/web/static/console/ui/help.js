/** Help texts as the configuration's reference has them: `so` marks what is typed as it stands. */
import { h } from "../../shared/dom.js";

/**
 * @param {string} text
 * @returns {HTMLSpanElement}
 */
export function helpText(text) {
  const parts = text
    .split("`")
    .map((part, index) => (index % 2 === 1 ? h("code", {}, part) : part));
  return h("span", {}, ...parts);
}
