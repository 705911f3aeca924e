// What only the screens about clubs say.

import type { clubs } from "./en.clubs";

export type ClubTexts = typeof clubs;

/** The texts in use. Set by `ui/later.ts`, which fetches them with the screens that say them. */
export let c: ClubTexts;

export function speakOfClubs(texts: ClubTexts): void {
  c = texts;
}
