/** One person: how they stand, when they may come, card and PIN, face data, and their erasure. */
import { h } from "../../shared/dom.js";
import { personPath } from "../calls.js";
import { accessCard } from "../people/access.js";
import { credentialsCard } from "../people/credentials.js";
import { enrolAtCamera } from "../people/enrol_camera.js";
import { erase } from "../people/erase.js";
import { standingBadge } from "../people/rows.js";
import { button } from "../ui/button.js";
import { confirm } from "../ui/dialog.js";
import { attempt } from "../ui/failure.js";
import { pane } from "../ui/pane.js";
import { card, facts, viewHead } from "../ui/parts.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../people/rows.js").PersonRow} PersonRow */

/**
 * @param {App} app
 * @param {string} personId
 * @returns {import("../app.js").View}
 */
export function person(app, personId) {
  /** @type {import("../ui/pane.js").Pane} */
  const content = pane(app, {
    load: (signal) =>
      /** @type {Promise<PersonRow>} */ (
        app.calls.get(`${personPath(personId)}/access`, signal)
      ),
    show: (row) =>
      h(
        "div",
        { class: "cards" },
        stateCard(app, row, content.reload),
        accessCard(app, row, content.reload),
        app.may("administrator")
          ? credentialsCard(app, row, content.reload)
          : null,
        app.may("operator") ? faceCard(app, row, content.reload) : null,
      ),
  });
  const back = h("a", { href: "#/people" }, app.say("people"));
  const head = viewHead(
    personId,
    back,
    h(
      "a",
      {
        class: "button plain",
        href: `#/events/${encodeURIComponent(personId)}`,
      },
      app.say("person.events"),
    ),
  );
  return { element: h("div", {}, head, content.element), close: content.close };
}

/**
 * @param {App} app
 * @param {PersonRow} row
 * @param {() => Promise<void>} changed
 */
function stateCard(app, row, changed) {
  async function turn() {
    const what = {
      title: app.say("suspend.title", { person: row.personId }),
      text: app.say("suspend.text"),
      action: app.say("suspend"),
      icon: "ban",
      danger: true,
    };
    if (row.active && !(await confirm(app, what))) return;
    const state = row.active ? "suspended" : "active";
    const done = await attempt(app, () =>
      app.calls.send("POST", `${personPath(row.personId)}/state`, { state }),
    );
    if (done === null) return;
    app.tell(
      app.say(row.active ? "suspend.done" : "resume.done", {
        person: row.personId,
      }),
    );
    await changed();
  }

  const action = row.active
    ? button(app.say("suspend"), turn, { icon: "ban" })
    : button(app.say("resume"), turn, { icon: "user-check", tone: "primary" });
  return card(app.say("people.state"), [
    h("p", { class: "person-state" }, standingBadge(app, row)),
    facts([
      [app.say("person.created"), app.formats.moment(row.created)],
      [app.say("people.updated"), app.formats.moment(row.updated)],
    ]),
    app.may("operator") ? h("div", { class: "card-actions" }, action) : null,
  ]);
}

/**
 * @param {App} app
 * @param {PersonRow} row
 * @param {() => Promise<void>} changed
 */
function faceCard(app, row, changed) {
  const again = () =>
    enrolAtCamera(app, { personId: row.personId, done: () => void changed() });
  return card(app.say("person.face"), [
    facts([[app.say("person.templates"), app.formats.number(row.templates)]]),
    h("p", { class: "quiet" }, app.say("person.face.text")),
    h(
      "div",
      { class: "card-actions" },
      button(app.say("person.replace"), again, { icon: "camera" }),
      app.may("administrator")
        ? button(app.say("erase"), () => erase(app, row.personId), {
            icon: "trash-2",
            tone: "danger",
          })
        : null,
    ),
  ]);
}
