/** Small parts of which the views are made. */
import { h } from "../../shared/dom.js";
import { icon } from "./icon.js";

/** @typedef {import("../../shared/dom.js").Child} Child */
/** @typedef {"good" | "wait" | "bad" | "plain"} Tone */

const TONE_ICONS = {
  good: "circle-check",
  wait: "clock",
  bad: "circle-x",
  plain: "info",
};

/**
 * The head of a view: what it is, and what can be done on it as a whole.
 * @param {string} title
 * @param {Child} [about]
 * @param {...Child} actions
 */
export function viewHead(title, about = null, ...actions) {
  return h(
    "header",
    { class: "view-head" },
    h(
      "div",
      {},
      h("h1", { tabindex: -1 }, title),
      about ? h("p", { class: "quiet" }, about) : null,
    ),
    actions.length > 0 ? h("div", { class: "view-actions" }, ...actions) : null,
  );
}

/**
 * @param {string} title
 * @param {Child | Child[]} body
 * @param {{ class?: string, actions?: Child[] }} [look]
 */
export function card(title, body, look = {}) {
  return h(
    "section",
    { class: `card ${look.class ?? ""}`.trim() },
    h(
      "header",
      { class: "card-head" },
      h("h2", {}, title),
      ...(look.actions ?? []),
    ),
    ...[body].flat(),
  );
}

/**
 * A word with a colour and an icon, either of which is enough.
 * @param {string} text
 * @param {Tone} [tone]
 * @param {string} [iconName]
 */
export function badge(text, tone = "plain", iconName = TONE_ICONS[tone]) {
  return h(
    "span",
    { class: `badge ${tone}` },
    icon(iconName),
    h("span", {}, text),
  );
}

/**
 * @param {readonly (readonly [string, Child])[]} pairs
 */
export function facts(pairs) {
  return h(
    "dl",
    { class: "facts" },
    ...pairs.map(([name, value]) =>
      h("div", {}, h("dt", {}, name), h("dd", {}, value)),
    ),
  );
}

/**
 * @typedef {object} Column
 * @property {string} title
 * @property {"wide" | "figure"} [kind] `wide`: left out on a narrow page; `figure`: numbers, aligned right
 * @property {boolean} [unsaid] the title is only heard
 */

/**
 * @param {string} caption only heard
 * @param {readonly Column[]} columns
 * @param {readonly (readonly Child[])[]} rows the first cell of each names the row
 */
export function table(caption, columns, rows) {
  const heads = columns.map((column) =>
    h(
      "th",
      { scope: "col", class: column.kind },
      column.unsaid
        ? h("span", { class: "only-heard" }, column.title)
        : column.title,
    ),
  );
  const lines = rows.map((row) =>
    h(
      "tr",
      {},
      ...row.map((cell, index) =>
        index === 0
          ? h("th", { scope: "row" }, cell)
          : h("td", { class: columns[index]?.kind }, cell),
      ),
    ),
  );
  return h(
    "table",
    { class: "table" },
    h("caption", { class: "only-heard" }, caption),
    h("thead", {}, h("tr", {}, ...heads)),
    h("tbody", {}, ...lines),
  );
}

/**
 * A time that can be read by machines too.
 * @param {string} iso
 * @param {string} text
 */
export function time(iso, text) {
  return h("time", { datetime: iso, title: iso }, text);
}
