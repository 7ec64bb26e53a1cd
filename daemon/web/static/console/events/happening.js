/** A stored event as one kind of thing that can be shown: decisions, alarms and what else happens at a door. */

/**
 * An event as the API gives it; which fields it has goes by what it is.
 * @typedef {object} StoredEvent
 * @property {number} seq
 * @property {string} captured
 * @property {"granted" | "denied"} [decision]
 * @property {string} [reason]
 * @property {string | null} [person_id]
 * @property {number | null} [similarity] percent
 * @property {number | null} [liveness] 0 to 1
 * @property {number | null} [relay_ms]
 * @property {string} [alarm]
 * @property {string} [event]
 * @property {string | null} [detail]
 * @property {boolean} [picture]
 */

/** @typedef {import("../ui/parts.js").Tone} Tone */

/**
 * @typedef {object} Look
 * @property {string} title
 * @property {Tone} tone
 * @property {string} icon
 */

/** Alarms that tell that something is well again. */
const OVER = /_(ended|back|restored)$/;

/**
 * @param {Pick<import("../app.js").App, "say" | "name">} app
 * @param {StoredEvent} event
 * @returns {Look}
 */
export function look(app, event) {
  if (event.decision === "granted")
    return { title: app.say("granted"), tone: "good", icon: "circle-check" };
  if (event.decision === "denied") {
    return {
      title: app.name("reason", event.reason ?? ""),
      tone: "bad",
      icon: "circle-x",
    };
  }
  if (event.alarm !== undefined) {
    const tone = OVER.test(event.alarm) ? "plain" : "wait";
    return {
      title: app.name("event", event.alarm),
      tone,
      icon: tone === "wait" ? "triangle-alert" : "info",
    };
  }
  const name = event.event ?? "";
  return {
    title: app.name("event", name),
    tone: "plain",
    icon: ICONS[name] ?? "info",
  };
}

/** @type {Readonly<Record<string, string>>} */
const ICONS = {
  unlocked: "lock-open",
  locked: "lock",
  opened: "door-open",
  closed: "door-closed",
  exit: "log-out",
  lockdown_on: "shield-alert",
  lockdown_off: "shield-check",
  enrolled: "user-plus",
};
