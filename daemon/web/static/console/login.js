/** Who is it? Name and password; a wrong pair and an unknown name are told alike. */
import { CallError } from "../shared/api.js";
import { gate } from "./gate.js";
import { explain } from "./ui/failure.js";
import { field, form, input } from "./ui/form.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./app.js").Session} Session */

/**
 * @param {App} app
 * @param {(session: Session) => void} enter
 */
export function login(app, enter) {
  const user = field(
    app.say("user"),
    input({
      name: "username",
      autocomplete: "username",
      autocapitalize: "none",
      required: true,
      autofocus: true,
    }),
  );
  const password = field(
    app.say("password"),
    input({
      name: "password",
      type: "password",
      autocomplete: "current-password",
      required: true,
    }),
  );
  const element = form({
    fields: [user.element, password.element],
    action: app.say("login.action"),
    explain: (error) => refusal(app, error),
    async send() {
      const body = {
        user: user.control.value.trim(),
        password: password.control.value,
      };
      enter(await app.calls.send("POST", "/console/login", body));
    },
  });
  return gate(
    { title: app.say("console"), text: app.say("login.text") },
    element,
  );
}

/**
 * @param {App} app
 * @param {unknown} error
 */
function refusal(app, error) {
  if (error instanceof CallError && error.status === 401)
    return app.say("login.wrong");
  if (error instanceof CallError && error.status === 429)
    return app.say("login.wait");
  return explain(app, error);
}
