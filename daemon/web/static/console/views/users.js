/** Who may log in to this console, and as what. */
import { h } from "../../shared/dom.js";
import { button, iconButton } from "../ui/button.js";
import { confirm, openDialog } from "../ui/dialog.js";
import { attempt, explain } from "../ui/failure.js";
import { field, form, input, select } from "../ui/form.js";
import { pane } from "../ui/pane.js";
import { table, viewHead } from "../ui/parts.js";
import { checkedPassword, newPassword } from "../ui/password.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {{ user: string, role: import("../app.js").Role, createdAt: string, lastLoginAt: string | null }} User */

/**
 * @param {App} app
 * @returns {import("../app.js").View}
 */
export function users(app) {
  const content = pane(app, {
    load: (signal) =>
      /** @type {Promise<{ users: User[] }>} */ (
        app.calls.get("/console/users", signal)
      ),
    show: (body) => userTable(app, body.users, () => void content.reload()),
  });
  const add = button(
    app.say("users.add"),
    () => addUser(app, () => void content.reload()),
    { icon: "user-plus", tone: "primary" },
  );
  return {
    element: h(
      "div",
      {},
      viewHead(app.say("users"), app.say("users.text"), add),
      content.element,
    ),
    close: content.close,
  };
}

/**
 * @param {App} app
 * @param {User[]} all
 * @param {() => void} changed
 */
function userTable(app, all, changed) {
  const columns = [
    { title: app.say("user") },
    { title: app.say("users.role") },
    { title: app.say("users.last"), kind: /** @type {const} */ ("wide") },
    { title: app.say("actions"), unsaid: true },
  ];
  const rows = all.map((one) => [
    one.user,
    app.name("role", one.role),
    one.lastLoginAt ? app.formats.ago(one.lastLoginAt) : app.say("never"),
    one.user === app.session.user
      ? h("span", { class: "quiet" }, app.say("users.you"))
      : h(
          "span",
          { class: "row-actions" },
          iconButton(
            "pencil",
            app.say("users.change", { user: one.user }),
            () => changeUser(app, one, changed),
          ),
          iconButton(
            "trash-2",
            app.say("users.remove", { user: one.user }),
            () => remove(app, one.user, changed),
          ),
        ),
  ]);
  return table(app.say("users"), columns, rows);
}

/**
 * @param {App} app
 * @param {string} user
 * @param {() => void} changed
 */
async function remove(app, user, changed) {
  const what = {
    title: app.say("users.remove", { user }),
    text: app.say("users.remove.text"),
  };
  if (
    !(await confirm(app, {
      ...what,
      action: app.say("remove"),
      danger: true,
      icon: "user-x",
    }))
  )
    return;
  const done = await attempt(app, () =>
    app.calls.send("DELETE", `/console/users/${encodeURIComponent(user)}`),
  );
  if (done !== null) app.tell(app.say("users.removed", { user }));
  changed();
}

/**
 * @param {App} app
 * @param {string} chosen
 */
function roleField(app, chosen) {
  const roles = /** @type {const} */ (["viewer", "operator", "administrator"]);
  const choices = roles.map(
    (one) => /** @type {[string, string]} */ ([one, app.name("role", one)]),
  );
  return field(app.say("users.role"), select(choices, chosen), {
    hint: app.say("users.role.hint"),
  });
}

/**
 * @param {App} app
 * @param {() => void} changed
 */
function addUser(app, changed) {
  const user = field(
    app.say("user"),
    input({ autocapitalize: "none", spellcheck: "false", autofocus: true }),
    {
      hint: app.say("users.name.hint"),
    },
  );
  const role = roleField(app, "viewer");
  const passwords = newPassword(app);
  ask(app, {
    title: app.say("users.add"),
    fields: [user.element, role.element, ...passwords.elements],
    async send() {
      const password = checkedPassword(app, passwords);
      const body = {
        user: user.control.value.trim(),
        role: role.control.value,
        password,
      };
      await app.calls.send("POST", "/console/users", body);
      changed();
    },
  });
}

/**
 * Another role, another password, or both; their sessions end.
 * @param {App} app
 * @param {User} user
 * @param {() => void} changed
 */
function changeUser(app, user, changed) {
  const role = roleField(app, user.role);
  const passwords = newPassword(app);
  ask(app, {
    title: app.say("users.change", { user: user.user }),
    fields: [
      role.element,
      h("p", { class: "quiet" }, app.say("users.password.text")),
      ...passwords.elements,
    ],
    async send() {
      const secret =
        passwords.first.control.value === ""
          ? {}
          : { password: checkedPassword(app, passwords) };
      const body = { role: role.control.value, ...secret };
      await app.calls.send(
        "PUT",
        `/console/users/${encodeURIComponent(user.user)}`,
        body,
      );
      changed();
    },
  });
}

/**
 * @param {App} app
 * @param {{ title: string, fields: HTMLElement[], send: () => Promise<void> }} what
 */
function ask(app, { title, fields, send }) {
  const dialog = openDialog(app, {
    title,
    body: form({
      fields,
      action: app.say("save"),
      others: [button(app.say("cancel"), () => dialog.close())],
      explain: (error) => explain(app, error),
      async send() {
        await send();
        dialog.close();
      },
    }),
  });
}
