/** Backups: made with a passphrase, downloaded, deleted. To restore one is the command line's. */
import { h } from "../../shared/dom.js";
import { button, iconButton } from "../ui/button.js";
import { confirm, openDialog } from "../ui/dialog.js";
import { attempt, explain } from "../ui/failure.js";
import { form } from "../ui/form.js";
import { icon } from "../ui/icon.js";
import { pane } from "../ui/pane.js";
import { table, viewHead } from "../ui/parts.js";
import { checkedPassword, newPassword } from "../ui/password.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {{ name: string, created: string, bytes: number }} Backup */

/**
 * @param {App} app
 * @returns {import("../app.js").View}
 */
export function backups(app) {
  const content = pane(app, {
    load: (signal) =>
      /** @type {Promise<{ backups: Backup[] }>} */ (
        app.calls.get("/device/backups", signal)
      ),
    empty: (body) =>
      body.backups.length === 0
        ? {
            icon: "archive",
            title: app.say("backups.none"),
            text: app.say("backups.none.text"),
          }
        : null,
    show: (body) => backupTable(app, body.backups, () => void content.reload()),
  });
  const make = button(
    app.say("backups.make"),
    () => makeBackup(app, () => void content.reload()),
    { icon: "archive", tone: "primary" },
  );
  return {
    element: h(
      "div",
      {},
      viewHead(app.say("backups"), app.say("backups.text"), make),
      content.element,
      h(
        "p",
        { class: "aside" },
        icon("info"),
        h(
          "span",
          {},
          app.say("backups.restore"),
          " ",
          h("code", {}, "auther restore"),
        ),
      ),
    ),
    close: content.close,
  };
}

/**
 * @param {App} app
 * @param {Backup[]} all
 * @param {() => void} changed
 */
function backupTable(app, all, changed) {
  const columns = [
    { title: app.say("backups.name") },
    { title: app.say("backups.made"), kind: /** @type {const} */ ("wide") },
    { title: app.say("backups.size"), kind: /** @type {const} */ ("figure") },
    { title: app.say("actions"), unsaid: true },
  ];
  const rows = all.map((one) => [
    h(
      "a",
      {
        href: `/device/backups/${encodeURIComponent(one.name)}`,
        download: one.name,
      },
      one.name,
    ),
    app.formats.moment(one.created),
    app.formats.size(one.bytes),
    iconButton("trash-2", app.say("backups.delete", { name: one.name }), () =>
      remove(app, one.name, changed),
    ),
  ]);
  return table(app.say("backups"), columns, rows);
}

/**
 * @param {App} app
 * @param {string} name
 * @param {() => void} changed
 */
async function remove(app, name, changed) {
  const what = {
    title: app.say("backups.delete", { name }),
    text: app.say("backups.delete.text"),
  };
  if (
    !(await confirm(app, {
      ...what,
      action: app.say("remove"),
      danger: true,
      icon: "trash-2",
    }))
  )
    return;
  const done = await attempt(app, () =>
    app.calls.send("DELETE", `/device/backups/${encodeURIComponent(name)}`),
  );
  if (done !== null) changed();
}

/**
 * @param {App} app
 * @param {() => void} changed
 */
function makeBackup(app, changed) {
  const passphrases = newPassword(app);
  const dialog = openDialog(app, {
    title: app.say("backups.make"),
    body: form({
      fields: [
        h("p", { class: "quiet" }, app.say("backups.passphrase")),
        ...passphrases.elements,
      ],
      action: app.say("backups.make"),
      others: [button(app.say("cancel"), () => dialog.close())],
      explain: (error) => explain(app, error),
      async send() {
        await app.calls.send("POST", "/device/backups", {
          passphrase: checkedPassword(app, passphrases),
        });
        dialog.close();
        app.tell(app.say("backups.done"));
        changed();
      },
    }),
  });
}
