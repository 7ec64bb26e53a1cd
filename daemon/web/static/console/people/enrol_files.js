/** Enrol from pictures: one file a person, its name proposing the id; dropped or chosen, then sent one after the other. */
import { CallError } from "../../shared/api.js";
import { h } from "../../shared/dom.js";
import { personPath } from "../calls.js";
import { button } from "../ui/button.js";
import { openDialog } from "../ui/dialog.js";
import { explain } from "../ui/failure.js";
import { icon } from "../ui/icon.js";
import { candidate } from "./candidate.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("./candidate.js").Candidate} Candidate */

const PICTURES = "image/jpeg,image/png,image/webp,image/bmp";

/**
 * @param {App} app
 * @param {() => void} done
 */
export function enrolFiles(app, done) {
  /** @type {Candidate[]} */
  const candidates = [];
  const list = h("ul", { class: "candidates" });
  const send = button(
    app.say("enrol.files.send"),
    () => enrolAll(app, candidates, done),
    { tone: "primary", icon: "user-plus" },
  );

  /** @param {Iterable<File>} files */
  function add(files) {
    for (const file of files) {
      const one = candidate(app, file, () => {
        candidates.splice(candidates.indexOf(one), 1);
        send.hidden = candidates.length === 0;
      });
      candidates.push(one);
      list.append(one.element);
    }
    send.hidden = candidates.length === 0;
  }

  send.hidden = true;
  const dialog = openDialog(app, {
    title: app.say("enrol.files"),
    wide: true,
    body: [dropPlace(app, add), list],
    actions: [button(app.say("close"), () => dialog.close()), send],
    onClose: () => candidates.forEach((one) => one.close()),
  });
}

/**
 * @param {App} app
 * @param {(files: Iterable<File>) => void} add
 */
function dropPlace(app, add) {
  const chooser = h("input", {
    type: "file",
    accept: PICTURES,
    multiple: true,
    class: "only-heard",
    id: "files",
  });
  chooser.addEventListener("change", () => {
    add(chooser.files ?? []);
    chooser.value = "";
  });
  const place = h(
    "div",
    { class: "drop" },
    icon("image", "drop-icon"),
    h("p", {}, app.say("enrol.drop")),
    chooser,
    h(
      "label",
      { for: "files", class: "button plain" },
      icon("upload"),
      h("span", {}, app.say("enrol.choose")),
    ),
    h("p", { class: "quiet" }, app.say("enrol.files.text")),
  );
  for (const name of ["dragenter", "dragover"]) {
    place.addEventListener(name, (event) => {
      event.preventDefault();
      place.classList.add("over");
    });
  }
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    add(
      [...(event.dataTransfer?.files ?? [])].filter((file) =>
        file.type.startsWith("image/"),
      ),
    );
  });
  return place;
}

/**
 * One after the other: the terminal has one pair of eyes, and people at the door go first.
 * @param {App} app
 * @param {Candidate[]} candidates
 * @param {() => void} done
 */
async function enrolAll(app, candidates, done) {
  for (const one of candidates.filter((each) => each.wanted())) {
    const [personId, replace] = [one.personId(), one.replace()];
    if (personId === null) continue;
    one.say("wait", app.say("enrol.sending"));
    try {
      const body = { faceImage: await base64(one.file) };
      await app.calls.send(
        replace ? "PUT" : "POST",
        personPath(personId),
        body,
      );
      one.say("good", app.say("enrol.enrolled"));
    } catch (error) {
      const taken = error instanceof CallError && error.code === "R_007";
      if (taken) one.offerReplacing();
      one.say("bad", explain(app, error));
    }
  }
  done();
}

/**
 * @param {File} file
 * @returns {Promise<string>}
 */
function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () =>
      resolve(String(reader.result).replace(/^.*?,/s, "")),
    );
    reader.addEventListener("error", () =>
      reject(new CallError(400, "", `${file.name}: ${reader.error?.message}`)),
    );
    reader.readAsDataURL(file);
  });
}
