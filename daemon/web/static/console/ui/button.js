/** Buttons that say what they do, and that can't be pressed twice while it is being done. */
import { h } from "../../shared/dom.js";
import { icon } from "./icon.js";

/**
 * @typedef {object} ButtonLook
 * @property {string} [icon]
 * @property {"plain" | "primary" | "danger" | "quiet"} [tone]
 * @property {boolean} [large]
 * @property {string} [title] what is heard where the label is not enough
 */

/**
 * @param {string} label
 * @param {(event: MouseEvent) => unknown} press a promise keeps the button busy until it is settled
 * @param {ButtonLook} [look]
 */
export function button(label, press, look = {}) {
  const element = h(
    "button",
    {
      type: "button",
      class: `button ${look.tone ?? "plain"}${look.large ? " large" : ""}`,
      "aria-label": look.title,
    },
    look.icon ? icon(look.icon) : null,
    h("span", {}, label),
  );
  element.addEventListener("click", (event) =>
    busyWhile(element, () => press(event)),
  );
  return element;
}

/**
 * An icon alone; its label is heard and shows as a tip.
 * @param {string} name
 * @param {string} label
 * @param {(event: MouseEvent) => unknown} press
 */
export function iconButton(name, label, press) {
  const element = h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": label,
      title: label,
    },
    icon(name),
  );
  element.addEventListener("click", (event) =>
    busyWhile(element, () => press(event)),
  );
  return element;
}

/**
 * @param {HTMLButtonElement} element
 * @param {() => unknown} work
 */
export async function busyWhile(element, work) {
  if (element.getAttribute("aria-busy") === "true") return;
  const doing = work();
  if (!(doing instanceof Promise)) return;
  element.setAttribute("aria-busy", "true");
  try {
    await doing;
  } finally {
    element.removeAttribute("aria-busy");
  }
}
