/** The last few events, live. */
import { h } from "../../shared/dom.js";
import { eventRow } from "../events/row.js";
import { pane } from "../ui/pane.js";

/** @typedef {import("../events/happening.js").StoredEvent} StoredEvent */
/** @typedef {{ events: StoredEvent[] }} Page */

const SHOWN = 8;

/** @param {import("../app.js").App} app */
export function latest(app) {
  const list = h("ol", { class: "rows brief" });
  const content = pane(app, {
    rows: SHOWN,
    load: (signal) =>
      /** @type {Promise<Page>} */ (
        app.calls.get(`/device/events?limit=${SHOWN}`, signal)
      ),
    empty: (page) =>
      page.events.length === 0
        ? {
            icon: "list",
            title: app.say("events.empty"),
            text: app.say("events.empty.text"),
          }
        : null,
    show(page) {
      list.replaceChildren(
        ...page.events.map((event) => eventRow(app, event, { brief: true })),
      );
      return list;
    },
  });
  const unlisten = app.happenings.listen((kind, event) => {
    if (kind === "door") return;
    if (!list.isConnected) return void content.reload();
    list.prepend(eventRow(app, event, { brief: true }));
    while (list.children.length > SHOWN) list.lastElementChild?.remove();
  });
  return {
    element: content.element,
    close() {
      unlisten();
      content.close();
    },
  };
}
