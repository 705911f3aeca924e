// How far a meter goes out for a level. Ears hear ratios: half as loud is a step down, not half of the way.

/** Below this nothing is shown: the noise of a quiet room. dB of full scale. */
const FLOOR_DB = -60;
/** Speech at arm's length is louder than this: the session calls it speaking, too. Root mean square, 0–1. */
const HEARD = 0.01;

/** 0–1 for a root mean square of 0–1. */
export function deflection(level: number): number {
  if (level <= 0) return 0;
  return Math.min(1, Math.max(0, (20 * Math.log10(level) - FLOOR_DB) / -FLOOR_DB));
}

export function hears(level: number): boolean {
  return level > HEARD;
}
