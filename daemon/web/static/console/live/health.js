/** How the terminal is: what it is ready for, and the figures that tell. */
import { h } from "../../shared/dom.js";
import { CallError, call } from "../../shared/api.js";
import { pane } from "../ui/pane.js";
import { badge, facts } from "../ui/parts.js";

/** @typedef {import("../app.js").App} App */

/**
 * @typedef {object} Status
 * @property {string} version
 * @property {string} started
 * @property {number} people
 * @property {number} damagedTemplates
 * @property {number} cameraFps
 * @property {number} unsentEvents
 * @property {number} lostEvents
 * @property {number | null} temperatureCelsius
 */

/** @typedef {{ configuration: { mqtt: { enabled: boolean } } }} Configured */

const EACH_MS = 10_000;

/** @param {App} app */
export function health(app) {
  const content = pane(app, {
    rows: 5,
    load: async (signal) => {
      const status = /** @type {Status} */ (
        await app.calls.get("/device/status", signal)
      );
      const { configuration } = /** @type {Configured} */ (
        await app.calls.get("/device/config", signal)
      );
      return {
        status,
        broker: configuration.mqtt.enabled,
        reasons: await unready(),
      };
    },
    show: ({ status, broker, reasons }) => [
      h("p", { class: "health-word" }, ...words(app, reasons)),
      facts(figures(app, status, broker)),
    ],
  });
  const timer = setInterval(() => {
    if (app.happenings.state === "online" && !document.hidden)
      void content.reload();
  }, EACH_MS);
  return {
    element: content.element,
    close() {
      clearInterval(timer);
      content.close();
    },
  };
}

/** @returns {Promise<string[]>} what keeps the terminal from its work */
async function unready() {
  try {
    await call("GET", "/health/ready");
    return [];
  } catch (error) {
    if (error instanceof CallError && !error.offline) return [error.message];
    throw error;
  }
}

/**
 * @param {App} app
 * @param {string[]} reasons
 */
function words(app, reasons) {
  return reasons.length === 0
    ? [badge(app.say("health.ready"), "good")]
    : reasons.map((one) => badge(one, "bad"));
}

/**
 * @param {App} app
 * @param {Status} status
 * @param {boolean} broker whether there is one that events wait for
 * @returns {[string, import("../../shared/dom.js").Child][]}
 */
function figures(app, status, broker) {
  const { formats } = app;
  const celsius = status.temperatureCelsius;
  return [
    [
      app.say("health.fps"),
      app.say("health.per_second", {
        count: formats.number(status.cameraFps, 1, 1),
      }),
    ],
    [app.say("health.people"), formats.number(status.people)],
    [
      app.say("health.temperature"),
      celsius === null
        ? app.say("health.unmeasured")
        : `${formats.number(celsius, 1)} °C`,
    ],
    ...(broker ? [unsent(app, status.unsentEvents)] : []),
    ...(status.lostEvents > 0 ? [lost(app, status.lostEvents)] : []),
    ...(status.damagedTemplates > 0
      ? [damaged(app, status.damagedTemplates)]
      : []),
    [app.say("health.started"), formats.ago(status.started)],
    [app.say("health.version"), status.version],
  ];
}

/**
 * @param {App} app
 * @param {number} count
 * @returns {[string, string]}
 */
function unsent(app, count) {
  return [app.say("health.unsent"), app.formats.number(count)];
}

/**
 * @param {App} app
 * @param {number} count
 * @returns {[string, Node]}
 */
function lost(app, count) {
  return [app.say("health.lost"), badge(String(count), "bad")];
}

/**
 * @param {App} app
 * @param {number} count
 * @returns {[string, Node]}
 */
function damaged(app, count) {
  return [app.say("health.damaged"), badge(String(count), "bad")];
}
