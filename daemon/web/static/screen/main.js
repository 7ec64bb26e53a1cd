/**
 * The screen: listens to the terminal, and shows what follows from what it says.
 * @import { Key, ScreenState } from "./scene.js"
 */
import { byId } from "../shared/dom.js";
import { subscribe } from "../shared/events.js";
import { Words, loadWords } from "../shared/i18n.js";
import { takeKey } from "./key.js";
import { Mirror } from "./mirror.js";
import { Moment } from "./moment.js";
import { Picture } from "./picture.js";
import { sceneOf } from "./scene.js";
import { Sound } from "./sound.js";

const TICK_MS = 1_000;

/** @typedef {{ language: string, view: boolean, sound: boolean, build: string }} ScreenSettings */

const headers = takeKey();
const mirror = new Mirror(byId("mirror", HTMLCanvasElement), headers);
const moment = new Moment();
const picture = new Picture();
const sound = new Sound();

/** @type {ScreenState} */
const state = {
  connection: "connecting",
  standing: { hint: "idle", door: "normal", condition: "good" },
  outcome: null,
};
/** @type {Words<Key>} */
let words = await loadWords("/web/screen/languages", "en");
/** @type {ScreenSettings | null} */
let settings = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let ending;

function show() {
  // Before the terminal has said in which language, there is nothing to say but that it is away.
  if (
    settings === null &&
    (state.connection === "connecting" || state.connection === "online")
  )
    return;
  const scene = sceneOf(state);
  if (picture.show(scene, words)) sound.play(scene.mood);
  mirror.show(
    settings?.view === true &&
      state.connection === "online" &&
      state.standing.hint !== "idle",
  );
}

/** @param {ScreenSettings} given */
async function configure(given) {
  // After an update of the terminal, this page is yesterday's.
  if (settings && settings.build !== given.build) return location.reload();
  settings = given;
  sound.on = given.sound;
  if (words.language !== given.language)
    words = await loadWords("/web/screen/languages", given.language);
  document.documentElement.lang = words.language;
  document.title = words.say("title");
  show();
}

/** @param {{ outcome: string, name: string, at: number }} happened */
function happen(happened) {
  const left = moment.left(happened, Date.now());
  clearTimeout(ending);
  state.outcome = left > 0 ? happened : null;
  ending = setTimeout(forget, left);
}

function forget() {
  state.outcome = null;
  show();
}

subscribe({
  path: "/screen/events",
  headers: () => headers,
  onState(connection) {
    state.connection = connection;
    if (connection !== "online") state.outcome = null;
    show();
  },
  onEvent(event, data) {
    moment.heard(data.sent, Date.now());
    if (event === "settings") void configure(data);
    if (event === "standing") state.standing = data;
    if (event === "outcome") happen(data);
    show();
  },
});

setInterval(() => picture.tick(new Date(), words.language), TICK_MS);
picture.tick(new Date(), words.language);
// What was on the page when it was put away must not be seen when it comes back.
addEventListener("pagehide", forget);
