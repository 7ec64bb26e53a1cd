/**
 * The live view's stream: a header (JSON) and a JPEG for each picture, each after its length in 4 bytes, the most
 * significant first (`daemon/live/pictures.py`).
 */
import { request } from "./api.js";

/** @typedef {{ header: any, jpeg: Uint8Array<ArrayBuffer> }} LiveFrame */

/** More than any picture of a terminal: beyond it the stream is not one of ours. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Puts pictures together out of bytes as they come. Pure. */
export class FrameParser {
  #rest = new Uint8Array(0);

  /**
   * Take the next bytes, which may end anywhere; gives the pictures that are complete with them, oldest first.
   * @param {Uint8Array} bytes
   * @returns {LiveFrame[]} Raises RangeError for a length that can't be.
   */
  push(bytes) {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const frames = [];
    let at = 0;
    for (;;) {
      const header = part(all, at);
      const jpeg = header && part(all, header.end);
      if (!header || !jpeg) break;
      frames.push({
        header: JSON.parse(new TextDecoder().decode(header.bytes)),
        jpeg: jpeg.bytes,
      });
      at = jpeg.end;
    }
    this.#rest = all.slice(at);
    return frames;
  }
}

/**
 * Follow a live view to its end, showing only the newest of the pictures that have come.
 * @param {string} path
 * @param {{ headers: Record<string, string>, signal: AbortSignal, onFrame: (frame: LiveFrame) => void }} how
 * @returns {Promise<void>} Raises CallError, and what an abort raises.
 */
export async function follow(path, { headers, signal, onFrame }) {
  const response = await request("GET", path, { headers, signal });
  const reader = response.body?.getReader();
  const parser = new FrameParser();
  for (
    let next = await reader?.read();
    next && !next.done;
    next = await reader?.read()
  ) {
    const newest = parser.push(next.value).at(-1);
    if (newest) onFrame(newest);
  }
}

/**
 * @param {Uint8Array<ArrayBuffer>} all
 * @param {number} at
 * @returns {{ bytes: Uint8Array<ArrayBuffer>, end: number } | null} null while some of it has not come
 */
function part(all, at) {
  if (all.length < at + 4) return null;
  const length = new DataView(all.buffer, all.byteOffset + at).getUint32(0);
  if (length > MOST_BYTES) throw new RangeError(`a picture of ${length} bytes`);
  const end = at + 4 + length;
  return all.length < end ? null : { bytes: all.subarray(at + 4, end), end };
}
