/** The whole page while there is nothing else to show: the terminal can't be reached. */
import { CallError } from "../shared/api.js";
import { fill, h } from "../shared/dom.js";
import { explain } from "./ui/failure.js";
import { notice } from "./ui/pane.js";

const AGAIN_MS = 2000;

/**
 * Say so, and wait until it is worth trying again.
 * @param {Element} place
 * @param {import("./words.js").Language} language
 * @param {unknown} error
 */
export async function unreachable(place, language, error) {
  const offline = error instanceof CallError && error.offline;
  const told = notice({
    icon: offline ? "unplug" : "triangle-alert",
    title: language.say(offline ? "offline.title" : "failed.title"),
    text: offline ? language.say("offline.text") : explain(language, error),
  });
  fill(
    place,
    h(
      "main",
      { class: "gate" },
      h("h1", { class: "only-heard" }, language.say("console")),
      told,
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
}
