// Is the path of the sound alive? Pure: what came from the server so far, what has to come now, and the clock.

/** What the server sends of itself, as long as the path carries it. */
export type Expected =
  /** Somebody else is heard now: fifty packets a second, a few in a pause. */
  | "voice"
  /** My own voice is on: reports on it, twice a second (`media::limits::SPEAKER_REPORTS`). */
  | "reports"
  /** Nobody speaks: only answers to the browser's checks, every few seconds. */
  | "nothing";

/** So long nothing may come while something has to: four reports in a row that were lost, or a hundred packets. */
export const SILENCE_MAX_MS = 2_000;

/** So long nothing may come on a path that the browser calls disconnected: several packets of a pause. */
export const QUIET_MAX_MS = 1_000;

export interface Pulse {
  /** Grows with everything that arrives (`Levels.signs`). */
  readonly signs: number;
  readonly expected: Expected;
  /** The last sign of life, or the moment from which one is expected. */
  readonly since: number;
  /** The last sign of life, expected or not. */
  readonly heard: number;
}

export function begin(now: number): Pulse {
  return { signs: 0, expected: "nothing", since: now, heard: now };
}

export function beat(before: Pulse, now: number, signs: number, expected: Expected): Pulse {
  const waits = expected !== "nothing" && before.expected !== "nothing" && signs === before.signs;
  return { signs, expected, since: waits ? before.since : now, heard: signs === before.signs ? before.heard : now };
}

export function isDead(pulse: Pulse, now: number): boolean {
  return pulse.expected !== "nothing" && now - pulse.since >= SILENCE_MAX_MS;
}

/**
 * Whether a browser is right that calls the path disconnected. It says so when answers to its checks stay away, as they do
 * for seconds on a network that loses much, while voices still come.
 */
export function isCutOff(pulse: Pulse, now: number): boolean {
  return now - pulse.heard >= QUIET_MAX_MS;
}
