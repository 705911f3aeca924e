// Parts that are fetched when they are needed, or a little before, with what they say in the language spoken here.

import { spoken } from "../texts";
import { speakOfClubs } from "../texts/clubs";
import { speakAtDoors } from "../texts/doors";
import { speakOfEvents } from "../texts/events";
import { speakInRooms } from "../texts/inroom";
import { speakOfPeople } from "../texts/people";
import { speakInSettings } from "../texts/settings";
import { speakInSheets } from "../texts/sheets";

const atDoors = (): Promise<void> => spoken.doors().then(speakAtDoors);

async function saying<Part>(words: Promise<unknown>, part: Promise<Part>): Promise<Part> {
  const [loaded] = await Promise.all([part, words]);
  return loaded;
}

export const sheets = () =>
  saying(Promise.all([spoken.sheets().then(speakInSheets), spoken.inroom().then(speakInRooms)]), import("./sheets"));
export const doors = () => saying(atDoors(), import("./door"));
export const firstSteps = () => saying(spoken.sheets().then(speakInSheets), import("./hallway/FirstSteps.svelte"));
/** With the sheets' words: whoever announces something picks people as in one of them. */
export const events = () =>
  saying(Promise.all([spoken.events().then(speakOfEvents), spoken.sheets().then(speakInSheets)]), import("./events"));
/** With the words of sheets, in which people are met as well. */
export const people = () =>
  saying(Promise.all([spoken.people().then(speakOfPeople), spoken.sheets().then(speakInSheets)]), import("./people"));
/** With the words of sheets and settings, of which people are picked and pictures are cut. */
export const clubs = () =>
  saying(
    Promise.all([spoken.clubs().then(speakOfClubs), spoken.sheets().then(speakInSheets), spoken.settings().then(speakInSettings)]),
    import("./clubs"),
  );
/** With the words of doors and sheets: a guest comes in by the one, and is in a room by the other. */
export const guests = () => saying(Promise.all([doors(), sheets()]), import("./guest"));
export const reactions = () => import("./reactions");
/** With the words of the doors, for ways back in, and of sheets, with which it shares the keys and what is measured. */
export const settings = () =>
  saying(
    Promise.all([atDoors(), spoken.settings().then(speakInSettings), spoken.sheets().then(speakInSheets)]),
    import("./settings/SettingsScreen.svelte"),
  );

/** How long the first screen has for itself before the rest is fetched, in milliseconds. */
const SETTLED_MS = 1_500;
/** Between two tries to fetch it. */
const AGAIN_MS = 10_000;

/** Fetches the sheets in good time: an upgraded server no longer has them, and a room must not miss any. */
export function fetchSheets(fetched: () => void): () => void {
  let timer = setTimeout(fetch, SETTLED_MS);
  function fetch(): void {
    sheets().then(fetched, () => {
      timer = setTimeout(fetch, AGAIN_MS);
    });
  }
  return () => clearTimeout(timer);
}
