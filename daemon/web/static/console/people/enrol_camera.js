/** Enrol who stands at the camera: the id, then the live picture with hints until enough clear pictures are taken. */
import { fill, h } from "../../shared/dom.js";
import { livePicture } from "../live/picture.js";
import { button } from "../ui/button.js";
import { openDialog } from "../ui/dialog.js";
import { explain } from "../ui/failure.js";
import { checkbox, field, form, input } from "../ui/form.js";
import { icon } from "../ui/icon.js";
import { PERSON_ID } from "./person_id.js";

/** @typedef {import("../app.js").App} App */

const SECONDS = 45;

/**
 * @param {App} app
 * @param {{ personId?: string, done: () => void }} what `personId`: whose face data are replaced
 */
export function enrolAtCamera(app, { personId, done }) {
  const body = h("div", {});
  const dialog = openDialog(app, {
    title:
      personId === undefined
        ? app.say("enrol.camera")
        : app.say("enrol.again", { person: personId }),
    body,
    onClose: () => end(),
  });
  let end = () => {};

  /**
   * @param {string} id
   * @param {boolean} replace
   */
  async function run(id, replace) {
    const watching = watch(app, id);
    end = watching.close;
    fill(body, watching.element);
    try {
      await app.calls.send("POST", "/device/enrol", {
        personId: id,
        seconds: SECONDS,
        replace,
      });
      watching.close();
      fill(body, ...finished(app, id, dialog.close));
      done();
    } catch (error) {
      watching.close();
      const again = button(app.say("again"), () => run(id, replace), {
        tone: "primary",
        icon: "refresh-cw",
      });
      fill(body, ...failed(app, explain(app, error), again));
    }
  }

  if (personId === undefined) fill(body, ask(app, run));
  else void run(personId, true);
}

/**
 * @param {App} app
 * @param {(id: string, replace: boolean) => Promise<void>} run
 */
function ask(app, run) {
  let replace = false;
  const id = field(
    app.say("person.id"),
    input({
      autocapitalize: "none",
      spellcheck: "false",
      autofocus: true,
      maxlength: 128,
    }),
    {
      hint: app.say("person.id.hint"),
    },
  );
  return form({
    fields: [
      h("p", { class: "quiet" }, app.say("enrol.camera.text")),
      id.element,
      checkbox(
        app.say("enrol.replace"),
        false,
        (checked) => (replace = checked),
      ),
    ],
    action: app.say("enrol.start"),
    explain: String,
    async send() {
      const value = id.control.value.trim();
      const well = PERSON_ID.test(value);
      id.fail(well ? null : app.say("person.id.wrong"));
      if (well) void run(value, replace);
      else id.control.focus();
    },
  });
}

/**
 * @param {App} app
 * @param {string} id
 */
function watch(app, id) {
  const hint = h(
    "p",
    { class: "enrol-hint", role: "status" },
    app.say("enrol.look"),
  );
  const steps = h("p", { class: "enrol-steps", "aria-hidden": "true" });
  let said = "";
  const picture = livePicture(app, ({ enrolment }) => {
    if (!enrolment) return;
    const { taken, wanted } = enrolment;
    const words = enrolment.hint
      ? app.name("hint", enrolment.hint)
      : app.say("enrol.good", { taken, wanted });
    // Said again only when it changes, or it would be heard ten times a second.
    if (words !== said) fill(hint, (said = words));
    fill(
      steps,
      ...Array.from({ length: wanted }, (_, index) =>
        h("span", { class: index < taken ? "taken" : "" }),
      ),
    );
  });
  const element = h(
    "div",
    { class: "enrol" },
    h("p", { class: "quiet" }, app.say("enrol.whom", { person: id })),
    picture.element,
    steps,
    hint,
  );
  return { element, close: picture.close };
}

/**
 * @param {App} app
 * @param {string} id
 * @param {() => void} close
 */
function finished(app, id, close) {
  return [
    h(
      "div",
      { class: "notice", role: "status" },
      icon("circle-check", "notice-icon good"),
      h("p", { class: "notice-title" }, app.say("enrol.done", { person: id })),
      h("p", { class: "quiet" }, app.say("enrol.done.text")),
    ),
    h(
      "div",
      { class: "form-actions" },
      button(app.say("close"), close, { tone: "primary" }),
    ),
  ];
}

/**
 * @param {App} app
 * @param {string} reason
 * @param {HTMLElement} again
 */
function failed(app, reason, again) {
  return [
    h(
      "div",
      { class: "notice", role: "alert" },
      icon("triangle-alert", "notice-icon bad"),
      h("p", { class: "notice-title" }, app.say("enrol.failed")),
      h("p", { class: "quiet" }, reason),
    ),
    h("div", { class: "form-actions" }, again),
  ];
}
