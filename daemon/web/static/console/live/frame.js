/** A frame as the terminal sees it: the picture, whose faces are in it, and what each stage says of them. */

/**
 * A measured value and its limits.
 * @typedef {object} Measure
 * @property {string} name
 * @property {number} value
 * @property {string} [unit]
 * @property {number | null} [minimum]
 * @property {number | null} [maximum]
 * @property {boolean} ok
 */

/**
 * @typedef {object} Cue
 * @property {string} name
 * @property {number | null} score 0 to 1; null: not measured yet
 * @property {number} threshold
 * @property {boolean} ok
 */

/**
 * @typedef {object} LiveFace
 * @property {number} trackId
 * @property {[number, number, number, number]} box x, y, width, height in pixels
 * @property {"watching" | "granted" | "denied"} state
 * @property {string | null} [reason]
 * @property {string | null} [personId]
 * @property {number | null} [similarity] percent
 * @property {number | null} [liveness] 0 to 1
 * @property {Measure[]} quality
 * @property {Cue[]} cues
 */

/**
 * @typedef {object} LiveEnrolment
 * @property {string} personId
 * @property {number} taken
 * @property {number} wanted
 * @property {string | null} [hint]
 */

/**
 * @typedef {object} LiveFrame
 * @property {number} seq
 * @property {string} capturedAt
 * @property {number} width pixels
 * @property {number} height pixels
 * @property {string} jpeg Base64
 * @property {LiveFace[]} faces
 * @property {Record<string, number>} stageMs
 * @property {number} [fps]
 * @property {LiveEnrolment | null} [enrolment]
 */

/**
 * The face that counts: the one that takes most of the picture.
 * @param {readonly LiveFace[]} faces
 * @returns {LiveFace | null}
 */
export function largest(faces) {
  return faces.reduce(
    (/** @type {LiveFace | null} */ best, face) =>
      best === null || area(face) > area(best) ? face : best,
    null,
  );
}

/** @param {LiveFace} face */
function area({ box: [, , width, height] }) {
  return width * height;
}
