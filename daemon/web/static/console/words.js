/** The console's words: which languages there are, which one is wanted, and what a key says in it. */
import { loadWords } from "../shared/i18n.js";

/** @typedef {keyof typeof import("./languages/en.json")} Key */
/** @typedef {Readonly<Record<string, string | number>>} Values */

/** Every language by its own name; each is a file in languages/. */
export const LANGUAGES = { en: "English", de: "Deutsch" };
const STORED = "auther.language";

/**
 * What the console says in one language.
 * @typedef {object} Language
 * @property {string} code as in the `lang` attribute
 * @property {(key: Key, values?: Values) => string} say
 * @property {(family: string, value: string) => string} name the word for one of the API's values (`reason.spoof`); the
 *   value itself where there is none, so that a newer terminal's words still show
 */

/**
 * @param {string} code one of LANGUAGES
 * @returns {Promise<Language>}
 */
export async function loadLanguage(code) {
  /** @type {import("../shared/i18n.js").Words<string>} */
  const words = await loadWords("/web/console/languages", code);
  document.documentElement.lang = code;
  return {
    code,
    say: (key, values) => words.say(key, values),
    name(family, value) {
      const key = `${family}.${value}`;
      const word = words.say(key);
      return word === key ? value.replaceAll("_", " ") : word;
    },
  };
}

/**
 * The language that was chosen here before, else the first of the browser's that there is, else English.
 * @returns {string}
 */
export function wantedLanguage() {
  const wishes = [localStorage.getItem(STORED) ?? "", ...navigator.languages];
  const codes = wishes.map((wish) => wish.slice(0, 2).toLowerCase());
  return codes.find((code) => code in LANGUAGES) ?? "en";
}

/** @param {string} code */
export function rememberLanguage(code) {
  localStorage.setItem(STORED, code);
}
