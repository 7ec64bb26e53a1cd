/** Who is logged in, in which language, and the way out. */
import { h } from "../shared/dom.js";
import { button, iconButton } from "./ui/button.js";
import { openDialog } from "./ui/dialog.js";
import { explain } from "./ui/failure.js";
import { field, form, input, select } from "./ui/form.js";
import { checkedPassword, newPassword } from "./ui/password.js";
import { LANGUAGES } from "./words.js";

/** @typedef {import("./app.js").App} App */

/**
 * @param {App} app
 * @param {{ signOut: () => Promise<void>, speak: (code: string) => Promise<void> }} doing
 */
export function account(app, doing) {
  const role = app.session.role ?? "viewer";
  return h(
    "div",
    { class: "account" },
    h(
      "div",
      { class: "account-who" },
      h("strong", {}, app.session.user ?? ""),
      h("span", { class: "quiet" }, app.name("role", role)),
    ),
    iconButton("settings", app.say("account"), () => change(app, doing.speak)),
    iconButton("log-out", app.say("logout"), doing.signOut),
  );
}

/**
 * @param {App} app
 * @param {(code: string) => Promise<void>} speak
 */
function change(app, speak) {
  const language = select(Object.entries(LANGUAGES), app.language);
  language.addEventListener("change", () => {
    dialog.close();
    void speak(language.value);
  });
  const old = field(
    app.say("password.old"),
    input({ type: "password", autocomplete: "current-password" }),
  );
  const passwords = newPassword(app);
  const passwordForm = form({
    fields: [
      h("h3", {}, app.say("password.change")),
      old.element,
      ...passwords.elements,
    ],
    action: app.say("password.change"),
    others: [button(app.say("close"), () => dialog.close())],
    explain: (error) => explain(app, error),
    async send() {
      const body = {
        old: old.control.value,
        new: checkedPassword(app, passwords),
      };
      const session = /** @type {import("./app.js").Session} */ (
        await app.calls.send("POST", "/console/password", body)
      );
      // The old session is over: calls and stream go on with the new one.
      app.calls.use(session.csrfToken ?? "");
      app.happenings.open();
      dialog.close();
      app.tell(app.say("password.changed"));
    },
  });
  const dialog = openDialog(app, {
    title: app.say("account"),
    body: [field(app.say("language"), language).element, passwordForm],
  });
}
