/**
 * What is to be seen, made of what the terminal said. Pure: no clock, no page.
 * @import { IconName } from "./icons.js"
 * @import { ConnectionState } from "../shared/events.js"
 */

/** @typedef {keyof typeof import("./languages/en.json")} Key */
/** @typedef {"idle" | "guide" | "challenge" | "good" | "bad" | "wait" | "broken"} Mood */

/**
 * `detail` is a second, smaller line. `name` is the person's, and shown with the sentence.
 * @typedef {{ mood: Mood, icon: IconName, sentence: Key, detail?: Key, name?: string }} Scene
 */

/** @typedef {{ hint: string, door: string, condition: string }} Standing */
/** @typedef {{ outcome: string, name: string }} Happened */

/**
 * `outcome` is null once its time is over.
 * @typedef {{ connection: ConnectionState, standing: Standing, outcome: Happened | null }} ScreenState
 */

/** @type {Readonly<Record<string, Scene>>} */
const HINTS = {
  idle: { mood: "idle", icon: "look", sentence: "idle" },
  done: { mood: "guide", icon: "good", sentence: "hint.done" },
  wait: { mood: "guide", icon: "wait", sentence: "hint.wait" },
  come_closer: { mood: "guide", icon: "closer", sentence: "hint.come_closer" },
  look_here: { mood: "guide", icon: "look", sentence: "hint.look_here" },
  more_light: { mood: "guide", icon: "light", sentence: "hint.more_light" },
  less_light: { mood: "guide", icon: "shade", sentence: "hint.less_light" },
  hold_still: { mood: "guide", icon: "still", sentence: "hint.hold_still" },
  open_eyes: { mood: "guide", icon: "eye", sentence: "hint.open_eyes" },
  show_eyes: { mood: "guide", icon: "eye", sentence: "hint.show_eyes" },
  uncover: { mood: "guide", icon: "uncover", sentence: "hint.uncover" },
  one_at_a_time: { mood: "guide", icon: "one", sentence: "hint.one_at_a_time" },
  turn_left: { mood: "challenge", icon: "left", sentence: "hint.turn_left" },
  turn_right: { mood: "challenge", icon: "right", sentence: "hint.turn_right" },
  blink: { mood: "challenge", icon: "eye", sentence: "hint.blink" },
};

/** @type {Readonly<Record<string, Scene>>} */
const OUTCOMES = {
  welcome: { mood: "good", icon: "good", sentence: "outcome.welcome" },
  not_recognised: {
    mood: "bad",
    icon: "bad",
    sentence: "outcome.not_recognised",
  },
  try_again: { mood: "bad", icon: "again", sentence: "outcome.try_again" },
  please_wait: { mood: "wait", icon: "wait", sentence: "outcome.please_wait" },
  outside_hours: {
    mood: "bad",
    icon: "clock",
    sentence: "outcome.outside_hours",
  },
  no_access: { mood: "bad", icon: "bad", sentence: "outcome.no_access" },
  passback: { mood: "bad", icon: "door", sentence: "outcome.passback" },
  second_person: {
    mood: "wait",
    icon: "two",
    sentence: "outcome.second_person",
  },
  second_factor: {
    mood: "wait",
    icon: "keypad",
    sentence: "outcome.second_factor",
  },
  wrong_factor: {
    mood: "bad",
    icon: "keypad",
    sentence: "outcome.wrong_factor",
  },
  too_late: { mood: "bad", icon: "again", sentence: "outcome.too_late" },
  locked_down: { mood: "bad", icon: "lock", sentence: "outcome.locked_down" },
};

/** @type {Readonly<Record<string, Scene>>} */
const CONDITIONS = {
  camera: {
    mood: "broken",
    icon: "blind",
    sentence: "condition.camera",
    detail: "condition.help",
  },
  door: {
    mood: "broken",
    icon: "door",
    sentence: "condition.door",
    detail: "condition.help",
  },
};

/** @type {Readonly<Record<string, Scene>>} */
const DOORS = {
  locked_down: { mood: "bad", icon: "lock", sentence: "outcome.locked_down" },
  held_open: { mood: "wait", icon: "door", sentence: "door.held_open" },
};

/** @type {Scene} */
const OFFLINE = {
  mood: "broken",
  icon: "away",
  sentence: "connection.offline",
  detail: "condition.help",
};
/** @type {Scene} */
const REFUSED = {
  mood: "broken",
  icon: "key",
  sentence: "connection.refused",
  detail: "connection.refused_help",
};
/** @type {Scene} */
const IDLE = { mood: "idle", icon: "look", sentence: "idle" };

/**
 * What can't work comes first, then what happened, then what the door is like, then what to do.
 * @param {ScreenState} state
 * @returns {Scene}
 */
export function sceneOf({ connection, standing, outcome }) {
  if (connection === "refused") return REFUSED;
  if (connection === "offline") return OFFLINE;
  const hint = HINTS[standing.hint] ?? IDLE;
  const happened = outcome && OUTCOMES[outcome.outcome];
  if (outcome && happened) return named(happened, outcome.name);
  const broken = CONDITIONS[standing.condition];
  if (broken) return broken;
  return DOORS[standing.door] ?? hint;
}

/** Every sentence that may be shown, for the test that holds the languages complete. */
export const SCENES = [
  HINTS,
  OUTCOMES,
  CONDITIONS,
  DOORS,
  { OFFLINE, REFUSED, IDLE },
].flatMap((t) => Object.values(t));

/**
 * @param {Scene} scene
 * @param {string} name
 * @returns {Scene}
 */
function named(scene, name) {
  return name === ""
    ? scene
    : { ...scene, sentence: "outcome.welcome_name", name };
}
