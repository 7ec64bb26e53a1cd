/** Words of a page in one language: a JSON file of keys and sentences, in which {name} stands for a value. */
import { call } from "./api.js";

/**
 * @template {string} Key
 */
export class Words {
  #sentences;

  /**
   * @param {string} language as in the `lang` attribute
   * @param {Readonly<Record<string, string>>} sentences
   */
  constructor(language, sentences) {
    this.language = language;
    this.#sentences = sentences;
  }

  /**
   * The sentence of a key; the key itself where the language lacks it, so that a page never stands empty.
   * @param {Key} key
   * @param {Readonly<Record<string, string | number>>} [values]
   * @returns {string}
   */
  say(key, values = {}) {
    const sentence = this.#sentences[key] ?? key;
    return sentence.replace(/\{(\w+)\}/g, (all, name) =>
      String(values[name] ?? all),
    );
  }
}

/**
 * Read a page's language from its folder.
 * @template {string} Key
 * @param {string} folder such as "/web/screen/languages"
 * @param {string} language
 * @returns {Promise<Words<Key>>} Raises CallError when there is no such language or no terminal.
 */
export async function loadWords(folder, language) {
  /** @type {Record<string, string>} */
  const sentences = await call(
    "GET",
    `${folder}/${encodeURIComponent(language)}.json`,
  );
  return new Words(language, sentences);
}
