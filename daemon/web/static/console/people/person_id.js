/** Which ids a terminal takes, and what of a file's name can be one. */

export const PERSON_ID = /^[A-Za-z0-9._:@-]{1,128}$/;

/**
 * @param {string} name a file's
 * @returns {string} an id, or nothing
 */
export function idOfFile(name) {
  return name
    .replace(/\.[^.]*$/, "")
    .normalize("NFKD")
    .replace(/\s+/g, ".")
    .replace(/[^A-Za-z0-9._:@-]/g, "")
    .slice(0, 128);
}
