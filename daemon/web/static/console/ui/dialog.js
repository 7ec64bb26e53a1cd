/** Dialogs by the browser's own <dialog>: it keeps the focus inside, closes on Escape, and gives the focus back. */
import { h } from "../../shared/dom.js";
import { button, iconButton } from "./button.js";
import { icon } from "./icon.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../../shared/dom.js").Child} Child */

/**
 * @typedef {object} OpenDialog
 * @property {HTMLDialogElement} element
 * @property {() => void} close
 */

/**
 * @param {App} app
 * @param {object} what
 * @param {string} what.title
 * @param {Child | Child[]} what.body
 * @param {(Child)[]} [what.actions] the last one is the one that is meant
 * @param {boolean} [what.wide]
 * @param {() => void} [what.onClose]
 * @returns {OpenDialog}
 */
export function openDialog(
  app,
  { title, body, actions = [], wide = false, onClose = () => {} },
) {
  const id = `dialog-${crypto.randomUUID()}`;
  /** @type {HTMLDialogElement} */
  const element = h(
    "dialog",
    { class: wide ? "dialog wide" : "dialog", "aria-labelledby": id },
    h(
      "header",
      { class: "dialog-head" },
      h("h2", { id }, title),
      iconButton("x", app.say("close"), () => element.close()),
    ),
    h("div", { class: "dialog-body" }, ...[body].flat()),
    actions.length > 0
      ? h("footer", { class: "dialog-actions" }, ...actions)
      : null,
  );
  element.addEventListener("close", () => {
    element.remove();
    onClose();
  });
  document.body.append(element);
  element.showModal();
  return { element, close: () => element.close() };
}

/**
 * Ask before something that matters is done.
 * @param {App} app
 * @param {object} what
 * @param {string} what.title
 * @param {string} what.text
 * @param {string} what.action the button that does it
 * @param {string} [what.icon]
 * @param {boolean} [what.danger]
 * @returns {Promise<boolean>}
 */
export function confirm(app, what) {
  return new Promise((resolve) => {
    let agreed = false;
    const dialog = openDialog(app, {
      title: what.title,
      body: h(
        "div",
        { class: "confirm" },
        what.icon ? icon(what.icon, what.danger ? "bad" : "accent") : null,
        h("p", {}, what.text),
      ),
      actions: [
        button(app.say("cancel"), () => dialog.close()),
        button(
          what.action,
          () => {
            agreed = true;
            dialog.close();
          },
          { tone: what.danger ? "danger" : "primary" },
        ),
      ],
      onClose: () => resolve(agreed),
    });
  });
}
