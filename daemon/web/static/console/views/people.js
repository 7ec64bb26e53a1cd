/** Who is enrolled: found by a part of the id, and the ways to enrol more. */
import { fill, h } from "../../shared/dom.js";
import { withQuery } from "../calls.js";
import { enrolAtCamera } from "../people/enrol_camera.js";
import { enrolFiles } from "../people/enrol_files.js";
import { standingBadge } from "../people/rows.js";
import { button } from "../ui/button.js";
import { attempt } from "../ui/failure.js";
import { input } from "../ui/form.js";
import { icon } from "../ui/icon.js";
import { pane } from "../ui/pane.js";
import { table, viewHead } from "../ui/parts.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../people/rows.js").PersonRow} PersonRow */
/** @typedef {{ persons: PersonRow[], next: string | null, total: number }} PeoplePage */

const PAGE = 50;
const TYPING_MS = 250;

/**
 * @param {App} app
 * @returns {import("../app.js").View}
 */
export function people(app) {
  let search = "";
  const content = pane(app, {
    rows: 8,
    load: (signal) =>
      /** @type {Promise<PeoplePage>} */ (
        app.calls.get(path(search, null), signal)
      ),
    empty: (page) =>
      page.persons.length > 0
        ? null
        : search === ""
          ? nobody(app)
          : notFound(app, search),
    show: (page) => list(app, search, page),
  });
  const enrolled = () => void content.reload();
  const actions = app.may("operator")
    ? [
        button(app.say("enrol.files"), () => enrolFiles(app, enrolled), {
          icon: "upload",
        }),
        button(
          app.say("enrol.camera"),
          () => enrolAtCamera(app, { done: enrolled }),
          { icon: "camera", tone: "primary" },
        ),
      ]
    : [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let due;
  const box = input({
    type: "search",
    class: "control",
    "aria-label": app.say("people.search"),
    placeholder: app.say("people.search"),
  });
  box.addEventListener("input", () => {
    search = box.value.trim();
    clearTimeout(due);
    due = setTimeout(() => void content.reload(), TYPING_MS);
  });
  return {
    element: h(
      "div",
      {},
      viewHead(app.say("people"), null, ...actions),
      h("div", { class: "search", role: "search" }, icon("search"), box),
      content.element,
    ),
    close() {
      clearTimeout(due);
      content.close();
    },
  };
}

/**
 * @param {string} search
 * @param {string | null} after
 */
function path(search, after) {
  return withQuery("/persons", { search, after, limit: PAGE });
}

/**
 * @param {App} app
 * @param {string} search
 * @param {PeoplePage} first
 */
function list(app, search, first) {
  const rows = first.persons.map((person) => line(app, person));
  const shown = table(app.say("people"), columns(app), rows);
  let next = first.next;
  const more = button(app.say("more"), grow, { icon: "chevron-down" });
  const count = h("p", { class: "quiet" });

  function tellCount() {
    const values = {
      count: app.formats.number(rows.length),
      total: app.formats.number(first.total),
    };
    fill(count, app.say("people.count", values));
    more.hidden = next === null;
  }

  async function grow() {
    const page = /** @type {PeoplePage | null} */ (
      await attempt(app, () => app.calls.get(path(search, next)))
    );
    if (page === null) return;
    const added = page.persons.map((person) => line(app, person));
    rows.push(...added);
    next = page.next;
    const body = table("", columns(app), added).tBodies[0];
    shown.tBodies[0]?.append(...(body?.rows ?? []));
    tellCount();
  }

  tellCount();
  return [shown, h("div", { class: "pages-more" }, count, more)];
}

/**
 * @param {App} app
 * @returns {import("../ui/parts.js").Column[]}
 */
function columns(app) {
  return [
    { title: app.say("person") },
    { title: app.say("people.state") },
    { title: app.say("people.groups"), kind: "wide" },
    { title: app.say("people.credentials"), kind: "wide" },
    { title: app.say("people.updated"), kind: "wide" },
  ];
}

/**
 * @param {App} app
 * @param {PersonRow} person
 */
function line(app, person) {
  const factors = [
    person.card ? app.name("factor", "card") : "",
    person.pin ? app.name("factor", "pin") : "",
  ];
  return [
    h(
      "a",
      {
        class: "person-link",
        href: `#/people/${encodeURIComponent(person.personId)}`,
      },
      person.personId,
    ),
    standingBadge(app, person),
    person.groups.join(", "),
    factors.filter((one) => one !== "").join(", "),
    app.formats.day(person.updated),
  ];
}

/** @param {App} app */
function nobody(app) {
  return {
    icon: "users",
    title: app.say("people.nobody"),
    text: app.say("people.nobody.text"),
  };
}

/**
 * @param {App} app
 * @param {string} search
 */
function notFound(app, search) {
  return {
    icon: "search",
    title: app.say("people.not_found", { search }),
    text: app.say("people.not_found.text"),
  };
}
