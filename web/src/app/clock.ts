import { createSubscriber } from "svelte/reactivity";

/** Between two looks at the clock, in milliseconds: whole seconds change at most this late. */
const TICK_MS = 250;

const ticking = createSubscriber((update) => {
  const timer = setInterval(update, TICK_MS);
  return () => clearInterval(timer);
});

/** Reads a clock and, inside an effect or a template, reads it again several times a second. */
export function ticked(read: () => number): number {
  ticking();
  return read();
}

/**
 * Seconds until a moment of the server's clock. Clocks differ, so a moment that lies further away than it can
 * (`longestMs`), or in the past when it is new, is counted from when it was first seen.
 */
export class Countdown {
  readonly #end: number;

  constructor(until: number, longestMs: number, now: number) {
    const left = until - now;
    this.#end = left > 0 && left <= longestMs ? until : now + longestMs;
  }

  seconds(now: number): number {
    return Math.max(0, Math.ceil((this.#end - now) / 1000));
  }
}
