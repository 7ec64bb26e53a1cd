/** The live view: pictures are fetched only while it is shown, and the newest one is drawn. */
import { Backoff } from "../shared/backoff.js";
import { follow } from "../shared/frames.js";

export class Mirror {
  #canvas;
  #headers;
  /** @type {AbortController | null} */
  #running = null;
  /** @type {Uint8Array<ArrayBuffer> | null} */
  #next = null;
  #drawing = false;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Record<string, string>} headers
   */
  constructor(canvas, headers) {
    this.#canvas = canvas;
    this.#headers = headers;
  }

  /** @param {boolean} on */
  show(on) {
    if (on && this.#running === null) {
      this.#running = new AbortController();
      void this.#run(this.#running.signal);
    } else if (!on && this.#running !== null) {
      this.#running.abort();
      this.#running = null;
      this.#next = null;
      this.#canvas.hidden = true;
      // Nobody's face stays behind in a hidden picture.
      this.#canvas.width = this.#canvas.height = 1;
    }
  }

  /** @param {AbortSignal} signal */
  async #run(signal) {
    const backoff = new Backoff();
    while (!signal.aborted) {
      const onFrame = (
        /** @type {import("../shared/frames.js").LiveFrame} */ frame,
      ) => {
        backoff.reset();
        this.#next = frame.jpeg;
        void this.#draw(signal);
      };
      await follow("/screen/view", {
        headers: this.#headers,
        signal,
        onFrame,
      }).catch(() => {});
      if (!signal.aborted)
        await new Promise((resolve) => setTimeout(resolve, backoff.next()));
    }
  }

  /**
   * Draw until nothing newer is there: what comes while one picture is decoded takes the place of what has come before.
   * @param {AbortSignal} signal
   */
  async #draw(signal) {
    if (this.#drawing) return;
    this.#drawing = true;
    try {
      for (let jpeg = this.#next; jpeg && !signal.aborted; jpeg = this.#next) {
        this.#next = null;
        const picture = await createImageBitmap(
          new Blob([jpeg], { type: "image/jpeg" }),
        );
        if (!signal.aborted) this.#put(picture);
        picture.close();
      }
    } finally {
      this.#drawing = false;
    }
  }

  /** @param {ImageBitmap} picture */
  #put(picture) {
    const canvas = this.#canvas;
    if (canvas.width !== picture.width || canvas.height !== picture.height) {
      canvas.width = picture.width;
      canvas.height = picture.height;
    }
    canvas.getContext("2d", { alpha: false })?.drawImage(picture, 0, 0);
    canvas.hidden = false;
  }
}
