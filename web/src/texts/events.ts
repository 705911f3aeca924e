// What only the screens about announced events say.

import type { events } from "./en.events";

export type EventTexts = typeof events;

/** The texts in use. Set by `ui/later.ts`, which fetches them with the screens that say them. */
export let e: EventTexts;

export function speakOfEvents(texts: EventTexts): void {
  e = texts;
}
