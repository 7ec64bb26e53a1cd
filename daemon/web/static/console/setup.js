/** The first person to come makes the first administrator, with the code that only the machine itself tells. */
import { h } from "../shared/dom.js";
import { gate } from "./gate.js";
import { explain } from "./ui/failure.js";
import { field, form, input } from "./ui/form.js";
import { checkedPassword, newPassword } from "./ui/password.js";

/**
 * @param {import("./app.js").App} app
 * @param {(session: import("./app.js").Session) => void} enter
 */
export function setup(app, enter) {
  const code = field(
    app.say("setup.code"),
    input({
      name: "code",
      required: true,
      autocapitalize: "none",
      spellcheck: "false",
      autofocus: true,
    }),
    {
      hint: h(
        "span",
        {},
        app.say("setup.code.hint"),
        " ",
        h("code", {}, "auther console setup-code"),
      ),
    },
  );
  const user = field(
    app.say("user"),
    input({
      name: "username",
      autocomplete: "username",
      autocapitalize: "none",
    }),
    {
      hint: app.say("setup.user.hint"),
    },
  );
  const passwords = newPassword(app);
  const element = form({
    fields: [code.element, user.element, ...passwords.elements],
    action: app.say("setup.action"),
    explain: (error) => explain(app, error),
    async send() {
      const password = checkedPassword(app, passwords);
      const body = {
        setupCode: code.control.value.trim(),
        user: user.control.value.trim(),
        password,
      };
      enter(await app.calls.send("POST", "/console/setup", body));
    },
  });
  return gate(
    { title: app.say("setup.title"), text: app.say("setup.text") },
    element,
  );
}
