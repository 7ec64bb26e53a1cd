/** The screen's pictograms, each told from the others by its shape alone. Drawn in a square of 48. */
import { svg } from "../shared/dom.js";

const HEAD = "M24 8c7 0 11 5 11 13s-5 17-11 17-11-9-11-17S17 8 24 8Z";
const LAMP = "M24 15a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z";

/** Paths by name. */
const PATHS = {
  look: [HEAD, "M20 20v2", "M28 20v2", "M20 29q4 3 8 0"],
  wait: ["M24 6a18 18 0 1 0 0 36 18 18 0 0 0 0-36Z", "M24 14v11l7 4"],
  closer: [
    "M8 8h8",
    "M8 8v8",
    "M40 8h-8",
    "M40 8v8",
    "M8 40h8",
    "M8 40v-8",
    "M40 40h-8",
    "M40 40v-8",
    LAMP,
  ],
  light: [
    LAMP,
    "M24 4v5",
    "M24 39v5",
    "M4 24h5",
    "M39 24h5",
    "m10 10 3.5 3.5",
    "m34.500 34.500 3.500 3.500",
    "m10 38 3.500-3.500",
    "m34.500 13.500 3.500-3.500",
  ],
  shade: ["M38 28A16 16 0 1 1 20 10a13 13 0 0 0 18 18Z"],
  still: ["M15 10v28", "M33 10v28"],
  eye: [
    "M4 24s7-12 20-12 20 12 20 12-7 12-20 12S4 24 4 24Z",
    "M24 18a6 6 0 1 0 0 12 6 6 0 0 0 0-12Z",
  ],
  uncover: [HEAD, "M13 25q11-5 22 0", "m6 6 36 36"],
  one: [
    "M18 12a6 6 0 1 0 0 12 6 6 0 0 0 0-12Z",
    "M6 40c0-8 5-12 12-12s12 4 12 12",
    "m34 18 10 10",
    "m44 18-10 10",
  ],
  left: ["M40 24H9", "m20 12-12 12 12 12"],
  right: ["M8 24h31", "m28 12 12 12-12 12"],
  good: ["m8 25 11 11 21-24"],
  bad: ["m11 11 26 26", "m37 11-26 26"],
  again: ["M39 24a15 15 0 1 1-5-11", "M35 5v9h-9"],
  clock: ["M24 6a18 18 0 1 0 0 36 18 18 0 0 0 0-36Z", "M24 13v11h-9"],
  lock: ["M12 22h24v18H12Z", "M17 22v-6a7 7 0 0 1 14 0v6", "M24 29v5"],
  two: [
    "M17 12a6 6 0 1 0 0 12 6 6 0 0 0 0-12Z",
    "M6 40c0-8 4-12 11-12",
    "M32 12a6 6 0 1 0 0 12 6 6 0 0 0 0-12Z",
    "M21 40c0-8 4-12 11-12s11 4 11 12",
  ],
  keypad: [
    "M12 10v.1",
    "M24 10v.1",
    "M36 10v.1",
    "M12 22v.1",
    "M24 22v.1",
    "M36 22v.1",
    "M12 34v.1",
    "M24 34v.1",
    "M36 34v.1",
  ],
  door: ["M13 42V6h22v36", "M7 42h34", "M29 24v2"],
  away: [
    "M6 18q18-16 36 0",
    "M13 26q11-10 22 0",
    "M20 33q4-3.500 8 0",
    "M24 40v.1",
    "m8 6 32 36",
  ],
  blind: [
    "M6 15h8l4-6h12l4 6h8v24H6Z",
    "M24 20a7 7 0 1 0 0 14 7 7 0 0 0 0-14Z",
    "m5 5 38 38",
  ],
  key: ["M16 16a8 8 0 1 0 0 16 8 8 0 0 0 0-16Z", "M24 24h19v6", "M35 24v5"],
};

/** @typedef {keyof typeof PATHS} IconName */

/**
 * @param {IconName} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  return svg(
    "svg",
    { viewBox: "0 0 48 48" },
    PATHS[name].map((d) => svg("path", { d })),
  );
}
