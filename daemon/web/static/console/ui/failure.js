/** What a call failed with, in the reader's words. */
import { CallError } from "../../shared/api.js";

/** @typedef {import("../app.js").App} App */

/**
 * @param {Pick<App, "say" | "name">} app
 * @param {unknown} error
 * @returns {string}
 */
export function explain(app, error) {
  if (!(error instanceof CallError)) return String(error);
  if (error.offline) return app.say("failure.offline");
  const known = app.name("code", error.code);
  // The terminal's own words are exact but English; for what people meet there is a sentence in their language.
  return known === error.code.replaceAll("_", " ") ? error.message : known;
}

/**
 * Do something and say what it failed with, if it does.
 * @template T
 * @param {App} app
 * @param {() => Promise<T>} work
 * @returns {Promise<T | null>} null when it failed
 */
export async function attempt(app, work) {
  try {
    return await work();
  } catch (error) {
    app.tell(explain(app, error), "bad");
    return null;
  }
}
