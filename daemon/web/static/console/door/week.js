/** A weekly schedule as seven bars of 24 hours, with its windows in words for everybody. */
import { h, svg } from "../../shared/dom.js";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY_MINUTES = 24 * 60;

/** @typedef {{ day: number, from: number, to: number }} Stretch minutes of a day; day 0 is Monday */

/**
 * The stretches of a window such as `mon-fri 07:00-19:00`; one past midnight goes on on the following day.
 * @param {string} window
 * @returns {Stretch[]}
 */
export function stretches(window) {
  const [days = "", hours = ""] = window.split(" ");
  const [from = 0, to = 0] = hours.split("-").map(minutes);
  return daysOf(days).flatMap((day) =>
    from < to
      ? [{ day, from, to }]
      : [
          { day, from, to: DAY_MINUTES },
          { day: (day + 1) % 7, from: 0, to },
        ],
  );
}

/**
 * @param {import("../app.js").App} app
 * @param {readonly string[]} windows
 */
export function week(app, windows) {
  const open = windows.flatMap(stretches);
  return h(
    "div",
    { class: "week", "aria-hidden": "true" },
    ...DAYS.map((name, day) =>
      h(
        "div",
        { class: "week-day" },
        h("span", {}, app.name("day", name)),
        bar(open.filter((one) => one.day === day)),
      ),
    ),
  );
}

/**
 * A window in the reader's words: `mon-fri 07:00-19:00` as "Mo–Fr 07:00–19:00".
 * @param {import("../app.js").App} app
 * @param {string} window
 */
export function windowWords(app, window) {
  return window
    .replace("daily", app.say("day.daily"))
    .replace(/[a-z]{3}(?=[ ,-])/g, (day) => app.name("day", day))
    .replaceAll("-", "–");
}

/** @param {Stretch[]} open */
function bar(open) {
  const parts = open.map(({ from, to }) =>
    svg("rect", {
      class: "week-open",
      x: from,
      y: 0,
      width: to - from,
      height: 10,
    }),
  );
  const hours = [6, 12, 18].map((hour) =>
    svg("line", {
      class: "week-hour",
      x1: hour * 60,
      x2: hour * 60,
      y1: 0,
      y2: 10,
      "vector-effect": "non-scaling-stroke",
    }),
  );
  return svg(
    "svg",
    { viewBox: `0 0 ${DAY_MINUTES} 10`, preserveAspectRatio: "none" },
    ...parts,
    ...hours,
  );
}

/** @param {string} text HH:MM */
function minutes(text) {
  const [hour = 0, minute = 0] = text.split(":").map(Number);
  return hour * 60 + minute;
}

/** @param {string} text `daily`, `mon-fri`, `sat,sun` */
function daysOf(text) {
  if (text === "daily") return DAYS.map((_, index) => index);
  return text.split(",").flatMap((part) => {
    const [first = "", last = first] = part.split("-");
    const from = DAYS.indexOf(first);
    const length = (DAYS.indexOf(last) - from + 7) % 7;
    return Array.from({ length: length + 1 }, (_, index) => (from + index) % 7);
  });
}
