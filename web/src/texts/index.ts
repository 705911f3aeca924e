// Every word on screen comes from here. A language is eight files with the shapes of `en.ts`, `en.sheets.ts`, `en.doors.ts`,
// `en.events.ts`, `en.inroom.ts`, `en.people.ts`, `en.clubs.ts` and `en.settings.ts`, of which all but the first travel with the screens that say them; a missing key is a type error.
// How one is added: docs/translating.md.

import type { ClubTexts } from "./clubs";
import type { DoorTexts } from "./doors";
import { en } from "./en";
import type { EventTexts } from "./events";
import type { InRoomTexts } from "./inroom";
import type { PeopleTexts } from "./people";
import type { SettingsTexts } from "./settings";
import type { SheetTexts } from "./sheets";

export type Texts = typeof en;
export { bare, name, pieces } from "./format";

export interface Language {
  readonly locale: string;
  readonly dir: "ltr" | "rtl";
  readonly load: () => Promise<Texts>;
  readonly sheets: () => Promise<SheetTexts>;
  readonly doors: () => Promise<DoorTexts>;
  readonly events: () => Promise<EventTexts>;
  readonly inroom: () => Promise<InRoomTexts>;
  readonly people: () => Promise<PeopleTexts>;
  readonly clubs: () => Promise<ClubTexts>;
  readonly settings: () => Promise<SettingsTexts>;
}

const ENGLISH: Language = {
  locale: "en",
  dir: "ltr",
  load: async () => en,
  sheets: async () => (await import("./en.sheets")).sheets,
  doors: async () => (await import("./en.doors")).doors,
  events: async () => (await import("./en.events")).events,
  inroom: async () => (await import("./en.inroom")).inroom,
  people: async () => (await import("./en.people")).people,
  clubs: async () => (await import("./en.clubs")).clubs,
  settings: async () => (await import("./en.settings")).settings,
};

/** English is there before anything is fetched: whatever fails, the page can say so. The others come when they are spoken. */
const FETCHED: Readonly<Record<string, () => Promise<{ readonly language: Language }>>> = {
  ru: () => import("./ru"),
  ar: () => import("./ar"),
};

/** In the order in which they are offered. */
export const LOCALES: readonly string[] = ["en", ...Object.keys(FETCHED)];

/** The texts in use. Set once, before the first screen. */
export let t: Texts = en;
/** The language in use: what other screens say is fetched in it, with them. */
export let spoken: Language = ENGLISH;

export async function speak(language: Language, root: Pick<HTMLElement, "lang" | "dir">): Promise<void> {
  t = await language.load();
  spoken = language;
  root.lang = language.locale;
  root.dir = language.dir;
}

/** The language that fits best: of what was chosen, and of what the browser asks for. */
export async function fitting(wanted: readonly string[]): Promise<Language> {
  const locale = wanted.map((tag) => tag.split("-")[0] ?? "").find((tag) => LOCALES.includes(tag)) ?? "";
  return (await FETCHED[locale]?.())?.language ?? ENGLISH;
}
