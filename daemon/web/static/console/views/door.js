/** The door: how it stands, what may be asked of it, and the rules that hold. */
import { h } from "../../shared/dom.js";
import { doorPanel } from "../door/panel.js";
import { doorRules } from "../door/rules.js";
import { pane } from "../ui/pane.js";
import { card, viewHead } from "../ui/parts.js";

/** @typedef {{ configuration: import("../door/rules.js").Configuration }} Shown */

/**
 * @param {import("../app.js").App} app
 * @returns {import("../app.js").View}
 */
export function door(app) {
  const panel = doorPanel(app, { lasting: true });
  const rules = pane(app, {
    load: (signal) =>
      /** @type {Promise<Shown>} */ (app.calls.get("/device/config", signal)),
    show: ({ configuration }) =>
      h("div", { class: "cards" }, ...doorRules(app, configuration)),
  });
  return {
    element: h(
      "div",
      {},
      viewHead(app.say("door")),
      card(app.say("door.now"), panel.element, { class: "door-card" }),
      h("h2", { class: "section-title" }, app.say("door.rules")),
      h("p", { class: "quiet section-text" }, app.say("door.rules.text")),
      rules.element,
    ),
    close() {
      panel.close();
      rules.close();
    },
  };
}
