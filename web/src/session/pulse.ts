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

export interface Pulse {
  /** Grows with everything that arrives (`Levels.signs`). */
  readonly signs: number;
  readonly expected: Expected;
  /** The last sign of life, or the moment from which one is expected. */
  readonly since: number;
}

export function begin(now: number): Pulse {
  return { signs: 0, expected: "nothing", since: now };
}

export function beat(before: Pulse, now: number, signs: number, expected: Expected): Pulse {
  const waits = expected !== "nothing" && before.expected !== "nothing" && signs === before.signs;
  return { signs, expected, since: waits ? before.since : now };
}

export function isDead(pulse: Pulse, now: number): boolean {
  return pulse.expected !== "nothing" && now - pulse.since >= SILENCE_MAX_MS;
}
