// What only the sheets say, and what those see who keep order.

import type { sheets } from "./en.sheets";

export type SheetTexts = typeof sheets;

/** The texts in use. Set by `ui/later.ts`, which fetches them with the screens that say them. */
export let w: SheetTexts;

export function speakInSheets(texts: SheetTexts): void {
  w = texts;
}
