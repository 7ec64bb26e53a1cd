/** One event as a line of a list. */
import { h } from "../../shared/dom.js";
import { badge, time } from "../ui/parts.js";
import { iconButton } from "../ui/button.js";
import { look } from "./happening.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("./happening.js").StoredEvent} StoredEvent */

/**
 * @param {App} app
 * @param {StoredEvent} event
 * @param {{ brief?: boolean, picture?: (event: StoredEvent) => void }} [how] `brief`: the time alone, without the scores
 */
export function eventRow(app, event, { brief = false, picture } = {}) {
  const { title, tone, icon } = look(app, event);
  const at = brief
    ? app.formats.clock(event.captured)
    : app.formats.moment(event.captured);
  return h(
    "li",
    { class: "event", "data-seq": event.seq },
    h("span", { class: "event-time" }, time(event.captured, at)),
    h("span", { class: "event-what" }, badge(title, tone, icon)),
    h("span", { class: "event-who" }, who(app, event)),
    brief
      ? null
      : h("span", { class: "event-scores quiet" }, scores(app, event)),
    event.picture && picture
      ? iconButton("image", app.say("events.picture"), () => picture(event))
      : null,
  );
}

/**
 * @param {App} app
 * @param {StoredEvent} event
 */
function who(app, event) {
  if (event.person_id) {
    return h(
      "a",
      { href: `#/people/${encodeURIComponent(event.person_id)}` },
      event.person_id,
    );
  }
  return event.detail ? app.name("detail", event.detail) : null;
}

/**
 * @param {App} app
 * @param {StoredEvent} event
 */
function scores(app, event) {
  const parts = [];
  if (typeof event.similarity === "number")
    parts.push(
      app.say("events.similarity", {
        value: app.formats.number(event.similarity, 1, 1),
      }),
    );
  if (typeof event.liveness === "number")
    parts.push(
      app.say("events.liveness", {
        value: app.formats.number(event.liveness, 2, 2),
      }),
    );
  if (typeof event.relay_ms === "number")
    parts.push(
      app.say("events.relay", { value: app.formats.number(event.relay_ms) }),
    );
  return parts.join(" · ");
}
