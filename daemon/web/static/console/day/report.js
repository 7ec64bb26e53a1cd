/** A day at the door, as the terminal counts it. */

/**
 * Counts over bins; `bins` holds their lower edges.
 * @typedef {object} Distribution
 * @property {number[]} bins
 * @property {number[]} granted
 * @property {number[]} denied
 * @property {number} threshold
 */

/**
 * @typedef {object} DayReport
 * @property {string} date
 * @property {string} timezone
 * @property {{ hour: number, granted: number, denied: number }[]} hours
 * @property {{ reason: string, count: number }[]} reasons
 * @property {Distribution} similarity percent
 * @property {Distribution} liveness 0 to 1
 * @property {{ p50: number | null, p99: number | null, hours: { hour: number, p50: number | null, p99: number | null }[] }} latencyMs
 * @property {{ at: string, celsius: number }[]} temperature
 */

/** @param {readonly number[]} numbers */
export function sum(numbers) {
  return numbers.reduce((total, one) => total + one, 0);
}

/** @param {Distribution} distribution */
export function counted({ granted, denied }) {
  return sum(granted) + sum(denied);
}
