/** Calls as the person who is logged in: the session's cookie goes along by itself, its CSRF token by these. */
import { CallError, call } from "../shared/api.js";

/** 401 too, but about what was typed, not about the session. */
const WRONG_PASSWORD = "A_006";

export class Calls {
  #token = "";
  #onSignedOut;

  /** @param {() => void} onSignedOut told when the terminal no longer knows the session */
  constructor(onSignedOut) {
    this.#onSignedOut = onSignedOut;
  }

  /** @param {string} token */
  use(token) {
    this.#token = token;
  }

  /**
   * @template T
   * @param {string} path
   * @param {AbortSignal} [signal]
   * @returns {Promise<T>}
   */
  get(path, signal) {
    return this.#make("GET", path, signal ? { signal } : {});
  }

  /**
   * @template T
   * @param {"POST" | "PUT" | "DELETE"} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<T>}
   */
  send(method, path, body) {
    const headers = { "X-CSRF-Token": this.#token };
    return this.#make(method, path, { body, headers });
  }

  /**
   * @template T
   * @param {string} method
   * @param {string} path
   * @param {import("../shared/api.js").CallOptions} options
   * @returns {Promise<T>}
   */
  async #make(method, path, options) {
    try {
      return await call(method, path, options);
    } catch (error) {
      if (
        error instanceof CallError &&
        error.status === 401 &&
        error.code !== WRONG_PASSWORD
      )
        this.#onSignedOut();
      throw error;
    }
  }
}

/**
 * A path with its query; values that are empty are left out.
 * @param {string} path
 * @param {Readonly<Record<string, string | number | null | undefined>>} values
 */
export function withQuery(path, values) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== "")
      query.set(name, String(value));
  }
  return query.size > 0 ? `${path}?${query}` : path;
}

/** @param {string} personId */
export function personPath(personId) {
  return `/person/${encodeURIComponent(personId)}`;
}
