// When a line counts as weak: for what comes to my ears, and for what my microphone sends. Pure.

/** Share lost, averaged, from which a way counts as weak, and below which it counts as well again. */
const WEAK_FROM = 0.08;
const WELL_BELOW = 0.02;
/** How much one reading weighs against all before. */
const WEIGHT = 0.05;

/** One way of a line. */
export interface Way {
  /** Share of it that was invented here or never arrived there, averaged. */
  readonly missing: number;
  readonly is: "well" | "weak";
}

export const WELL: Way = { missing: 0, is: "well" };

/** The way after one more reading. */
export function after(way: Way, reading: number): Way {
  const missing = way.missing * (1 - WEIGHT) + reading * WEIGHT;
  return { missing, is: missing > (way.is === "weak" ? WELL_BELOW : WEAK_FROM) ? "weak" : "well" };
}

/** Who misses something: I, those who listen to me, or both. */
export type Misses = "me" | "others" | "both";

export function whoMisses(down: Way, up: Way): Misses | null {
  if (down.is === "weak") return up.is === "weak" ? "both" : "me";
  return up.is === "weak" ? "others" : null;
}
