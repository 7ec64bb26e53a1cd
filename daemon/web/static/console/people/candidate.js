/** One picture that somebody wants to enrol: its face, the id it shall have, and what became of it. */
import { fill, h } from "../../shared/dom.js";
import { iconButton } from "../ui/button.js";
import { checkbox, field, input } from "../ui/form.js";
import { badge } from "../ui/parts.js";
import { PERSON_ID, idOfFile } from "./person_id.js";

/** @typedef {import("../app.js").App} App */

/**
 * @typedef {object} Candidate
 * @property {HTMLLIElement} element
 * @property {File} file
 * @property {() => string | null} personId null, and told at the field, when it is none
 * @property {() => boolean} replace
 * @property {() => boolean} wanted whether it is still to be enrolled
 * @property {(tone: "good" | "wait" | "bad", text: string) => void} say
 * @property {() => void} offerReplacing
 * @property {() => void} close
 */

/**
 * @param {App} app
 * @param {File} file
 * @param {() => void} remove
 * @returns {Candidate}
 */
export function candidate(app, file, remove) {
  const url = URL.createObjectURL(file);
  let enrolled = false;
  let replacing = false;
  const id = field(
    app.say("person.id"),
    input({
      value: idOfFile(file.name),
      maxlength: 128,
      spellcheck: "false",
      autocapitalize: "none",
    }),
  );
  const outcome = h("div", { class: "candidate-outcome", role: "status" });
  const offer = h("div", {});
  const element = h(
    "li",
    { class: "candidate" },
    h("img", { src: url, alt: file.name }),
    h("div", { class: "candidate-what" }, id.element, offer, outcome),
    iconButton("x", app.say("enrol.leave_out", { file: file.name }), () => {
      element.remove();
      URL.revokeObjectURL(url);
      remove();
    }),
  );
  return {
    element,
    file,
    personId() {
      const value = id.control.value.trim();
      const well = PERSON_ID.test(value);
      id.fail(well ? null : app.say("person.id.wrong"));
      return well ? value : null;
    },
    replace: () => replacing,
    wanted: () => !enrolled,
    say(tone, text) {
      enrolled = tone === "good";
      fill(outcome, badge(text, tone));
    },
    offerReplacing() {
      if (offer.childElementCount > 0) return;
      offer.append(
        checkbox(
          app.say("enrol.replace"),
          false,
          (checked) => (replacing = checked),
        ),
      );
    },
    close: () => URL.revokeObjectURL(url),
  };
}
