/** A list that grows by a page as its end comes into sight. */
import { h } from "../../shared/dom.js";
import { button } from "../ui/button.js";

/**
 * @template T
 * @typedef {object} Page
 * @property {T[]} rows
 * @property {number | string | null} next where the following page begins; null at the end
 */

/**
 * @template T
 * @param {import("../app.js").App} app
 * @param {object} what
 * @param {Page<T>} what.first
 * @param {(from: number | string) => Promise<Page<T>>} what.load raises as a call does
 * @param {(row: T) => HTMLLIElement} what.row
 * @param {(error: unknown) => void} what.failed
 */
export function growingList(app, { first, load, row, failed }) {
  const list = h("div", { class: "pages" });
  const more = button(app.say("more"), grow, { icon: "chevron-down" });
  const element = h("div", {}, list, h("p", { class: "pages-more" }, more));
  let next = first.next;
  let growing = false;
  const watcher = new IntersectionObserver(
    (seen) => {
      if (seen.some((one) => one.isIntersecting)) void grow();
    },
    { rootMargin: "600px" },
  );

  /** @param {Page<T>} page */
  function add(page) {
    list.append(h("ol", { class: "rows page" }, ...page.rows.map(row)));
    next = page.next;
    more.hidden = next === null;
  }

  async function grow() {
    if (next === null || growing) return;
    growing = true;
    try {
      add(await load(next));
      // Looked for anew: an end that is in sight still is told no second time.
      watcher.unobserve(more);
      watcher.observe(more);
    } catch (error) {
      failed(error);
    } finally {
      growing = false;
    }
  }

  add(first);
  watcher.observe(more);
  return {
    element,
    /** @param {T} value */
    prepend: (value) => list.querySelector("ol")?.prepend(row(value)),
    close: () => watcher.disconnect(),
  };
}
