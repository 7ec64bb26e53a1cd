/** Starts the console: language, session, and then whichever of login, set-up and the shell is due. */
import { CallError } from "../shared/api.js";
import { byId, fill } from "../shared/dom.js";
import { roleMay } from "./app.js";
import { Calls } from "./calls.js";
import { Formats } from "./formats.js";
import { Happenings } from "./happenings.js";
import { login } from "./login.js";
import { openShell } from "./shell.js";
import { setup } from "./setup.js";
import { toasts } from "./ui/toasts.js";
import { unreachable } from "./unreachable.js";
import { loadLanguage, rememberLanguage, wantedLanguage } from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./app.js").Session} Session */
/** @typedef {import("./words.js").Language} Language */

/** @type {Session} */
const NOBODY = {
  user: null,
  role: null,
  csrfToken: null,
  expiresAt: null,
  setupNeeded: false,
};

class Console {
  #place = byId("console");
  #calls = new Calls(() => this.#signedOut());
  #happenings = new Happenings();
  /** @type {() => void} */
  #closeShell = () => {};
  #session = NOBODY;
  /** @type {Language} */
  #language;

  /** @param {Language} language */
  constructor(language) {
    this.#language = language;
    // A stream that is refused for want of a session ends it here as a call would.
    this.#happenings.watch((_state, error) => {
      if (error?.status === 401) this.#signedOut();
    });
  }

  async start() {
    const session = await this.#ask();
    if (session.setupNeeded)
      this.#show((app) => setup(app, (one) => this.#enter(one)));
    else if (session.user === null)
      this.#show((app) => login(app, (one) => this.#enter(one)));
    else this.#enter(session);
  }

  /**
   * Who is logged in; nobody is an answer too. Waits for a terminal that is away.
   * @returns {Promise<Session>}
   */
  async #ask() {
    for (;;) {
      try {
        return await this.#calls.get("/console/session");
      } catch (error) {
        if (error instanceof CallError && error.status === 401) return NOBODY;
        await unreachable(this.#place, this.#language, error);
      }
    }
  }

  /** @param {Session} session */
  #enter(session) {
    this.#session = session;
    this.#calls.use(session.csrfToken ?? "");
    this.#happenings.open();
    this.#show((app) => {
      const shell = openShell(app, {
        signOut: () => this.#signOut(),
        speak: (code) => this.#speak(code),
      });
      this.#closeShell = shell.close;
      return shell.element;
    });
  }

  async #signOut() {
    await this.#calls.send("POST", "/console/logout").catch(() => {});
    this.#signedOut();
  }

  #signedOut() {
    if (this.#session.user === null) return;
    this.#session = NOBODY;
    this.#happenings.close();
    this.#show((app) => login(app, (one) => this.#enter(one)));
  }

  /** @param {string} code */
  async #speak(code) {
    rememberLanguage(code);
    this.#language = await loadLanguage(code);
    this.#enter(this.#session);
  }

  /** @param {(app: App) => Element} make */
  #show(make) {
    this.#closeShell();
    this.#closeShell = () => {};
    const language = this.#language;
    const messages = toasts(() => language.say("close"));
    const session = this.#session;
    const app = {
      say: language.say,
      name: language.name,
      language: language.code,
      formats: new Formats(language.code),
      calls: this.#calls,
      happenings: this.#happenings,
      session,
      may: (/** @type {import("./app.js").Role} */ role) =>
        roleMay(session.role, role),
      tell: messages.tell,
    };
    fill(this.#place, make(app), messages.element);
  }
}

const running = new Console(await loadLanguage(wantedLanguage()));
await running.start();
