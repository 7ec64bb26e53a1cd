/** Erase a person, and give the receipt that proves it: to print, or to keep as a file. */
import { h } from "../../shared/dom.js";
import { personPath } from "../calls.js";
import { button } from "../ui/button.js";
import { openDialog } from "../ui/dialog.js";
import { explain } from "../ui/failure.js";
import { field, form, input } from "../ui/form.js";
import { facts } from "../ui/parts.js";
import { saveFile } from "../ui/save_file.js";

/** @typedef {import("../app.js").App} App */

/**
 * @typedef {object} Receipt
 * @property {string} personHash
 * @property {string} erased
 * @property {number} templates
 * @property {number} images
 * @property {boolean} complete
 */

/** @typedef {{ personId: string, created: string, receipt: Receipt }} Erased */

/**
 * The id has to be typed: there is no way back.
 * @param {App} app
 * @param {string} personId
 */
export function erase(app, personId) {
  const typed = field(
    app.say("erase.type", { person: personId }),
    input({ autocapitalize: "none", spellcheck: "false", autofocus: true }),
  );
  const dialog = openDialog(app, {
    title: app.say("erase.title", { person: personId }),
    body: form({
      fields: [h("p", {}, app.say("erase.text")), typed.element],
      action: app.say("erase"),
      others: [button(app.say("cancel"), () => dialog.close())],
      explain: (error) => explain(app, error),
      async send() {
        const right = typed.control.value.trim() === personId;
        typed.fail(right ? null : app.say("erase.unlike"));
        if (!right) return typed.control.focus();
        const erased = /** @type {Erased} */ (
          await app.calls.send("DELETE", personPath(personId))
        );
        dialog.close();
        showReceipt(app, erased);
      },
    }),
  });
}

/**
 * @param {App} app
 * @param {Erased} erased
 */
function showReceipt(app, { personId, created, receipt }) {
  /** @type {[string, string][]} */
  const lines = [
    [app.say("person"), personId],
    [app.say("receipt.terminal"), app.session.device ?? ""],
    [
      app.say("receipt.erased"),
      `${app.formats.moment(receipt.erased)} (${app.formats.zone})`,
    ],
    [app.say("person.created"), app.formats.moment(created)],
    [app.say("receipt.templates"), app.formats.number(receipt.templates)],
    [app.say("receipt.images"), app.formats.number(receipt.images)],
    [
      app.say("receipt.complete"),
      app.say(receipt.complete ? "yes" : "receipt.later"),
    ],
    [app.say("receipt.hash"), receipt.personHash],
    [app.say("receipt.by"), app.session.user ?? ""],
  ];
  const text = [
    app.say("receipt.title"),
    "",
    ...lines.map(([name, value]) => `${name}: ${value}`),
    "",
  ].join("\n");
  openDialog(app, {
    title: app.say("receipt.title"),
    body: h(
      "div",
      { class: "receipt" },
      facts(lines),
      h("p", { class: "quiet" }, app.say("receipt.text")),
    ),
    actions: [
      button(
        app.say("receipt.save"),
        () => saveFile(`erasure-${receipt.erased.slice(0, 10)}.txt`, text),
        { icon: "download" },
      ),
      button(app.say("receipt.print"), () => window.print(), {
        icon: "printer",
        tone: "primary",
      }),
    ],
    onClose: () => (location.hash = "#/people"),
  });
}
