/** The frame around every view: navigation, who is logged in, and whether the terminal is there. */
import { fill, h, set } from "../shared/dom.js";
import { account } from "./account.js";
import { connectionBanner } from "./banner.js";
import { CARE, DAILY, routeOf } from "./routes.js";
import { iconButton } from "./ui/button.js";
import { icon } from "./ui/icon.js";

/** @typedef {import("./app.js").App} App */

/**
 * @param {App} app
 * @param {{ signOut: () => Promise<void>, speak: (code: string) => Promise<void> }} doing
 * @returns {{ element: HTMLElement, close: () => void }}
 */
export function openShell(app, doing) {
  const main = h("main", { id: "main", class: "main", tabindex: -1 });
  const links = [...DAILY, ...CARE]
    .filter((one) => app.may(one.role))
    .map((route) => link(app, route));
  const menu = navigation(app, links, doing);
  const banner = connectionBanner(app);
  const skip = h("a", { class: "skip", href: "#main" }, app.say("skip"));
  // The address names the view; a jump inside the page must not take its place.
  skip.addEventListener("click", (event) => {
    event.preventDefault();
    main.focus();
  });
  const element = h(
    "div",
    { class: "shell" },
    skip,
    menu.element,
    h("div", { class: "content" }, banner.element, main),
  );
  const views = showViews(app, main, links, menu.fold);
  return {
    element,
    close() {
      views();
      banner.close();
    },
  };
}

/**
 * Show the view of the address, now and whenever it changes.
 * @param {App} app
 * @param {HTMLElement} main
 * @param {HTMLAnchorElement[]} links
 * @param {() => void} fold
 */
function showViews(app, main, links, fold) {
  const end = new AbortController();
  /** @type {import("./app.js").View | null} */
  let view = null;

  /** @param {boolean} moved whether somebody went there, who should hear where they are */
  function show(moved) {
    view?.close?.();
    const { route, rest } = routeOf(app, location.hash);
    view = route.open(app, rest);
    fill(main, view.element);
    const title = app.say(route.title);
    document.title = `${title} · ${app.session.device ?? app.say("console")}`;
    for (const one of links)
      set(one, {
        "aria-current": one.hash === `#/${route.path}` ? "page" : null,
      });
    fold();
    window.scrollTo(0, 0);
    if (moved) main.querySelector("h1")?.focus();
  }

  window.addEventListener("hashchange", () => show(true), {
    signal: end.signal,
  });
  show(false);
  return () => {
    end.abort();
    view?.close?.();
  };
}

/**
 * @param {App} app
 * @param {import("./routes.js").Route} route
 */
function link(app, route) {
  return h(
    "a",
    { class: "nav-link", href: `#/${route.path}` },
    icon(route.icon),
    h("span", {}, app.say(route.title)),
  );
}

/**
 * @param {App} app
 * @param {HTMLAnchorElement[]} links
 * @param {{ signOut: () => Promise<void>, speak: (code: string) => Promise<void> }} doing
 */
function navigation(app, links, doing) {
  const daily = links.slice(0, DAILY.length);
  const care = links.slice(DAILY.length);
  const open = iconButton("menu", app.say("menu"), () =>
    unfold(!element.classList.contains("open")),
  );
  set(open, { "aria-controls": "navigation" });
  const nav = h(
    "nav",
    { id: "navigation", class: "nav", "aria-label": app.say("menu") },
    h("ul", {}, ...daily.map((one) => h("li", {}, one))),
    care.length > 0 ? h("p", { class: "nav-title" }, app.say("care")) : null,
    care.length > 0
      ? h("ul", {}, ...care.map((one) => h("li", {}, one)))
      : null,
    account(app, doing),
  );
  const element = h(
    "header",
    { class: "side" },
    h(
      "div",
      { class: "brand" },
      h("img", { src: "/web/shared/icon.svg", alt: "", width: 32, height: 32 }),
      h(
        "div",
        {},
        h("strong", {}, app.session.device ?? "Auther"),
        h("span", { class: "quiet" }, app.say("console")),
      ),
      open,
    ),
    nav,
  );

  /** @param {boolean} wanted */
  function unfold(wanted) {
    element.classList.toggle("open", wanted);
    set(open, { "aria-expanded": String(wanted) });
  }

  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !element.classList.contains("open")) return;
    unfold(false);
    open.focus();
  });
  unfold(false);
  return { element, fold: () => unfold(false) };
}
