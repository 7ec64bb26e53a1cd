/**
 * The key of a screen that is not on the terminal itself. It comes in the address behind `#key=`, which no browser sends
 * to anybody, and stays in the memory of this tab alone.
 */
const PLACE = "auther screen key";

/**
 * Take the key out of the address, or from before a reload.
 * @returns {Record<string, string>} the headers that show it, none without a key
 */
export function takeKey() {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given) {
    sessionStorage.setItem(PLACE, given);
    history.replaceState(null, "", location.pathname);
  }
  const key = sessionStorage.getItem(PLACE);
  /** @type {Record<string, string>} */
  const headers = {};
  if (key) headers["Authorization"] = `Bearer ${key}`;
  return headers;
}
