// What only the screens about people say.

import type { people } from "./en.people";

export type PeopleTexts = typeof people;

/** The texts in use. Set by `ui/later.ts`, which fetches them with the screens that say them. */
export let p: PeopleTexts;

export function speakOfPeople(texts: PeopleTexts): void {
  p = texts;
}
