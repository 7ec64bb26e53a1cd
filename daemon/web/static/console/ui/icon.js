/** Icons out of one file; they stand beside words and are not heard. */
import { svg } from "../../shared/dom.js";

/**
 * @param {string} name a symbol of icons.svg
 * @param {string} [classes]
 * @returns {SVGSVGElement}
 */
export function icon(name, classes = "") {
  const use = svg("use", { href: `/web/console/icons.svg#${name}` });
  return svg(
    "svg",
    { class: `icon ${classes}`.trim(), "aria-hidden": "true" },
    use,
  );
}
