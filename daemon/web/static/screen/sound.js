/**
 * Short tones with what happened: up is good, down is not, one is a question.
 * @import { Mood } from "./scene.js"
 */

/** Pitches in hertz, one after the other. */
/** @type {Readonly<Partial<Record<Mood, number[]>>>} */
export const TONES = {
  good: [659.3, 880],
  bad: [392, 293.7],
  wait: [523.3],
  challenge: [523.3],
};

const LENGTH = 0.14;
const LOUDNESS = 0.12;

export class Sound {
  /** @type {AudioContext | null} */
  #audio = null;
  on = false;

  /** @param {Mood} mood */
  play(mood) {
    const tones = TONES[mood];
    if (!this.on || !tones) return;
    const audio = (this.#audio ??= new AudioContext());
    // Without a touch, browsers but for kiosks stay mute: that is no error.
    void audio.resume();
    tones.forEach((hertz, place) =>
      tone(audio, hertz, audio.currentTime + place * LENGTH),
    );
  }
}

/**
 * @param {AudioContext} audio
 * @param {number} hertz
 * @param {number} start seconds of the context's clock
 */
function tone(audio, hertz, start) {
  const oscillator = new OscillatorNode(audio, { frequency: hertz });
  const gain = new GainNode(audio, { gain: 0 });
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(LOUDNESS, start + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.001, start + LENGTH);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + LENGTH);
}
