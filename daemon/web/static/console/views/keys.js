/** The API keys of programs: made with what they may, shown once, revoked. */
import { h } from "../../shared/dom.js";
import { button, iconButton } from "../ui/button.js";
import { confirm, openDialog } from "../ui/dialog.js";
import { attempt, explain } from "../ui/failure.js";
import { checkbox, field, form, input } from "../ui/form.js";
import { pane } from "../ui/pane.js";
import { badge, table, viewHead } from "../ui/parts.js";

/** @typedef {import("../app.js").App} App */

/**
 * @typedef {object} Key
 * @property {string} name
 * @property {string[]} permissions
 * @property {string | null} [algorithm]
 * @property {string} created
 * @property {string | null} [used]
 * @property {string | null} [revoked]
 */

/** @typedef {{ key: string, secret?: string | null }} MadeKey */

const PERMISSIONS = [
  "identify",
  "verify",
  "compare",
  "lookup",
  "enrol",
  "persons",
  "view",
  "watch",
  "door",
  "device",
  "settings",
  "keys",
  "users",
  "backups",
  "audit",
];

/**
 * @param {App} app
 * @returns {import("../app.js").View}
 */
export function keys(app) {
  const content = pane(app, {
    load: (signal) =>
      /** @type {Promise<{ keys: Key[] }>} */ (
        app.calls.get("/device/keys", signal)
      ),
    empty: (body) =>
      body.keys.length === 0
        ? {
            icon: "key-round",
            title: app.say("keys.none"),
            text: app.say("keys.none.text"),
          }
        : null,
    show: (body) => keyTable(app, body.keys, () => void content.reload()),
  });
  const add = button(
    app.say("keys.add"),
    () => addKey(app, () => void content.reload()),
    { icon: "plus", tone: "primary" },
  );
  return {
    element: h(
      "div",
      {},
      viewHead(app.say("keys"), app.say("keys.text"), add),
      content.element,
    ),
    close: content.close,
  };
}

/**
 * @param {App} app
 * @param {Key[]} all
 * @param {() => void} changed
 */
function keyTable(app, all, changed) {
  const wide = /** @type {const} */ ("wide");
  const columns = [
    { title: app.say("keys.name") },
    { title: app.say("keys.may") },
    { title: app.say("keys.used"), kind: wide },
    { title: app.say("keys.signed"), kind: wide },
    { title: app.say("actions"), unsaid: true },
  ];
  const rows = all.map((one) => [
    one.name,
    one.permissions.map((may) => app.name("permission", may)).join(", "),
    one.used ? app.formats.ago(one.used) : app.say("never"),
    one.algorithm ?? app.say("no"),
    one.revoked
      ? badge(app.say("keys.revoked"), "bad", "ban")
      : iconButton("trash-2", app.say("keys.revoke", { name: one.name }), () =>
          revoke(app, one.name, changed),
        ),
  ]);
  return table(app.say("keys"), columns, rows);
}

/**
 * @param {App} app
 * @param {string} name
 * @param {() => void} changed
 */
async function revoke(app, name, changed) {
  const what = {
    title: app.say("keys.revoke", { name }),
    text: app.say("keys.revoke.text"),
  };
  if (
    !(await confirm(app, {
      ...what,
      action: app.say("keys.revoke.action"),
      danger: true,
      icon: "ban",
    }))
  )
    return;
  const done = await attempt(app, () =>
    app.calls.send("DELETE", `/device/keys/${encodeURIComponent(name)}`),
  );
  if (done !== null) changed();
}

/**
 * @param {App} app
 * @param {() => void} changed
 */
function addKey(app, changed) {
  const name = field(
    app.say("keys.name"),
    input({ autofocus: true, maxlength: 64 }),
    { hint: app.say("keys.name.hint") },
  );
  /** @type {Set<string>} */
  const may = new Set();
  const boxes = PERMISSIONS.map((one) =>
    checkbox(app.name("permission", one), false, (on) =>
      on ? may.add(one) : may.delete(one),
    ),
  );
  let signed = false;
  const signing = checkbox(app.say("keys.sign"), false, (on) => (signed = on));
  const dialog = openDialog(app, {
    title: app.say("keys.add"),
    body: form({
      fields: [
        name.element,
        h(
          "fieldset",
          { class: "group boxes" },
          h("legend", {}, app.say("keys.may")),
          ...boxes,
        ),
        signing,
      ],
      action: app.say("keys.add"),
      others: [button(app.say("cancel"), () => dialog.close())],
      explain: (error) => explain(app, error),
      async send() {
        const body = {
          name: name.control.value.trim(),
          permissions: [...may],
          signed,
        };
        const made = /** @type {MadeKey} */ (
          await app.calls.send("POST", "/device/keys", body)
        );
        dialog.close();
        changed();
        showOnce(app, made);
      },
    }),
  });
}

/**
 * @param {App} app
 * @param {MadeKey} made
 */
function showOnce(app, { key, secret }) {
  const values = [
    copied(app, app.say("keys.value"), key),
    secret ? copied(app, app.say("keys.secret"), secret) : null,
  ];
  const dialog = openDialog(app, {
    title: app.say("keys.made"),
    body: [h("p", {}, app.say("keys.once")), ...values],
    actions: [
      button(app.say("keys.kept"), () => dialog.close(), { tone: "primary" }),
    ],
  });
}

/**
 * @param {App} app
 * @param {string} name
 * @param {string} value
 */
function copied(app, name, value) {
  const control = input({ value, readonly: true });
  // A clipboard exists on a secure page only; marking the text works everywhere.
  const copy = iconButton("copy", `${app.say("copy")}: ${name}`, async () => {
    control.select();
    await navigator.clipboard?.writeText(value).catch(() => {});
  });
  return field(name, control, { beside: copy }).element;
}
