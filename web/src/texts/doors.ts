// What only the ways in say: who is signed in already never sees them.

import { doors } from "./en.doors";

export type DoorTexts = typeof doors;

/** The texts in use. Set before the first screen that says them. */
export let d: DoorTexts = doors;

export function speakAtDoors(texts: DoorTexts): void {
  d = texts;
}
