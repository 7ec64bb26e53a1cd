/** What happened at the door, newest first, by time, kind, reason and person. */
import { h } from "../../shared/dom.js";
import { withQuery } from "../calls.js";
import { eventFilters } from "../events/filters.js";
import { growingList } from "../events/pages.js";
import { eventRow } from "../events/row.js";
import { openDialog } from "../ui/dialog.js";
import { explain } from "../ui/failure.js";
import { icon } from "../ui/icon.js";
import { pane } from "../ui/pane.js";
import { viewHead } from "../ui/parts.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../events/filters.js").Wanted} Wanted */
/** @typedef {import("../events/happening.js").StoredEvent} StoredEvent */
/** @typedef {{ events: StoredEvent[], next: number | null }} EventPage */

const PAGE = 100;
/** @type {Wanted} */
const ALL = { from: "", to: "", kind: "", reason: "", person: "" };

/**
 * @param {App} app
 * @param {string} personId whose events; empty for everybody's
 * @returns {import("../app.js").View}
 */
export function events(app, personId) {
  let wanted = { ...ALL, person: personId };
  /** @type {ReturnType<typeof growingList<StoredEvent>> | null} */
  let list = null;
  const download = h(
    "a",
    { class: "button plain", download: "" },
    icon("download"),
    h("span", {}, app.say("events.csv")),
  );

  /**
   * @param {number | string | null} before
   * @param {AbortSignal} [signal]
   */
  async function load(before, signal) {
    const path = withQuery("/device/events", {
      ...wanted,
      limit: PAGE,
      before,
    });
    const page = /** @type {EventPage} */ (await app.calls.get(path, signal));
    return { rows: page.events, next: page.next };
  }

  const content = pane(app, {
    rows: 10,
    load: (signal) => load(null, signal),
    empty(first) {
      if (first.rows.length > 0) return null;
      list?.close();
      list = null;
      return nothing(app, wanted);
    },
    show(first) {
      list?.close();
      list = growingList(app, {
        first,
        load: (before) => load(before),
        row: (event) =>
          eventRow(app, event, { picture: (one) => showPicture(app, one) }),
        failed: (error) => app.tell(explain(app, error), "bad"),
      });
      return list.element;
    },
  });

  /** @param {Wanted} now */
  function change(now) {
    wanted = now;
    download.href = withQuery("/device/events.csv", { ...wanted });
    void content.reload();
  }

  download.href = withQuery("/device/events.csv", { ...wanted });
  const unlisten = app.happenings.listen((kind, data) => {
    if (kind === "door") return;
    const plain = Object.values(wanted).every((value) => value === "");
    // What a filter lets through is the terminal's to say: a filtered list stands as it was asked for.
    if (!plain) return;
    if (list === null) void content.reload();
    else list.prepend(data);
  });
  return {
    element: h(
      "div",
      {},
      viewHead(app.say("events"), zones(app), download),
      eventFilters(app, personId, change),
      content.element,
    ),
    close() {
      unlisten();
      list?.close();
      content.close();
    },
  };
}

/** @param {App} app */
function zones(app) {
  const here = app.say("events.zone", { zone: app.formats.zone });
  const there = app.session.timezone;
  if (there === undefined || there === app.formats.zone) return here;
  return `${here} ${app.say("events.zone.terminal", { zone: there })}`;
}

/**
 * @param {App} app
 * @param {Wanted} wanted
 */
function nothing(app, wanted) {
  const filtered = Object.values(wanted).some((value) => value !== "");
  return filtered
    ? {
        icon: "search",
        title: app.say("events.none"),
        text: app.say("events.none.text"),
      }
    : {
        icon: "list",
        title: app.say("events.empty"),
        text: app.say("events.empty.text"),
      };
}

/**
 * @param {App} app
 * @param {StoredEvent} event
 */
function showPicture(app, event) {
  const text = app.say("events.picture.of", {
    time: app.formats.moment(event.captured),
  });
  const image = h("img", {
    class: "kept-picture",
    src: `/device/events/${event.seq}/picture`,
    alt: text,
  });
  image.addEventListener("error", () =>
    image.replaceWith(h("p", {}, app.say("events.picture.gone"))),
  );
  openDialog(app, {
    title: app.say("events.picture"),
    body: [image, h("p", { class: "quiet" }, text)],
  });
}
