/** Calls of the terminal: JSON in, JSON out, and one kind of error that a person can be told. */

/** @typedef {{ field: string, message: string }} Problem what is wrong with one field of what was sent */

/**
 * What a call failed with. `status` 0 means that the terminal could not be reached; `code` is the API's own (`R_002`).
 */
export class CallError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   * @param {readonly Problem[]} [problems]
   */
  constructor(status, code, message, problems = []) {
    super(message);
    this.name = "CallError";
    this.status = status;
    this.code = code;
    this.problems = problems;
  }

  get offline() {
    return this.status === 0;
  }
}

/**
 * @typedef {object} CallOptions
 * @property {unknown} [body] sent as JSON
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 */

/**
 * Make a call; gives the response once its status is a good one. Raises CallError; an abort raises as fetch does.
 * @param {string} method
 * @param {string} path
 * @param {CallOptions} [options]
 * @returns {Promise<Response>}
 */
export async function request(
  method,
  path,
  { body, headers = {}, signal } = {},
) {
  /** @type {RequestInit} */
  const init = {
    method,
    headers: { ...headers },
    cache: "no-store",
    credentials: "same-origin",
    redirect: "error",
  };
  if (signal) init.signal = signal;
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...headers, "Content-Type": "application/json" };
  }
  const response = await fetch(path, init).catch((error) => {
    if (signal?.aborted) throw error;
    throw new CallError(0, "offline", "the terminal can't be reached");
  });
  if (!response.ok) throw await failure(response);
  return response;
}

/**
 * Make a call and read its answer; null where there is none. `T` is what the caller knows of the answer's shape.
 * @template T
 * @param {string} method
 * @param {string} path
 * @param {CallOptions} [options]
 * @returns {Promise<T>}
 */
export async function call(method, path, options) {
  const response = await request(method, path, options);
  const text = await response.text();
  return text === "" ? /** @type {T} */ (null) : JSON.parse(text);
}

/**
 * @param {Response} response
 * @returns {Promise<CallError>}
 */
async function failure(response) {
  const body = await response.json().catch(() => ({}));
  const code = typeof body.code === "string" ? body.code : "";
  const message =
    typeof body.message === "string"
      ? body.message
      : `the terminal answered ${response.status}`;
  const problems = Array.isArray(body.problems) ? body.problems : [];
  return new CallError(response.status, code, message, problems);
}
