// What is said in rooms beside the conversation itself: hands and their topics, and what hangs on the wall.

import type { inroom } from "./en.inroom";

export type InRoomTexts = typeof inroom;

/** The texts in use. Set by `ui/later.ts`, which fetches them with the screens that say them. */
export let r: InRoomTexts;

export function speakInRooms(texts: InRoomTexts): void {
  r = texts;
}
