/**
 * A stream of server-sent events that comes back by itself. Read with fetch, because EventSource can send no header and
 * doesn't tell why it failed.
 */
import { CallError, request } from "./api.js";
import { Backoff } from "./backoff.js";
import { EventParser } from "./sse.js";

/** The terminal breaks its silence each 15 s at the latest: a stream that is quiet for longer is dead. */
const SILENCE_MS = 35_000;

/**
 * @typedef {"connecting" | "online" | "offline" | "refused"} ConnectionState
 * `refused`: the terminal is there, but this page may not listen (401, 403, 404); it goes on trying all the same.
 */

/**
 * @typedef {object} Subscription
 * @property {string} path
 * @property {(event: string, data: any) => void} onEvent `data` is parsed JSON
 * @property {(state: ConnectionState, error: CallError | null) => void} onState
 * @property {() => Record<string, string>} [headers] asked for at each connection
 * @property {Backoff} [backoff]
 */

/**
 * Listen until the function that this gives is called.
 * @param {Subscription} subscription
 * @returns {() => void}
 */
export function subscribe({
  path,
  onEvent,
  onState,
  headers = () => ({}),
  backoff = new Backoff(),
}) {
  const end = new AbortController();
  /** @type {() => void} */
  let hurry = () => {};
  const online = () => hurry();
  window.addEventListener("online", online, { signal: end.signal });

  async function run() {
    onState("connecting", null);
    while (!end.signal.aborted) {
      const error = await listen(path, {
        headers: headers(),
        stop: end.signal,
        onEvent,
        onOpen: opened,
      });
      if (end.signal.aborted) return;
      if (error !== null)
        onState(error.status === 0 ? "offline" : "refused", error);
      await new Promise((resolve) => {
        hurry = () => resolve(undefined);
        setTimeout(hurry, backoff.next());
      });
    }
  }

  function opened() {
    backoff.reset();
    onState("online", null);
  }

  void run();
  return () => end.abort();
}

/**
 * One connection, to its end; gives why it failed, or null when the terminal ended an open one: it does so now and then,
 * and is asked again soon. Never raises.
 * @param {string} path
 * @param {{ headers: Record<string, string>, stop: AbortSignal, onEvent: Subscription["onEvent"], onOpen: () => void }} how
 * @returns {Promise<CallError | null>}
 */
async function listen(path, { headers, stop, onEvent, onOpen }) {
  const silence = new AbortController();
  let watch = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const signal = AbortSignal.any([stop, silence.signal]);
    const response = await request("GET", path, {
      headers: { Accept: "text/event-stream", ...headers },
      signal,
    });
    if (response.body === null)
      return new CallError(0, "offline", "the terminal's answer is empty");
    onOpen();
    const parser = new EventParser();
    const reader = response.body
      .pipeThrough(new TextDecoderStream())
      .getReader();
    for (
      let part = await reader.read();
      !part.done;
      part = await reader.read()
    ) {
      clearTimeout(watch);
      watch = setTimeout(() => silence.abort(), SILENCE_MS);
      for (const { event, data } of parser.push(part.value))
        hand(onEvent, event, data);
    }
    return null;
  } catch (error) {
    return error instanceof CallError
      ? error
      : new CallError(0, "offline", String(error));
  } finally {
    clearTimeout(watch);
  }
}

/**
 * A page's own mistake is the page's: it is reported and does not end the stream.
 * @param {Subscription["onEvent"]} onEvent
 * @param {string} event
 * @param {string} data
 */
function hand(onEvent, event, data) {
  try {
    onEvent(event, JSON.parse(data));
  } catch (error) {
    reportError(error);
  }
}
