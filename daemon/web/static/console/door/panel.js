/** The door as it stands, live, and what an operator may ask of it. */
import { fill, h } from "../../shared/dom.js";
import { button } from "../ui/button.js";
import { confirm } from "../ui/dialog.js";
import { attempt } from "../ui/failure.js";
import { select } from "../ui/form.js";
import { icon } from "../ui/icon.js";
import { pane } from "../ui/pane.js";
import { DOOR_LOOKS, doorWord } from "./state.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("./state.js").DoorState} DoorState */
/** @typedef {{ door: DoorState | null }} DoorBody */

const SECONDS = [5, 15, 30, 60];

/**
 * @param {App} app
 * @param {{ lasting?: boolean }} [how] `lasting`: an unlock's length can be chosen
 */
export function doorPanel(app, { lasting = false } = {}) {
  const place = h("div", { class: "door-panel" });
  const actions = app.may("operator") ? doorActions(app, lasting) : null;

  /** @param {DoorState | null} state */
  function show(state) {
    const word = doorWord(state);
    const { icon: sign, tone } = DOOR_LOOKS[word];
    const contact = state?.contact
      ? app.name("contact", state.contact)
      : app.say("door.no_contact");
    fill(
      place,
      h(
        "div",
        { class: `door-state ${tone}`, role: "status" },
        icon(sign),
        h(
          "div",
          {},
          h("strong", {}, app.name("doorstate", word)),
          h("span", {}, state === null ? "" : contact),
        ),
      ),
      actions?.for(state) ?? h("p", { class: "quiet" }, app.say("door.viewer")),
    );
  }

  const content = pane(app, {
    rows: 2,
    load: (signal) =>
      /** @type {Promise<DoorBody>} */ (app.calls.get("/device/door", signal)),
    show(body) {
      show(body.door);
      return place;
    },
  });
  const unlisten = app.happenings.listen((kind, data) => {
    if (kind === "door") show(data);
  });
  return {
    element: content.element,
    close() {
      unlisten();
      content.close();
    },
  };
}

/**
 * @param {App} app
 * @param {boolean} lasting
 */
function doorActions(app, lasting) {
  const lengths = [
    ["", app.say("door.usual")],
    ...SECONDS.map((one) => [String(one), app.say("seconds", { count: one })]),
  ];
  const length = select(/** @type {[string, string][]} */ (lengths), "", {
    class: "control",
    "aria-label": app.say("door.length"),
  });

  /**
   * @param {"unlock" | "lock" | "lockdown" | "end_lockdown"} action
   */
  async function order(action) {
    const seconds =
      action === "unlock" && length.value !== ""
        ? { seconds: Number(length.value) }
        : {};
    const done = await attempt(app, () =>
      app.calls.send("POST", "/device/door", { action, ...seconds }),
    );
    if (done !== null) app.tell(app.name("ordered", action));
  }

  const unlock = button(app.say("door.unlock"), askUnlock, {
    tone: "primary",
    icon: "lock-open",
    large: true,
  });
  const lock = button(app.say("door.lock"), () => order("lock"), {
    icon: "lock",
    large: true,
  });
  const down = button(app.say("door.lockdown"), askLockdown, {
    tone: "danger",
    icon: "shield-alert",
    large: true,
  });
  const end = button(app.say("door.end_lockdown"), askEnd, {
    tone: "primary",
    icon: "shield-check",
    large: true,
  });

  async function askUnlock() {
    const what = {
      title: app.say("door.unlock.title"),
      text: app.say("door.unlock.text"),
      action: app.say("door.unlock"),
    };
    if (await confirm(app, { ...what, icon: "lock-open" }))
      await order("unlock");
  }

  async function askLockdown() {
    const what = {
      title: app.say("door.lockdown.title"),
      text: app.say("door.lockdown.text"),
      action: app.say("door.lockdown"),
    };
    if (await confirm(app, { ...what, icon: "shield-alert", danger: true }))
      await order("lockdown");
  }

  async function askEnd() {
    const what = {
      title: app.say("door.end.title"),
      text: app.say("door.end.text"),
      action: app.say("door.end_lockdown"),
    };
    if (await confirm(app, { ...what, icon: "shield-check" }))
      await order("end_lockdown");
  }

  return {
    /**
     * Only what makes sense as the door stands.
     * @param {DoorState | null} state
     */
    for(state) {
      if (state?.lockdown) return h("div", { class: "door-actions" }, end);
      const unlocked = state?.lock === "unlocked";
      return h(
        "div",
        { class: "door-actions" },
        unlocked
          ? lock
          : h("div", { class: "door-unlock" }, unlock, lasting ? length : null),
        down,
      );
    },
  };
}
