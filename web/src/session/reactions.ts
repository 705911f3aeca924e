// Reactions as counts: mine at once, everybody's as the server adds them up. Pure.

import type { Reaction } from "../protocol/Reaction";
import type { ReactionCount } from "../protocol/ReactionCount";

export type Counts = Readonly<Record<Reaction, number>>;

export interface Reactions {
  /** Since I came in. */
  readonly shown: Counts;
  /** Of mine: shown already, and still to come back among everybody's. */
  readonly ahead: Counts;
}

export const NONE: Counts = { applause: 0, heart: 0, laugh: 0, wow: 0, agree: 0, celebrate: 0 };
export const REACTIONS = Object.keys(NONE) as readonly Reaction[];
export const QUIET: Reactions = { shown: NONE, ahead: NONE };

/** I react: my screen does not wait for the server. */
export function reacted({ shown, ahead }: Reactions, reaction: Reaction): Reactions {
  return { shown: plus(shown, reaction, 1), ahead: plus(ahead, reaction, 1) };
}

/** Mine was not taken: it will not come back. */
export function notTaken({ shown, ahead }: Reactions, reaction: Reaction): Reactions {
  return { shown, ahead: plus(ahead, reaction, -1) };
}

/** Everybody's, mine among them. What a newer server counts and this page cannot draw is left out. */
export function told(reactions: Reactions, counts: readonly ReactionCount[]): Reactions {
  return counts
    .filter(({ reaction }) => REACTIONS.includes(reaction))
    .reduce(({ shown, ahead }, { reaction, count }) => {
      const mine = Math.min(count, ahead[reaction]);
      return { shown: plus(shown, reaction, count - mine), ahead: plus(ahead, reaction, -mine) };
    }, reactions);
}

/** What came between two looks; null for nothing. */
export function since(before: Counts, now: Counts): Counts | null {
  const fresh = { ...NONE };
  for (const reaction of REACTIONS) fresh[reaction] = Math.max(0, now[reaction] - before[reaction]);
  return REACTIONS.some((reaction) => fresh[reaction] > 0) ? fresh : null;
}

export function sum(one: Counts, other: Counts): Counts {
  return REACTIONS.reduce((all, reaction) => plus(all, reaction, other[reaction]), one);
}

function plus(counts: Counts, reaction: Reaction, count: number): Counts {
  return { ...counts, [reaction]: Math.max(0, counts[reaction] + count) };
}
