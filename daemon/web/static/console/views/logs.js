/** What the terminal wrote to its log last, and how much it writes. */
import { fill, h } from "../../shared/dom.js";
import { withQuery } from "../calls.js";
import { button } from "../ui/button.js";
import { attempt } from "../ui/failure.js";
import { checkbox, field, select } from "../ui/form.js";
import { pane } from "../ui/pane.js";
import { time, viewHead } from "../ui/parts.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {{ at: string, level: string, logger: string, message: string }} LogLine */
/** @typedef {{ lines: LogLine[], level: string }} Log */

const LEVELS = /** @type {const} */ (["debug", "info", "warning", "error"]);
const LIMIT = 500;
const FOLLOW_MS = 3000;

/**
 * @param {App} app
 * @returns {import("../app.js").View}
 */
export function logs(app) {
  let least = "info";
  let follow = true;
  const choices = LEVELS.map(
    (one) => /** @type {[string, string]} */ ([one, app.name("level", one)]),
  );
  const shown = field(app.say("logs.shown"), select(choices, least));
  const written = field(app.say("logs.written"), select(choices, least));
  const content = pane(app, {
    rows: 12,
    load: (signal) =>
      /** @type {Promise<Log>} */ (
        app.calls.get(
          withQuery("/device/logs", { level: least, limit: LIMIT }),
          signal,
        )
      ),
    empty: (log) =>
      log.lines.length === 0
        ? {
            icon: "terminal",
            title: app.say("logs.none"),
            text: app.say("logs.none.text"),
          }
        : null,
    show(log) {
      written.control.value = log.level;
      return lines(app, log.lines);
    },
  });
  shown.control.addEventListener("change", () => {
    least = shown.control.value;
    void content.reload();
  });
  written.control.addEventListener("change", async () => {
    const level = written.control.value;
    const done = await attempt(app, () =>
      app.calls.send("PUT", "/device/log-level", { level }),
    );
    if (done !== null)
      app.tell(app.say("logs.level", { level: app.name("level", level) }));
    await content.reload();
  });
  const timer = setInterval(() => {
    if (follow && !document.hidden && app.happenings.state === "online")
      void content.reload();
  }, FOLLOW_MS);
  const following = checkbox(
    app.say("logs.follow"),
    true,
    (on) => (follow = on),
  );
  const refresh = button(app.say("refresh"), content.reload, {
    icon: "refresh-cw",
  });
  return {
    element: h(
      "div",
      {},
      viewHead(app.say("logs"), app.say("logs.text"), refresh),
      h("div", { class: "filters" }, shown.element, written.element, following),
      content.element,
    ),
    close() {
      clearInterval(timer);
      content.close();
    },
  };
}

/**
 * @param {App} app
 * @param {LogLine[]} all
 */
function lines(app, all) {
  const list = h("ol", {
    class: "log",
    tabindex: 0,
    "aria-label": app.say("logs"),
  });
  fill(
    list,
    ...all
      .toReversed()
      .map((line) =>
        h(
          "li",
          { class: line.level },
          time(line.at, app.formats.clock(line.at)),
          h("span", { class: "log-level" }, line.level),
          h("span", { class: "log-from quiet" }, line.logger),
          h("span", { class: "log-text" }, line.message),
        ),
      ),
  );
  return list;
}
