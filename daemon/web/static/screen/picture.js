/**
 * Puts a scene on the page; only what has changed is touched.
 * @import { Words } from "../shared/i18n.js"
 * @import { Key, Scene } from "./scene.js"
 */
import { byId, fill } from "../shared/dom.js";
import { icon } from "./icons.js";

export class Picture {
  #screen = byId("screen");
  #icon = byId("icon");
  #sentence = byId("sentence");
  #detail = byId("detail");
  #time = byId("time");
  #shown = "";

  /**
   * @param {Scene} scene
   * @param {Words<Key>} words
   * @returns {boolean} whether it is another one than before
   */
  show(scene, words) {
    const all = JSON.stringify([scene, words.language]);
    if (all === this.#shown) return false;
    this.#shown = all;
    this.#screen.dataset["mood"] = scene.mood;
    this.#sentence.textContent = words.say(scene.sentence, {
      name: scene.name ?? "",
    });
    this.#detail.textContent = scene.detail ? words.say(scene.detail) : "";
    this.#detail.hidden = !scene.detail;
    fill(this.#icon, icon(scene.icon));
    return true;
  }

  /**
   * The hour of the idle picture.
   * @param {Date} now
   * @param {string} language
   */
  tick(now, language) {
    this.#time.textContent = now.toLocaleTimeString(language, {
      hour: "2-digit",
      minute: "2-digit",
    });
  }
}
