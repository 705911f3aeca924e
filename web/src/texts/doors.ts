// What only the ways in say: who is signed in already never sees them.

import type { doors } from "./en.doors";

export type DoorTexts = typeof doors;

/** The texts in use. Set by `ui/later.ts`, which fetches them with the screens that say them. */
export let d: DoorTexts;

export function speakAtDoors(texts: DoorTexts): void {
  d = texts;
}
