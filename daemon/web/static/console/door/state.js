/** How the door stands, as the terminal tells it. */

/**
 * @typedef {object} DoorState
 * @property {"locked" | "unlocked"} lock
 * @property {boolean} lockdown
 * @property {"open" | "closed" | null} contact null: the door has no contact
 * @property {string} [changed]
 */

/** @typedef {"lockdown" | "unlocked" | "open" | "locked" | "unknown"} DoorWord */

/**
 * The door in one word, the gravest first.
 * @param {DoorState | null} state
 * @returns {DoorWord}
 */
export function doorWord(state) {
  if (state === null) return "unknown";
  if (state.lockdown) return "lockdown";
  if (state.lock === "unlocked") return "unlocked";
  return state.contact === "open" ? "open" : "locked";
}

/** @type {Readonly<Record<DoorWord, { icon: string, tone: string }>>} */
export const DOOR_LOOKS = {
  locked: { icon: "lock", tone: "plain" },
  unlocked: { icon: "lock-open", tone: "good" },
  open: { icon: "door-open", tone: "wait" },
  lockdown: { icon: "shield-alert", tone: "bad" },
  unknown: { icon: "clock", tone: "plain" },
};
