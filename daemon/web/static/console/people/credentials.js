/** A person's card and PIN: set and taken away, never shown. */
import { h } from "../../shared/dom.js";
import { personPath } from "../calls.js";
import { button } from "../ui/button.js";
import { openDialog } from "../ui/dialog.js";
import { attempt, explain } from "../ui/failure.js";
import { field, form, input } from "../ui/form.js";
import { badge, card } from "../ui/parts.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("./rows.js").PersonRow} PersonRow */

/**
 * @param {App} app
 * @param {PersonRow} row
 * @param {() => Promise<void>} changed
 */
export function credentialsCard(app, row, changed) {
  return card(app.say("people.credentials"), [
    credential(app, {
      name: app.name("factor", "card"),
      there: row.card,
      set: () => setCard(app, row, changed),
      remove: () => remove("card"),
    }),
    credential(app, {
      name: app.name("factor", "pin"),
      there: row.pin,
      set: () => setPin(app, row, changed),
      remove: () => remove("pin"),
    }),
    h("p", { class: "quiet" }, app.say("credentials.text")),
  ]);

  /** @param {"card" | "pin"} what */
  async function remove(what) {
    const done = await attempt(app, () =>
      app.calls.send("DELETE", `${personPath(row.personId)}/${what}`),
    );
    if (done === null) return;
    app.tell(app.say("credentials.removed"));
    await changed();
  }
}

/**
 * @param {App} app
 * @param {{ name: string, there: boolean, set: () => void, remove: () => Promise<void> }} what
 */
function credential(app, { name, there, set, remove }) {
  return h(
    "div",
    { class: "credential" },
    h("strong", {}, name),
    badge(
      app.say(there ? "credentials.set" : "credentials.none"),
      there ? "good" : "plain",
    ),
    button(app.say(there ? "change" : "set"), set, {
      title: `${name}: ${app.say(there ? "change" : "set")}`,
    }),
    there
      ? button(app.say("remove"), remove, {
          tone: "quiet",
          title: `${name}: ${app.say("remove")}`,
        })
      : null,
  );
}

/**
 * @param {App} app
 * @param {PersonRow} row
 * @param {() => Promise<void>} changed
 */
function setCard(app, row, changed) {
  const number = field(
    app.say("card.number"),
    input({ inputmode: "numeric", required: true, autofocus: true }),
    {
      hint: app.say("card.number.hint"),
    },
  );
  const facility = field(
    app.say("card.facility"),
    input({ inputmode: "numeric" }),
    { hint: app.say("card.facility.hint") },
  );
  ask(app, {
    title: app.say("card.title", { person: row.personId }),
    fields: [number, facility],
    async send() {
      const body = {
        number: Number(number.control.value),
        ...(facility.control.value === ""
          ? {}
          : { facility: Number(facility.control.value) }),
      };
      await app.calls.send("PUT", `${personPath(row.personId)}/card`, body);
    },
    changed,
  });
}

/**
 * @param {App} app
 * @param {PersonRow} row
 * @param {() => Promise<void>} changed
 */
function setPin(app, row, changed) {
  const pin = field(
    app.say("pin"),
    input({
      type: "password",
      inputmode: "numeric",
      autocomplete: "off",
      minlength: 4,
      maxlength: 12,
      autofocus: true,
    }),
    {
      hint: app.say("pin.hint"),
    },
  );
  ask(app, {
    title: app.say("pin.title", { person: row.personId }),
    fields: [pin],
    send: () =>
      app.calls.send("PUT", `${personPath(row.personId)}/pin`, {
        pin: pin.control.value,
      }),
    changed,
  });
}

/**
 * @param {App} app
 * @param {{ title: string, fields: import("../ui/form.js").Field[], send: () => Promise<unknown>, changed: () => Promise<void> }} what
 */
function ask(app, { title, fields, send, changed }) {
  const dialog = openDialog(app, {
    title,
    body: form({
      fields: fields.map((one) => one.element),
      action: app.say("save"),
      others: [button(app.say("cancel"), () => dialog.close())],
      explain: (error) => explain(app, error),
      async send() {
        await send();
        dialog.close();
        app.tell(app.say("saved"));
        await changed();
      },
    }),
  });
}
